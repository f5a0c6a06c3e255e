"""Files beside desk.toml: what is a credential in them, and what reports and snapshots hold anyway."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable

import pytest

from git_qoc.checks.credentials import MAX_TEXT_BYTES, check_text
from tests.checks.keys import (
    ALNUM,
    ALPACA_SECRET,
    AWS_ID,
    BINANCE,
    GITHUB,
    HEX,
    HEX_40,
    HEX_64,
    KRAKEN_SECRET,
    PEM,
    UPPER,
    UUID,
    base64_of,
    made_of,
)


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + made_of(ALNUM, 48, row).encode() for row in range(16))
    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


ICON = base64.b64encode(png()).decode()
WRAPPED = "\n".join(ICON[at : at + 76] for at in range(0, len(ICON), 76))
DIRTY = {
    "key in prose": ("research/a.md", f"the key is `{ALPACA_SECRET}`\n"),
    "secret in a table": ("research/a.md", f"| venue | secret |\n|---|---|\n| kraken | {KRAKEN_SECRET} |\n"),
    "password in a row": ("research/a.md", "| password | hunter2 |\n"),
    "JSON": ("research/a.json", f'{{"venue": "okx", "secret": "{made_of(HEX, 32)}"}}'),
    "notebook": ("research/a.ipynb", f"{{\"source\": [\"ex = okx({{'apiKey': '{UUID}'}})\\n\"]}}"),
    "comment of a drawing": ("research/a.svg", f'<svg><!-- {BINANCE} --><path d="M0 0L10 10"/></svg>'),
    "link": ("research/a.html", f'<a href="https://x.example/?token={made_of(HEX, 32)}">'),
    "entities": ("research/a.html", f"<p>&#65;{AWS_ID[1:]}</p>"),
    "CSV": ("research/a.csv", f"venue,key\nkraken,{KRAKEN_SECRET}\n"),
    "snapshot": ("snapshots/a.toml", f'[meta]\nnote = "{ALPACA_SECRET}"\n'),
    "snapshot that does not parse": ("snapshots/a.toml", f"[meta\n{GITHUB}\n"),
    "order": ("orders/open/a.toml", f'note = "{AWS_ID}"\n'),
    "private key": ("research/a.txt", PEM),
    "after an icon": ("research/a.md", f"![]({ICON})\n{ALPACA_SECRET}\n"),
}
CLEAN = {
    "transactions": ("research/a.md", f"| tx | `0x{HEX_64}` |\n| next | {HEX_64} |\n"),
    "git log": ("research/a.md", f"    commit {HEX_40}\n    Author: A <a@b.example>\n"),
    "icon": ("research/a.md", f"![icon](data:image/png;base64,{ICON})\n"),
    "icon without its kind": ("research/a.md", f"```\n{WRAPPED}\n```\n"),
    "icon in JSON": ("research/a.ipynb", f'{{"image/png": "{WRAPPED}"}}'.replace("\n", "\\n")),
    "drawing": ("research/a.svg", '<svg><path d="' + "M12h20v30l5-6z9L3-4" * 60 + '"/></svg>'),
    "floats": ("research/a.json", '{"sharpe": 1.2345678901234567, "x": -1.7976931348623157e-308}'),
    "page of a chart": (
        "research/a.html",
        f'<script integrity="sha384-{base64_of(48)}" src="x.js"></script>',
    ),
    "order id": ("orders/closed/a.toml", f'id = "{UUID}"\ncloid = "0x{made_of(HEX, 32)}"\n'),
    "snapshot of a wallet": (
        "snapshots/a.toml",
        '[[position]]\nsymbol = "So11111111111111111111111111111111111111112"\n',
    ),
    "words": ("research/a.md", "Der Schlüssel liegt im Tresor; the token bucket holds 20 requests.\n"),
    "empty": ("research/a.md", ""),
}


@pytest.mark.parametrize(("path", "text"), DIRTY.values(), ids=DIRTY)
def test_credential_beside_a_desk_is_found(path: str, text: str) -> None:
    assert check_text(path, text.encode())


@pytest.mark.parametrize(("path", "text"), CLEAN.values(), ids=CLEAN)
def test_what_reports_and_snapshots_hold_passes(path: str, text: str) -> None:
    assert check_text(path, text.encode()) == []


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1"])
def test_text_in_other_encodings_is_judged_and_no_fault_by_itself(codec: str) -> None:
    assert check_text("research/a.md", "größer, see the notes\n".encode(codec)) == []
    [fault] = check_text("research/a.md", f"größer\n{ALPACA_SECRET}\n".encode(codec))
    assert fault.line == 2


def test_picture_is_no_text_and_no_fault() -> None:
    assert check_text("research/a.png", png()) == []


def test_text_that_is_too_large_to_be_judged_is_a_fault() -> None:
    [fault] = check_text("research/a.md", b"#" * (MAX_TEXT_BYTES + 1))
    assert "larger than 16 MiB" in fault.message


def test_large_snapshot_is_judged_as_text() -> None:
    rows = '[[position]]\nsymbol = "AAPL"\nquantity = 150\n' * 15_000
    assert check_text("snapshots/a.toml", rows.encode()) == []
    [fault] = check_text("snapshots/a.toml", (rows + f"# {GITHUB}\n").encode())
    assert fault.line == 45_001


def test_letters_of_other_scripts_written_as_escapes_are_read_as_they_look() -> None:
    """An escaped Cyrillic letter in a name, an accent in what could be base64."""
    assert check_text("research/a.json", b'{"p\\u0430ssword": "hunter2hunter2"}')
    assert check_text("research/a.md", "token = ÀBCDefgh1234ijkl5678==".encode()) == []


IDS = {
    "UUIDs": lambda draw: "-".join(made_of(HEX, count, draw + count) for count in (8, 4, 4, 4, 12)),
    "git ids": lambda draw: made_of(HEX, 40, draw),
    "Kraken's ids": lambda draw: "-".join(made_of(UPPER, count, draw + count) for count in (6, 5, 6)),
    "numbers": lambda draw: made_of("0123456789", 19, draw),
    "ULIDs": lambda draw: "01" + made_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24, draw),
}


@pytest.mark.parametrize("make", IDS.values(), ids=IDS)
def test_a_table_of_thousands_of_ids_passes(make: Callable[[int], str]) -> None:
    """An id that ends in the letters of a secret's name says nothing about the next one."""
    rows = "".join(f"{make(number)},{number}\n" for number in range(0, 30_000, 10))
    assert check_text("research/fills.csv", f"order,quantity\n{rows}".encode()) == []
