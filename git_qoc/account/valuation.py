"""One connector's balances in USD, from what its venue stated.

NAV is the venue's equity where it states one; ours, cash plus contributions, is then the
cross-check and the difference is kept. Where it states none, ours counts, and only when every
part has a price: a sum with a part missing is no NAV.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from git_qoc.account.fx import unpriced_cash, unpriced_positions
from git_qoc.model import Account, Position
from git_qoc.money import market_value, open_pnl, total


@dataclass(frozen=True, slots=True)
class Valuation:
    """All in USD; None where a part is unknown. `unreconciled_usd` is the venue's less ours."""

    nav_usd: Decimal
    cash_usd: Decimal | None
    unrealized_pnl: Decimal | None
    unreconciled_usd: Decimal | None


def value(account: Account, positions: tuple[Position, ...] | None) -> Valuation | str:
    """The valuation, or one line why there is none."""
    cash = None if account.cash is None else total(c.amount_usd for c in account.cash)
    parts = None if positions is None else total(contribution(p) for p in positions)
    own = None if cash is None or parts is None else cash + parts
    nav = account.equity_usd if account.equity_usd is not None else own
    if nav is None:
        return f"cannot be valued: {_missing(account, positions)}"
    unrealized = None if positions is None else total(unrealized_pnl(p) for p in positions)
    gap = None if own is None or account.equity_usd is None else account.equity_usd - own
    return Valuation(nav, cash, unrealized, gap or None)


def contribution(position: Position) -> Decimal | None:
    """What a position adds to NAV in USD: its value, or its open P&L when margined."""
    if position.margined:
        paid_to = position.avg_cost if position.settle_price is None else position.settle_price
        return _pnl_from(position, paid_to)
    if position.mark is None or position.fx_usd is None:
        return None
    return market_value(position.quantity, position.mark, position.multiplier, position.fx_usd)


def unrealized_pnl(position: Position) -> Decimal | None:
    """Open P&L in USD at today's rate; None without a cost, a mark or a rate."""
    return _pnl_from(position, position.avg_cost)


def _pnl_from(position: Position, price: Decimal | None) -> Decimal | None:
    mark, fx_usd = position.mark, position.fx_usd
    if price is None or mark is None or fx_usd is None:
        return None
    if position.inverse and not (price and mark):
        return None
    return open_pnl(position.quantity, price, mark, position.multiplier, fx_usd, inverse=position.inverse)


def _missing(account: Account, positions: tuple[Position, ...] | None) -> str:
    parts = [f"no rate to USD for {cash}" for cash in unpriced_cash(account)]
    parts += [f"no price in USD for {symbol}" for symbol in unpriced_positions(positions or ())]
    if account.cash is None or positions is None:
        parts.append("the venue states neither equity nor all balances")
    if account.currency != "USD" and not parts:
        parts.append(f"no rate to USD for {account.currency}")
    return "; ".join(parts)
