"""P&L in USD, exact, and its split (rule 12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from git_qoc.money import ZERO, total
from git_qoc.retrospective.link_books import LinkBooks
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import Point
from git_qoc.retrospective.result import Amount, ProfitAndLoss


def profit_and_loss(complete: Sequence[Point], books: Sequence[LinkBooks]) -> ProfitAndLoss:
    """Over all links; one complete snapshot gives its NAV and nothing else."""
    if not complete:
        none = Undefined("no complete snapshot")
        return ProfitAndLoss(none, none, none, none, none, none, none)
    start, end = complete[0].nav_usd, complete[-1].nav_usd
    if not books:
        none = Undefined("needs two complete snapshots, has 1")
        return ProfitAndLoss(start, end, none, none, none, none, none)
    unknown = next((b for b in books if b.undefined is not None), None)
    if unknown is not None:
        why = Undefined(f"flows until {unknown.link.closing.day} are not known: {unknown.undefined}")
        return ProfitAndLoss(start, end, why, why, why, why, why)
    net_flow = sum((b.net_flow_usd for b in books), ZERO)
    pnl = end - start - net_flow
    realized = _recorded((b.realized_pnl for b in books), "realized_pnl")
    change = _recorded((b.unrealized_change for b in books), "unrealized_pnl")
    other: Amount
    if isinstance(realized, Undefined):
        other = realized
    elif isinstance(change, Undefined):
        other = change
    else:
        other = pnl - realized - change
    return ProfitAndLoss(start, end, net_flow, pnl, realized, change, other)


def _recorded(parts: Iterable[Decimal | None], key: str) -> Amount:
    whole = total(parts)
    return Undefined(f"not every snapshot records {key}") if whole is None else whole
