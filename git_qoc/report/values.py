"""What a document is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from git_qoc.retrospective.metrics import Undefined

Json = str | int | float | bool | Decimal | None | Sequence["Json"] | Mapping[str, "Json"]
Value = Json | Undefined
"""A value of a key, or why it has none."""
