"""Bytes of a file as text, whatever their encoding; standard library only."""

from __future__ import annotations

import codecs
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


class Decoded(NamedTuple):
    """`flaw` says what is not plain UTF-8 about it, empty when it is; `text` is None for what is no text."""

    text: str | None
    flaw: str


def decode(data: bytes) -> Decoded:
    """UTF-8, UTF-16 and UTF-32 with or without a byte order mark, else Latin-1 unless it is binary."""
    if data.startswith(codecs.BOM_UTF8):
        return Decoded(data[3:].decode("utf-8", "replace"), "UTF-8 that starts with a byte order mark")
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return Decoded(data[len(mark) :].decode(codec, "replace"), f"{name} text")
    if b"\0" in data:
        return _with_zeros(data)
    try:
        return Decoded(data.decode("utf-8"), "")
    except UnicodeDecodeError:
        return Decoded(data.decode("latin-1"), "not UTF-8 text")


def _with_zeros(data: bytes) -> Decoded:
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    for zeros, codec in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if zeros > 0.6 * half and even != odd:
            return Decoded(data.decode(codec, "replace"), "UTF-16 text without a byte order mark")
    binary = sum(byte < 9 or 13 < byte < 32 for byte in sample) > len(sample) * 0.05
    text = data.replace(b"\0", b"").decode("utf-8", "replace")
    return Decoded(None if binary else text, "binary, with NUL bytes,")
