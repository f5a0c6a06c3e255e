"""Links → returns and wealth (rules 5, 6 and 14). Exact decimals end here: a return is a float.

Wealth starts at 1. A link whose return is undefined breaks the chain: wealth goes on from
where it stood, in a new segment, and no figure is ever computed across the break.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from git_qoc.money import ZERO, shown
from git_qoc.retrospective.link_books import LinkBooks, LinkFlow

# Squares and products of returns must stay finite.
BEYOND = 1e30
ESTIMATED_ABOVE = Decimal("0.10")
TRANSFER = "transfer"
"""`model.FlowKind`'s word, which costs 8 ms of imports."""
AFTER_RUIN = "NAV was used up before: wealth stays 0. Use --since to start after it"


class LinkReturn(NamedTuple):
    """`value` is a fraction ≥ −1, None when undefined (`reason` says why).

    `wealth` is at the link's end; `segment` counts chain breaks so far. `idle`: nothing was held.
    """

    books: LinkBooks
    value: float | None
    wealth: float
    segment: int
    estimated: bool = False
    reason: str | None = None
    idle: bool = False


def chain(links: Iterable[LinkBooks], *, idle: bool = False) -> tuple[LinkReturn, ...]:
    """The return of every link and the wealth after it, oldest first.

    `idle`: a time in which nothing is held is a time without return (of a symbol), and no break.
    """
    wealth, segment = 1.0, 0
    chained: list[LinkReturn] = []
    for books in links:
        if wealth == 0.0:
            chained.append(LinkReturn(books, None, 0.0, segment, reason=AFTER_RUIN))
            continue
        if idle and _is_idle(books):
            chained.append(LinkReturn(books, 0.0, wealth, segment, idle=True))
            continue
        value = link_return(books)
        if isinstance(value, str):
            segment += 1
            chained.append(LinkReturn(books, None, wealth, segment, reason=value))
            continue
        wealth = wealth * (1.0 + value) if value > -1.0 else 0.0
        chained.append(LinkReturn(books, value, wealth, segment, is_estimated(books)))
    return tuple(chained)


def link_return(books: LinkBooks) -> float | str:
    """(V1 − V0 − ΣF) / (V0 + Σ w·F), modified Dietz; else the reason why it is undefined.

    −1 when NAV is used up. Source: rule 5 of the retrospective's definitions; Dietz 1966,
    "Pension Funds: Measuring Investment Performance".
    """
    if books.undefined is not None:
        return books.undefined
    opening, closing = books.link.opening.nav_usd, books.link.closing.nav_usd
    capital = opening + weighted_flow(books.flows)
    if capital <= 0:
        return f"no capital to measure against ({shown(capital)} USD)"
    profit = books.pnl_usd
    if profit <= -capital:
        if closing > 0:
            return (
                f"a loss of {shown(-profit)} USD on {shown(capital)} USD while NAV stayed positive: "
                "the flow's time is not known well enough"
            )
        return -1.0
    value = float(profit / capital)
    return value if value < BEYOND else f"a gain of more than {BEYOND:g} times the capital"


def _is_idle(books: LinkBooks) -> bool:
    ends = books.link.opening.nav_usd, books.link.closing.nav_usd
    return books.undefined is None and not any(ends) and not books.flows


def weighted_flow(flows: Iterable[LinkFlow]) -> Decimal:
    """Σ w·F; transfers between own connectors that net to zero weigh nothing."""
    kept = list(flows)
    if not kept:
        return ZERO
    if kept and not transfers(kept):
        kept = [flow for flow in kept if flow.kind != TRANSFER]
    return sum((flow.weight * flow.amount_usd for flow in kept), ZERO)


def transfers(flows: Iterable[LinkFlow]) -> Decimal:
    """What transfers between own connectors leave over: money under way, or a fee."""
    return sum((flow.amount_usd for flow in flows if flow.kind == TRANSFER), ZERO)


def is_estimated(books: LinkBooks) -> bool:
    """Whether flows above 10 % of the opening NAV crossed the border while nothing was valued."""
    blind = [flow for flow in books.flows if not flow.valued]
    if not blind:
        return False
    size = abs(transfers(blind)) + sum(
        (abs(flow.amount_usd) for flow in blind if flow.kind != TRANSFER), ZERO
    )
    return size > ESTIMATED_ABOVE * books.link.opening.nav_usd
