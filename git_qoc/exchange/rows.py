"""Lists of rows as a faulty venue sends them."""

from __future__ import annotations

import json
from decimal import Decimal

from git_qoc.exchange.message import encode


def rows_of(body: bytes, *, twice: bool, shuffled: bool) -> bytes:
    """The JSON list with each row twice, or in another order; what is no list stays as it is."""
    if not (twice or shuffled):
        return body
    rows = json.loads(body, parse_float=Decimal) if body else None
    if not isinstance(rows, list):
        return body
    if twice:
        rows = [row for row in rows for _ in range(2)]
    if shuffled:
        # Odd places first, each half backwards: fixed, and never the order it had (from two rows on).
        rows = rows[1::2][::-1] + rows[::2][::-1]
    return encode(rows).encode()
