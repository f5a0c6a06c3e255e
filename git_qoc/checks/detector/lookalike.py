"""Letters that look like other letters: Cyrillic `а`, full-width `Ａ`, invisible characters in between.

A key or a secret that is written with them is read here as the eye reads it.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TWINS = str.maketrans(
    "АВСЕНІЈКМОРЅТУХΑΒΕΗΙΚΜΝΟΡΤΥΧΖавсԁеѕіјкӏмоһрԛгтуѵхзԝοαεικνρτυχγωᎪɑɡıℓ⁄։׃꞉‐‑‒–—−＝ᴀᴜᴛʜᴇɴᴠ",
    "ABCEHIJKMOPSTYXABEHIKMNOPTYXZabcdesijklmohpqrtyvxzwoaeikvptuxywAagil/:::------=authenv",
)
_INVISIBLE = "[\u00ad\u034f\u061c\u180e\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f]+"
_COMBINING = "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u20d0-\u20ff]+"


def folded(text: str) -> str:
    """The text as it looks: compatibility forms and twins of other scripts in ASCII, nothing invisible."""
    if text.isascii():
        return text
    return _folded(text) if len(text) < 100 else _fold(text)


@lru_cache(256)
def _folded(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    from unicodedata import normalize

    plain = normalize("NFKD", re.sub(_INVISIBLE, "", text))
    return re.sub(_COMBINING, "", plain).translate(_TWINS)
