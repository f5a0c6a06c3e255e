"""Where a secret would show: the forms it may take, and all that an exception shows or carries."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

TESTS = str(Path(__file__).parents[1])


def forms(secret: str) -> set[str]:
    """The secret, its base64 at each alignment that a longer text may give it, URL-encoded, reversed."""
    raw = secret.encode()
    inner = {base64.b64encode(b"x" * at + raw)[4 if at else 0 : -4].decode() for at in range(3)}
    whole = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {secret, secret[::-1], quote(secret, safe=""), *inner, *(text.rstrip("=") for text in whole)}


def found_in(text: str | bytes, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets that stand in the text in any of their forms."""
    data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
    return [name for name, secret in secrets.items() if any(form.encode() in data for form in forms(secret))]


def told(exc: BaseException) -> str:
    """The exception with the locals of every frame but the tests', and of all it came from."""
    return "\n".join(_told(exc, set()))


def _told(exc: BaseException | None, seen: set[int]) -> Iterator[str]:
    if exc is None or id(exc) in seen:
        return
    seen.add(id(exc))
    frames = (
        (frame, line)
        for frame, line in traceback.walk_tb(exc.__traceback__)
        if not frame.f_code.co_filename.startswith(TESTS)
    )
    yield from traceback.StackSummary.extract(frames, capture_locals=True).format()
    yield f"{exc!r} {exc} {vars(exc)!r} {exc.args!r}"
    for link in (exc.__cause__, exc.__context__, *exc.args):
        if isinstance(link, BaseException):
            yield from _told(link, seen)
