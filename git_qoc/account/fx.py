"""Whether an account's parts can be put in USD. A currency without a rate is named, never 1:1."""

from __future__ import annotations

from git_qoc.model import Account, Position


def unpriced_cash(account: Account) -> tuple[str, ...]:
    """The balances without a rate to USD, as `500 EUR`."""
    return tuple(f"{cash.amount} {cash.currency}" for cash in account.cash or () if cash.amount_usd is None)


def unpriced_positions(positions: tuple[Position, ...]) -> tuple[str, ...]:
    """The symbols without a mark, without a rate, or (margined) without a cost."""
    return tuple(
        p.symbol
        for p in positions
        if p.mark is None
        or p.fx_usd is None
        or (p.margined and p.avg_cost is None and p.settle_price is None)
        or (p.inverse and not (p.mark and p.avg_cost))
    )
