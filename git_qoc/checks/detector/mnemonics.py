"""A wallet's recovery words: twelve or more words of the BIP-39 list in a row, whatever separates them.

Of twelve to fourteen the checksum must hold, so that a list of tags is none (BIP-39).

Other lists and languages are known by the name in front of them only (`names.is_phrase`). The
list is read from git_qoc/data, and only when a text has twelve candidates in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LEAST, SURE = 12, 15
_ELECTRUM = ("01", "100", "101", "102")
"""What the HMAC of a seed of Electrum's begins with (electrum.readthedocs.io, "seedphrase")."""
_CANDIDATES = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,8}+(?:[^a-zA-Z={}]{1,24}+[A-Za-z]{3,8}+){11,}+")
_WORD = re.compile(r"[^\W\d_]+")


def mnemonics(text: str) -> Iterator[tuple[int, int]]:
    """Spans of at least `LEAST` words of the list in a row."""
    for candidate in _CANDIDATES.finditer(text):
        known = _words()
        row: list[re.Match[str]] = []
        for word in _WORD.finditer(text, candidate.start(), candidate.end() + 8):
            if word[0].lower() in known:
                row.append(word)
                continue
            if _is_phrase(row):
                yield row[0].start(), row[-1].end()
            row = []
        if _is_phrase(row):
            yield row[0].start(), row[-1].end()


def _is_phrase(row: list[re.Match[str]]) -> bool:
    """Long enough, no list of names in which the same few words come again and again, and no chance.

    Fifteen words of the list in a row nobody writes by chance; of twelve the checksum decides.
    """
    words = [word[0].lower() for word in row]
    if len(words) >= SURE:
        return _varies(words)
    windows = [words[at : at + LEAST] for at in range(len(words) - LEAST + 1)]
    return any(_varies(window) and _is_valid(window) for window in windows)


def _varies(words: list[str]) -> bool:
    """Whether some twelve in a row are all different, but for one; linear in a stranger's text."""
    seen: dict[str, int] = {}
    for at, word in enumerate(words):
        seen[word] = seen.get(word, 0) + 1
        if at >= LEAST:
            gone = words[at - LEAST]
            seen[gone] -= 1
            if not seen[gone]:
                del seen[gone]
        if at >= LEAST - 1 and len(seen) >= LEAST - 1:
            return True
    return False


def _is_valid(words: list[str]) -> bool:
    """Whether twelve words are a seed: of BIP-39 (its last 4 bits are a checksum), or of Electrum."""
    import hashlib
    import hmac

    known = _words()
    bits = 0
    for word in words:
        bits = bits << 11 | known[word]
    entropy, check = (bits >> 4).to_bytes(16, "big"), bits & 15
    version = hmac.new(b"Seed version", " ".join(words).encode(), hashlib.sha512).hexdigest()
    return hashlib.sha256(entropy).digest()[0] >> 4 == check or version.startswith(_ELECTRUM)


@cache
def _words() -> dict[str, int]:
    """The list's words with their numbers."""
    path = Path(__file__).parents[2] / "data" / "bip39-english.txt"
    return {word: at for at, word in enumerate(path.read_text(encoding="ascii").split())}
