"""Fuzzes the credential checker: bytes and structure of desks, planted secrets, hostile megabytes.

    python benchmarks/fuzz_credentials.py [SECONDS] [SEED]

Each round mutates a valid desk (flips, cuts, doubles and moves bytes and lines, inserts TOML's
signs, repeats a piece up to a megabyte) with known secrets in it, and looks at it as a desk.toml
and as text. Asserts: no exception, under a second (of its own CPU, as the
machine may be shared) up to 1 MB, and no six characters of a planted secret in any message.
Prints counts and the slowest file; stops at the first break.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from git_qoc.checks.detector.examination import Examined

ROOT = Path(__file__).parents[1]
LIMIT_S = 1.0
MEGABYTE = 1 << 20
SIGNS = [
    *(
        b'"',
        b"'",
        b'"""',
        b"'''",
        b"[",
        b"]",
        b"[[",
        b"{",
        b"}",
        b"=",
        b".",
        b",",
        b"#",
        b"\\",
        b"\\\n",
        b"\n",
        b"\r\n",
    ),
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xd0\xb0",
        b"\xe2\x80\x8b",
        b"\\u0041",
        b"%41",
        b"&#65;",
        b"://",
        b"@",
    ),
    *(
        b"api_secret = ",
        b"password: ",
        b"-----BEGIN PRIVATE KEY-----",
        b"-----BEGIN CERTIFICATE-----",
        b"eyJ",
        b"0x",
    ),
    *(
        b"# qoc: allow it is the id of a build",
        b"<!-- qoc: allow the id -->",
        b"basic ",
        b"bearer ",
        b"data:image/png;base64,",
    ),
    *(
        b"abandon ability ",
        b"organizations/",
        b"https://a:b@c/",
        b"iVBORw0KGgo",
        b'"kty"',
        b' d="M',
        b"set -gx ",
    ),
]
PATHS = [
    "research/a.md",
    "research/a.json",
    "research/a.svg",
    "research/a.csv",
    "snapshots/a.toml",
    "orders/a.toml",
]


def _flip(data: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(data))
    return data[:at] + bytes([source.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(data))
    return data[:at] + data[at + source.randrange(1, 40) :]


def _insert(data: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(data))
    return data[:at] + source.choice(SIGNS) + data[at:]


def _double(data: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(data))
    piece = data[at : at + source.randrange(1, 200)]
    return data[:at] + piece * source.randrange(2, 9) + data[at:]


def _move(data: bytes, source: random.Random) -> bytes:
    lines = data.split(b"\n")
    line = lines.pop(source.randrange(len(lines)))
    lines.insert(source.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def _swell(data: bytes, source: random.Random) -> bytes:
    """A piece, or a sign, over and over to a megabyte: what is quadratic shows here."""
    at = source.randrange(len(data))
    piece = source.choice(
        [data[at : at + source.randrange(1, 60)], source.choice(SIGNS), source.choice(SIGNS) * 3 + b"a "]
    )
    return (data[:at] + piece * (MEGABYTE // max(1, len(piece))) + data[at:])[:MEGABYTE]


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [_flip, _cut, _insert, _insert, _double, _move]


def mutated(data: bytes, source: random.Random) -> bytes:
    for _ in range(source.randrange(1, 12)):
        if data:
            data = source.choice(MUTATIONS)(data, source)
    return _swell(data, source) if data and source.random() < 0.03 else data


def desk(source: random.Random) -> tuple[bytes, list[str]]:
    """A valid desk with secrets in it, and the secrets."""
    from tests.checks.desks import SECRETS

    secrets = [SECRETS[name](source.getrandbits(40)) for name in source.sample(sorted(SECRETS), 4)]
    one, two, three, four = secrets
    text = f"""# {one}
[workspace]
name = "fuzz"
[[connector]]
name = "crypto-spot"
type = "crypto"
[connector.auth]
api_key = "{two}"
api_secret = {{ env = "{three}" }}
[other]
x = ["{four[: len(four) // 2]}", "{four[len(four) // 2 :]}"]
commit = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
note = \"\"\"
{three}\"\"\"
"""
    return text.encode(), secrets


def leaked(secrets: list[str], said: str, generic: frozenset[str]) -> set[str]:
    parts = {secret[at : at + 6].casefold() for secret in secrets for at in range(len(secret) - 5)}
    return {part for part in parts - generic if part in said}


def timed(look: Callable[[str, bytes], Examined], path: str, data: bytes) -> tuple[Examined, float]:
    """What it found, and seconds of its CPU: on an idle machine those of the wall, on a shared one not."""
    start = time.process_time()
    return look(path, data), time.process_time() - start


def main(seconds: float, chosen: int) -> int:
    from git_qoc.checks.credentials import examine, examine_text
    from tests.checks.desks import GENERIC

    source = random.Random(chosen)  # noqa: S311  a seed that finds something finds it again
    end = time.monotonic() + seconds
    rounds = faults = slow = 0
    slowest = (0.0, "", 0)
    while time.monotonic() < end:
        data, secrets = desk(source)
        data = mutated(data, source)
        path = source.choice(["desk.toml", "desk.toml", source.choice(PATHS)])
        look = examine if path == "desk.toml" else examine_text
        found, taken = timed(look, path, data)
        rounds += 1
        faults += len(found.faults)
        slowest = max(slowest, (taken, path, len(data)))
        said = "\n".join([*map(str, found.faults), *map(str, found.allowed)]).casefold()
        told = leaked(secrets, said, GENERIC)
        if taken > LIMIT_S or told:
            kept = Path(f"fuzz-{chosen}-{rounds}.bin").resolve()
            kept.write_bytes(data)
            print(f"{path}: {taken:.2f} s, said {told}; kept in {kept}", flush=True)
            slow += 1
        if told:
            return 1
    print(
        f"seed {chosen}: {rounds} files, {faults} faults, no exception, nothing said, {slow} over {LIMIT_S} s"
    )
    print(f"slowest: {slowest[0]:.2f} s, {slowest[1]} of {slowest[2]} bytes")
    return int(slow > 0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main_arguments = [float(arg) for arg in sys.argv[1:]] + [60, 1][len(sys.argv) - 1 :]
    sys.exit(main(main_arguments[0], int(main_arguments[1])))
