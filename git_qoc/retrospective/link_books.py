"""A link's books: what crossed its border, and the parts of its P&L."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from git_qoc.money import ZERO
from git_qoc.retrospective.links import Link

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LinkFlow:
    """One flow of a link.

    `time` is when it happened, or when it was recorded where that is not known. `weight` is
    the fraction of the link during which the money was there (rule 5). `valued`: the whole
    desk was valued at the flow. `connector` is None where no single one is known.
    """

    time: datetime
    connector: str | None
    kind: str
    amount_usd: Decimal
    weight: Decimal
    valued: bool = False
    implied: bool = False


class LinkBooks(NamedTuple):
    """A link's flows and P&L parts; `undefined` says why the flows cannot be known.

    `realized_pnl` and `unrealized_change` are None where a snapshot does not record them;
    the change leaves out what an added connector brought along.
    """

    link: Link
    flows: tuple[LinkFlow, ...]
    realized_pnl: Decimal | None
    unrealized_change: Decimal | None
    undefined: str | None = None

    @property
    def net_flow_usd(self) -> Decimal:
        return sum((flow.amount_usd for flow in self.flows), ZERO) if self.flows else ZERO

    @property
    def pnl_usd(self) -> Decimal:
        return self.link.closing.nav_usd - self.link.opening.nav_usd - self.net_flow_usd

    @property
    def unexplained_usd(self) -> Decimal | None:
        """P&L less realised and unrealised change; None where one of them is not recorded."""
        if self.realized_pnl is None or self.unrealized_change is None:
            return None
        return self.pnl_usd - self.realized_pnl - self.unrealized_change


def remaining(time: datetime, start: datetime, end: datetime) -> Decimal:
    """The fraction of [start, end] still to come at `time`, within [0, 1]; 0 where that is no time."""
    whole = end - start
    left = min(max(end - time, timedelta(0)), whole)
    return Decimal(left // _MICROSECOND) / Decimal(whole // _MICROSECOND) if whole else ZERO
