"""tastytrade's balances, positions, quotes and history as the model's values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.errors import VenueError
from git_qoc.model import Account, Cash, Position, Quote, Statement, VenueType
from git_qoc.venues.tastytrade_payloads import (
    AccountRow,
    BalanceBody,
    NetLiqRow,
    OwnedRow,
    PositionRow,
    QuoteRow,
    StatusBody,
)

NEW_YORK = ZoneInfo("America/New_York")
WINDOWS = (("1w", 7), ("1m", 28), ("3m", 89), ("6m", 181), ("1y", 365))


def only_number(rows: list[OwnedRow]) -> str:
    """The account number of a login that opens one.

    Raises:
        VenueError: it opens none, or several: then `account` must say which.
    """
    numbers = [row.account.account_number for row in rows if not row.account.is_closed]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise VenueError("tastytrade: this login opens no account")
    ends = ", ".join(f"…{number[-4:]}" for number in sorted(numbers))
    raise VenueError(f"tastytrade: this login opens several accounts ({ends}). Set account in desk.toml")


def account(row: AccountRow, balance: BalanceBody, status: StatusBody, kind: VenueType) -> Account:
    """The account; its margin is the initial one, Regulation T's or of futures overnight.

    Whether the first holds the second is not documented: where both are above zero, it is unknown.
    """
    if balance.account_number != row.account_number:
        raise VenueError("tastytrade: the balances are those of another account")
    if balance.currency != "USD":
        raise VenueError("tastytrade: expected balances in USD, found another currency")
    return Account(
        account_id=balance.account_number,
        currency="USD",
        cash=(Cash("USD", balance.cash_balance, balance.cash_balance),),
        equity_usd=balance.net_liquidating_value,
        margin_usd=_margin(balance),
        leverage=_leverage(row, kind),
        venue_buying_power_usd=balance.derivative_buying_power,
        blocked=_blocked(status, kind),
    )


def _margin(balance: BalanceBody) -> Decimal | None:
    stocks, futures = balance.reg_t_margin_requirement, balance.futures_overnight_margin_requirement
    if stocks is None or futures is None or (stocks and futures):
        return None
    return stocks or futures


def _leverage(row: AccountRow, kind: VenueType) -> Decimal | None:
    if row.margin_or_cash != "Margin":
        return None
    return Decimal(2) if kind is VenueType.EQUITIES else Decimal(1)


def _blocked(status: StatusBody, kind: VenueType) -> str:
    futures = kind is VenueType.FUTURES
    reasons = [
        reason
        for holds, reason in (
            (status.is_closed, "the account is closed"),
            (status.is_frozen, "the account is frozen"),
            (status.is_closing_only, "positions can only be closed"),
            (futures and not status.is_futures_enabled, "futures are not enabled"),
            (futures and status.is_futures_closing_only, "futures can only be closed"),
        )
        if holds
    ]
    return "; ".join(reasons)


def positions(rows: list[PositionRow]) -> tuple[Position, ...]:
    """Open positions. Of a future, what was gained up to the last settlement is in the cash already."""
    return tuple(_position(row) for row in rows if row.quantity_direction != "Zero" and row.quantity)


def _position(row: PositionRow) -> Position:
    if row.quantity < 0:
        raise VenueError("tastytrade /positions: expected a quantity without sign, found a negative one")
    future = row.instrument_type == "Future"
    if future and row.average_daily_market_close_price is None:
        raise VenueError("tastytrade /positions: a future without what its cash holds already")
    return Position(
        symbol=row.symbol,
        quantity=row.quantity if row.quantity_direction == "Long" else -row.quantity,
        avg_cost=row.average_open_price,
        mark=row.mark_price,
        multiplier=row.multiplier,
        margined=future,
        settle_price=row.average_daily_market_close_price if future else None,
    )


def quotes(rows: list[QuoteRow], wanted: Iterable[str]) -> dict[str, Quote]:
    """Zero stands for no price."""
    asked = frozenset(wanted)
    return {
        row.symbol: Quote(row.symbol, row.updated_at, row.bid or None, row.ask or None, row.last or None)
        for row in rows
        if row.symbol in asked
    }


def window(first: datetime, now: datetime) -> str:
    """The shortest `time-back` that reaches to an instant."""
    days = (now - first) / timedelta(days=1) + 1
    return next((name for name, reach in WINDOWS if days <= reach), "all")


def statements(rows: list[NetLiqRow], number: str, instants: tuple[datetime, ...]) -> Iterator[Statement]:
    """The last net liquidating value of each instant's New York day up to the instant; no more is told."""
    known = sorted(rows, key=lambda row: row.time)
    for instant in instants:
        today = instant.astimezone(NEW_YORK).date()
        found = [r for r in known if r.time <= instant and r.time.astimezone(NEW_YORK).date() == today]
        if found:
            held = Account(number, "USD", cash=None, equity_usd=found[-1].close, margin_usd=None)
            yield Statement(instant, held, None, None, None)
