"""What was bought and sold of a symbol between two snapshots, as flows into and out of its position.

Their sum is what the snapshots' own figures leave (rule 4); when each was, its fills tell. Money
that made a position, or the sale that ended one, bounds the time in which there was capital: the
first buy of nothing counts for all of it and the last sale for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from git_qoc.errors import SnapshotError
from git_qoc.money import ZERO, market_value
from git_qoc.retrospective.link_books import LinkFlow, remaining
from git_qoc.retrospective.links import Link
from git_qoc.snapshots.snapshot import FillRow

BOUGHT, SOLD = "bought", "sold"
ROUNDING = Decimal("0.01")
"""An average cost is a quotient; beyond a cent, the fills are not the whole of it."""


def traded(link: Link, amount: Decimal) -> tuple[LinkFlow, ...]:
    """Flows that sum to `amount` (bought > 0): by fill, else one whose time is not known."""
    fills = sorted(_fills(link), key=lambda fill: fill.time)
    paid = [_paid(fill) for fill in fills]
    if not fills or abs(sum(paid, ZERO) - amount) > ROUNDING:
        weight = Decimal(1) if amount > 0 else ZERO
        return (LinkFlow(link.closing.time, None, _kind(amount), amount, weight),)
    paid[-1] += amount - sum(paid, ZERO)
    start = link.opening.time if link.opening.nav_usd else fills[0].time
    end = link.closing.time if link.closing.nav_usd else fills[-1].time
    return tuple(
        LinkFlow(
            time=fill.time,
            connector=fill.connector,
            kind=_kind(usd),
            amount_usd=usd,
            weight=remaining(fill.time, start, end),
            valued=(fill.time == start and not link.opening.nav_usd)
            or (fill.time == end and not link.closing.nav_usd),
        )
        for fill, usd in zip(fills, paid, strict=True)
    )


def _fills(link: Link) -> Sequence[FillRow]:
    """Each once, however many snapshots tell it; none where a file cannot be read."""
    from git_qoc.snapshots.parse import loads

    found: dict[tuple[str, str], FillRow] = {}
    for point in link.span:
        try:
            rows = loads(point.text).fills
        except SnapshotError:
            return ()
        for number, row in enumerate(rows):
            found.setdefault((row.connector, row.fill_id or f"{point.path}\n{number}"), row)
    return tuple(found.values())


def _paid(fill: FillRow) -> Decimal:
    """What it cost (> 0) or brought (< 0), its fee included, as realized P&L takes it off."""
    sign = 1 if fill.side == "buy" else -1
    return sign * market_value(fill.quantity, fill.price, fill.multiplier) + (fill.fee_usd or ZERO)


def _kind(usd: Decimal) -> str:
    return BOUGHT if usd > 0 else SOLD
