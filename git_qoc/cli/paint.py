"""Text for a terminal: printable whatever a desk or a venue wrote, and coloured only by us."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import zip_longest

from git_qoc.errors import printable

_SIGNED = re.compile(r"(?<![^ \n])([+-][0-9][0-9,]*\.[0-9]+)(?![^ \n])")


class Painted(str):
    """Text that goes to a terminal as it is: printable, but for colours of ours."""

    __slots__ = ()


Paint = Callable[[str, str], Painted]
"""(slot, text) → the text in the slot's colour; the slots are `git_qoc.cli.colour.SLOTS`."""


def safe(text: str) -> Painted:
    return text if isinstance(text, Painted) else Painted(printable(text))


def joined(between: str, parts: Iterable[str]) -> Painted:
    """Painted and plain parts as one text; the plain ones are made printable."""
    return Painted(between.join(safe(part) for part in parts))


def uncoloured(_slot: str, text: str) -> Painted:
    return safe(text)


def with_signs(text: str, paint: Paint) -> Painted:
    """The text with its signed amounts (`+1,082.75`) painted as gains and losses."""
    parts = _SIGNED.split(text)
    slots = ("gain" if part.startswith("+") else "loss" for part in parts[1::2])
    marked = (paint(slot, part) for slot, part in zip(slots, parts[1::2], strict=True))
    return joined("", (item for pair in zip_longest(parts[::2], marked, fillvalue="") for item in pair))
