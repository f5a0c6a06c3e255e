"""Key material in a text: by form, in a URL, by its name, by its words, by chance.

Text in, spans out; it knows no TOML. Every pattern is linear in the text, or bounded: the
text is a stranger's. A detector that finds `MOST` stops; who asks takes that for a fault.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from git_qoc.checks.detector.assignments import secret_in_assignment
from git_qoc.checks.detector.chance import RUN, UUID, is_opaque, surprise
from git_qoc.checks.detector.names import Surroundings, names_a_secret, secret_before
from git_qoc.checks.detector.shapes import known_shapes, known_token

MOST = 1000
CHANCE, SHAPE, NAME, URL, MNEMONIC = "chance", "shape", "name", "url", "mnemonic"


class Found(NamedTuple):
    """text[start:end] looks like `what` (a noun phrase); a comment can allow what is of `CHANCE` only."""

    start: int
    end: int
    what: str
    kind: str


Around = Callable[[int, int], Surroundings]

_WORD = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_LOGINS = ("basic ", "bearer ", "token ", "sig", "login", "cred", " -u", " -p", " -a", "-user")
UUID_LENGTH = 36
_UUID = rf"(?<![A-Za-z0-9]){UUID}(?![A-Za-z0-9])"
_ETH_KEY = r"0[xX][0-9a-fA-F]{64}"
_TWELVE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,8}+(?:[^a-zA-Z={}]{1,24}+[A-Za-z]{3,8}+){11}")


def line_around(text: str, start: int, end: int) -> Surroundings:
    """The words on the line of a place; the line before where nothing stands in front of it."""
    begin = max(text.rfind("\n", max(0, start - 80), start) + 1, start - 80, 0)
    before = text[begin:start]
    if not before.strip(" \t#>*-|\"'[,") and begin:
        above = text[max(text.rfind("\n", max(0, begin - 81), begin - 1) + 1, begin - 80, 0) : start]
        if "#" not in before or above.lstrip(" \t").startswith("#"):
            before = above
    close = text.find("\n", end, end + 40)
    after = text[end : close if close >= 0 else end + 40]
    # What allows a thing does not say that it is none: else nothing would be listed as allowed.
    return before.partition("qoc:")[0], after.partition("qoc:")[0]


def always(around: Surroundings) -> Around:
    """The same words around every place: those of a value's name."""
    return lambda _start, _end: around


def find(text: str, around: Around | None = None, in_desk: bool = True) -> Iterator[Found]:
    """Everything in `text` that looks like key material, at most `MOST` of each kind.

    Spans may overlap; the order is not that of the text. `around` gives the words around a
    place where the text does not hold them itself; outside of desk.toml 64 hexadecimal
    digits are a hash unless a name says otherwise.
    """
    around = around or (lambda start, end: line_around(text, start, end))
    yield from islice((Found(*shape, SHAPE) for shape in known_shapes(text)), MOST)
    if "@" in text or any(sign in text.lower() for sign in _LOGINS):
        from git_qoc.checks.detector.urls import passwords

        yield from islice((Found(*place, URL) for place in passwords(text)), MOST)
    yield from islice(
        (Found(*span, "a credential by its name", NAME) for span in secret_in_assignment(text)), MOST
    )
    yield from islice(_recovery_words(text), MOST)
    yield from islice(_uuids(text, around), MOST)
    yield from islice(_opaque(text, around, in_desk), MOST)


def is_key_material(text: str) -> bool:
    """Whether a short text that should name a place (a variable, a path, a user) is a key instead."""
    bare = re.sub(_UUID, "", text) if text.count("-") > 3 else text
    squeezed = "".join(RUN.findall(bare))
    return (
        any(True for _ in find(bare))
        or any(_is_long_mixture(run) for run in RUN.findall(bare))
        or (len(squeezed) >= 16 and surprise(bare) > 5.3 and any(map(str.isdigit, squeezed)))
    )


def _is_long_mixture(run: str) -> bool:
    """More than 16 letters and digits that are not a word, a number, or a word with a number."""
    return len(run) > 16 and not run.rstrip("0123456789").isalpha() and not run.isdigit()


def _recovery_words(text: str) -> Iterator[Found]:
    if _TWELVE.search(text):
        from git_qoc.checks.detector.mnemonics import mnemonics

        for span in mnemonics(text):
            yield Found(*span, "a wallet's recovery words", MNEMONIC)


def _uuids(text: str, around: Around) -> Iterator[Found]:
    if text.count("-") >= 4 and names_a_secret(text):
        for match in re.finditer(_UUID, text):
            if secret_before(around(*match.span())[0]):
                yield Found(*match.span(), "a credential by its name", NAME)


def _opaque(text: str, around: Around, in_desk: bool) -> Iterator[Found]:
    public: _Public | None = None
    for match in _WORD.finditer(text):
        token = match[0]
        if len(token) == UUID_LENGTH and token[8] == "-" and re.fullmatch(_UUID, token):
            continue  # judged by its name
        what = known_token(token.strip("-_/+")) or _login(token)
        if not what and not any(map(is_opaque, _pieces(token))):
            continue
        plain = "" if what else _decoded(token)
        if plain:  # text in base64 is no key, but may hold one
            inner = next(find(plain, always(around(*match.span())), in_desk), None)
            if inner is not None:
                yield Found(*match.span(), f"{inner.what}, in base64", inner.kind)
            continue
        public = public or _Public(text)
        for start, end in public.outside(*match.span()):
            part = text[start:end]
            if what and end - start == len(token):
                yield Found(start, end, what, SHAPE)
            elif _is_secret(part, around(start, end), in_desk):
                yield Found(start, end, *_named(part))


def _login(token: str) -> str:
    if token.isupper() or token.islower() or not any(map(str.isdigit, token)):
        return ""
    from git_qoc.checks.detector.urls import is_login

    return "a login in base64" if is_login(token, strict=True) else ""


def _decoded(token: str) -> str:
    if len(token) < 24 or token.isupper() or token.islower():
        return ""
    from git_qoc.checks.detector.urls import decoded

    return decoded(token)


def _pieces(token: str) -> set[str]:
    """A token, the parts between its slashes, its runs of letters and digits: hex may hide behind words."""
    return {token, *token.split("/"), *RUN.findall(token)}


def _is_secret(token: str, around: Surroundings, in_desk: bool) -> bool:
    opaque = [piece for piece in _pieces(token) if is_opaque(piece)]
    if not opaque:
        return False
    from git_qoc.checks.detector.innocent import is_public

    if is_public(token, around, in_desk):
        return False
    for piece in opaque:
        if piece == token or any(other != piece and other in piece for other in opaque):
            continue  # judged above, or by its parts
        parts = {piece, *(part for part in token.split("/") if piece in part)}
        if not any(is_public(part, around, in_desk) for part in parts):
            return True
    return opaque == [token]


class _Public:
    """Where a text holds what is public by its form; sought once, and only when something looks opaque."""

    def __init__(self, text: str) -> None:
        from git_qoc.checks.detector.innocent import public_spans

        self._spans = public_spans(text)
        self._ends = [end for _, end in self._spans]

    def outside(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of a span that are not public."""
        for at in range(bisect_right(self._ends, start), len(self._spans)):
            from_, to = self._spans[at]
            if from_ >= end:
                break
            if from_ > start:
                yield start, from_
            start = max(start, to)
        if start < end:
            yield start, end


def _named(token: str) -> tuple[str, str]:
    if re.fullmatch(_ETH_KEY, token):
        return "a wallet's private key (0x and 64 hexadecimal digits that nothing calls a hash)", SHAPE
    return "key material", CHANCE
