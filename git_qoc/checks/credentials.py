"""No credential gets into a desk. Standard library only: the pre-commit hook's hot path.

First the structure: under a connector's `auth` only secret references may stand, whatever
they look like. Then the look of everything else: values, keys, comments, blocks that are
commented out, and files beside desk.toml. What cannot be read for certain is a fault too.
No message holds a secret or a part of one, which is why no parser's words are repeated.
`allowed` says how a comment allows a false alarm.
"""

from __future__ import annotations

from git_qoc.checks.detector.examination import DESK, MARKUP, PLAIN, TOML, Examination, Examined
from git_qoc.checks.detector.wording import RULE, not_plain
from git_qoc.checks.fault import Fault

__all__ = ["MAX_BYTES", "NO_FILE", "Examined", "check", "check_text", "examine", "examine_text", "unjudged"]

MAX_BYTES = 1 << 19
"""Of a desk.toml: a thousand connectors. More could not be parsed within a second."""
MAX_TEXT_BYTES = 16 << 20
NO_FILE = {"120000": "a symbolic link", "160000": "a submodule"}
"""By git's mode, what may stand in the place of desk.toml and is no file."""


def check(path: str, data: bytes) -> list[Fault]:
    """Every credential in the bytes of one desk.toml, in the order of the text.

    Bytes that are not plain UTF-8 TOML of at most `MAX_BYTES` are a fault: they cannot be
    judged. What can be read of them is looked through all the same.
    """
    return examine(path, data).faults


def check_text(path: str, data: bytes) -> list[Fault]:
    """Every credential in a file beside desk.toml: a snapshot, an order, a report, a picture."""
    return examine_text(path, data).faults


def examine(path: str, data: bytes) -> Examined:
    """As `check`, with what comments allowed."""
    if len(data) > MAX_BYTES:
        return unjudged(path, f"larger than {MAX_BYTES >> 10} KiB")
    if data.isascii() and b"\0" not in data:
        return Examination(path, data.decode("ascii"), DESK).run()
    from git_qoc.checks.detector.decoding import decode

    text, flaw = decode(data)
    found = Examination(path, text or "", DESK).run()
    if not flaw:
        return found
    return Examined([Fault(path, 1, 1, RULE, not_plain(flaw)), *found.faults], found.allowed)


def examine_text(path: str, data: bytes) -> Examined:
    """As `check_text`, with what comments allowed; what is no text holds none."""
    if len(data) > MAX_TEXT_BYTES:
        return unjudged(path, f"larger than {MAX_TEXT_BYTES >> 20} MiB")
    from git_qoc.checks.detector.decoding import decode

    text, _ = decode(data)
    if text is None:
        return Examined([], ())
    return Examination(path, text, _kind(path, len(data))).run()


def _kind(path: str, size: int) -> str:
    suffix = path.rpartition(".")[2].lower()
    if suffix == "toml":
        return TOML if size <= MAX_BYTES else PLAIN
    return MARKUP if suffix in ("md", "markdown", "html", "htm", "svg", "xml") else PLAIN


def unjudged(path: str, why: str) -> Examined:
    """What is said of a file whose credentials cannot be checked because it is `why`."""
    message = f"this file is {why}, so it cannot be checked for credentials. Replace it"
    return Examined([Fault(path, 1, 1, RULE, message)], ())
