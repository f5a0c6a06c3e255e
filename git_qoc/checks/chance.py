"""Text that a random generator wrote, told from text that a person wrote.

Git and SHA-2 ids, UUIDs, wallet addresses and option symbols are random or dense too; they
are known by their form and pass.
"""

from __future__ import annotations

import re
from itertools import pairwise

# Text, not compiled: most desks hold nothing that needs them, and compiling is half of an import.
UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_INNOCENT = (
    r"(?<![A-Za-z0-9])(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}"  # git and SHA-2 ids
    r"|0x[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?"  # wallet address; a hash, or a key, which tokens.py decides
    r"|(?!nsec)[a-z]{1,12}1[02-9ac-hj-np-z]{38,90}"  # bech32 address
    r"|[A-Z]{1,6}[0-9]{6}[CP][0-9]{8}"  # OCC option symbol
    r"|sha(?:256|384|512)-[A-Za-z0-9+/]{43,}|AAAA[BCE][23][A-Za-z0-9+/]{16,}"  # integrity, SSH public key
    r")(?![A-Za-z0-9])"
)
RUN = re.compile(r"[A-Za-z0-9]+")
_LONG_RUN = re.compile(r"[A-Za-z0-9]{8,}")


def is_opaque(token: str) -> bool:
    """Whether a token of letters, digits and `+/_-` reads like the output of a random generator."""
    if len(token) < 20:
        return False
    rest = re.sub(_INNOCENT, "", re.sub(UUID, "", token))
    return any(len(piece) >= 20 and is_random(piece) for piece in {rest, *rest.split("/")})


def is_random(token: str) -> bool:
    """Letters and digits mixed as nobody mixes them who writes for people.

    A generator over 62 or 36 characters changes class at 45 or 40 % of the places (a
    capital before a small letter not counted), identifiers, paths and dates at under 20 %.
    """
    return len(set(token)) >= 10 and any(map(str.isalpha, token)) and alternates(token)


def alternates(token: str) -> bool:
    """Whether class changes inside longer runs of letters and digits are as many as chance makes."""
    changes = pairs = 0
    for run in _LONG_RUN.findall(token):
        classes = ["d" if char.isdigit() else "U" if char.isupper() else "l" for char in run]
        pairs += len(run) - 1
        changes += sum(now != then and (then, now) != ("U", "l") for then, now in pairwise(classes))
    with_digits = 0.15 if pairs >= 30 else 0.2
    enough = with_digits if any(map(str.isdigit, token)) else 0.3
    return pairs > 0 and changes / pairs >= enough
