"""Edits of desk.toml that touch nothing else: comments, order, spacing and line ends stay.

Text in, text out (read the file with newline="", or CRLF is lost before it gets here). The
edit is made in the text, at an offset that git_qoc.desk.positions gives: tomlkit 0.15 writes
a document whose connector tables do not stand together back in another order. tomlkit and
tomllib then both read the result, and an edit that changed anything else is not returned.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

import tomlkit
from tomlkit.exceptions import TOMLKitError

from git_qoc.desk.positions import Lines, scan
from git_qoc.desk.syntax import syntax_message
from git_qoc.errors import DeskError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ConnectorEntry:
    """A connector block to be written; `auth` pairs each auth key with an environment variable.

    What is None, and `sandbox` when False, is not written.
    """

    name: str
    type: str
    auth: tuple[tuple[str, str], ...] = ()
    venue: str | None = None
    base_url: str | None = None
    sandbox: bool = False
    account: str | None = None


def append_connector(text: str, entry: ConnectorEntry) -> str:
    """`text` with the block of spec/accounts-and-brokers.txt ("Generated desk.toml entry") in it.

    The block goes behind the last connector block, or to the end where there is none, one
    blank line away from its neighbours.

    Raises:
        DeskError: the text is not TOML, or has connectors in a form that takes no block.
    """
    old = _parsed(text)
    _demand_blocks(text, old)
    at = _end_of_connectors(text)
    newline = _newline(text)
    head, tail = text[:at], text[at:]
    if head and not head.endswith("\n"):
        head += newline
    if head.strip() and not re.search(r"\n[ \t]*\r?\n\Z", head):
        head += newline
    gap = newline if tail.strip() and not re.match(r"[ \t]*\r?\n", tail) else ""
    block = "".join(line + newline for line in _block(entry))
    connectors = old.get("connector", [])
    expected = {**old, "connector": [*(connectors if isinstance(connectors, list) else []), _value(entry)]}
    return _verified(head + block + gap + tail, expected)


def _parsed(text: str) -> dict[str, object]:
    try:
        # Numbers as written: NaN would differ from itself, and a long float from its reading.
        return tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as exc:
        raise DeskError(syntax_message("desk.toml", text, exc)) from None


def _demand_blocks(text: str, document: dict[str, object]) -> None:
    if "connector" not in document:
        return
    found = scan(text)
    if any(statement.header and statement.path == ("connector", 0) for statement in found.statements):
        return
    line = Lines(text).position(found.offsets.get(("connector",), 0)).line
    raise DeskError(
        f"desk.toml:{line}: connector is not written as [[connector]] blocks, so no block can be added. "
        "Rewrite it as blocks, then run the command again"
    )


def _end_of_connectors(text: str) -> int:
    """The start of the line behind the last connector block and the comments that belong to it."""
    ends = [statement.end for statement in scan(text).statements if statement.path[0] == "connector"]
    if not ends:
        return len(text)
    after = end = _end_of_line(text, max(ends))
    while re.match(r"[ \t]*#", text[after:]):
        after = _end_of_line(text, after)
    # Comments with no blank line before the next table speak of that table.
    return after if not text[after:].strip() or re.match(r"[ \t]*\r?\n", text[after:]) else end


def _end_of_line(text: str, offset: int) -> int:
    return text.find("\n", offset) + 1 or len(text)


def _newline(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _value(entry: ConnectorEntry) -> dict[str, object]:
    """The entry as it reads back, in the order of the block."""
    value: dict[str, object] = {"name": entry.name, "type": entry.type, "enabled": True}
    if entry.venue is not None:
        value["venue"] = entry.venue
    if entry.base_url is not None:
        value["base_url"] = entry.base_url
    if entry.sandbox:
        value["sandbox"] = True
    if entry.account is not None:
        value["account"] = entry.account
    if entry.auth:
        value["auth"] = {key: {"env": variable} for key, variable in entry.auth}
    return value


def _block(entry: ConnectorEntry) -> list[str]:
    pairs = [(key, _written(value)) for key, value in _value(entry).items() if key != "auth"]
    auth = [(_key(key), f"{{ env = {_written(variable)} }}") for key, variable in entry.auth]
    lines = ["[[connector]]", *_aligned(pairs, "")]
    return [*lines, "", "  [connector.auth]", *_aligned(auth, "  ")] if auth else lines


def _aligned(pairs: list[tuple[str, str]], indent: str) -> list[str]:
    width = max(len(key) for key, _ in pairs)
    return [f"{indent}{key:<{width}} = {value}" for key, value in pairs]


def _written(value: object) -> str:
    return "true" if value is True else tomlkit.string(str(value)).as_string()


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _written(key)


def _verified(text: str, expected: dict[str, object]) -> str:
    """`text`, once two readers agree that it says what is expected and no more."""
    try:
        same = _parsed(text) == expected
        # Line ends as tomllib sees them: tomlkit keeps CRLF inside multi-line strings.
        plain = tomlkit.parse(text.replace("\r\n", "\n")).unwrap()
        same = same and _comparable(plain) == _comparable(tomllib.loads(text))
    except (TOMLKitError, DeskError):
        same = False
    if not same:
        raise DeskError("desk.toml: this edit would change more than it should. Edit the file by hand")
    return text


def _comparable(value: object) -> object:
    """NaN equals NaN here."""
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return repr(value) if isinstance(value, float) else value
