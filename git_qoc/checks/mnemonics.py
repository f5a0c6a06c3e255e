"""A wallet's recovery words: twelve or more words of the BIP-39 list in a row, whatever separates them.

Other lists and languages are known by the name in front of them only (`names.is_phrase`). The
list is read from git_qoc/data, and only when a text has twelve candidates in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LEAST = 12
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
    """Long enough, and no list of names in which the same few words come again and again."""
    words = [word[0].lower() for word in row]
    return any(len(set(words[at : at + LEAST])) >= LEAST - 1 for at in range(len(words) - LEAST + 1))


@cache
def _words() -> frozenset[str]:
    path = Path(__file__).parent.parent / "data" / "bip39-english.txt"
    return frozenset(path.read_text(encoding="ascii").split())
