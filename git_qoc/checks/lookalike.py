"""Letters that look like other letters: Cyrillic `а`, full-width `Ａ`, invisible characters in between.

A key or a secret that is written with them is read here as the eye reads it.
"""

from __future__ import annotations

from functools import cache

_TWINS = str.maketrans(
    "авсԁеѕіјкӏмоһрԛгтуѵхзԝοαεικνρτυχγωᎪɑɡıℓ⁄։׃꞉‐‑‒–—−＝ᴀᴜᴛʜᴇɴᴠ",
    "abcdesijklmohpqrtyvxzwoaeikvptuxywAagil/:::------=authenv",
)
_INVISIBLE = dict.fromkeys(
    [
        0xAD,
        0x34F,
        0x61C,
        0x180E,
        0xFEFF,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
    ]
)


def folded(text: str) -> str:
    """The text as it looks: compatibility forms and twins of other scripts in ASCII, nothing invisible."""
    if text.isascii():
        return text
    return _folded(text) if len(text) < 100 else _fold(text)


@cache
def _folded(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    from unicodedata import combining, normalize

    plain = normalize("NFKD", text.translate(_INVISIBLE))
    return "".join(char for char in plain if not combining(char)).translate(_TWINS).translate(_UPPER)


_UPPER = str.maketrans("АВСЕНІЈКМОРЅТУХΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "ABCEHIJKMOPSTYXABEHIKMNOPTYXZ")
