"""tastytrade's JSON bodies as typed rows (developer.tastytrade.com, API reference).

Keys have dashes; numbers are texts or JSON numbers. Amounts are without sign beside an effect of
Credit (into the account) or Debit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, TypeAdapter

from git_qoc.venues.payloads import AnyNumber, Dasherized, Time

Effect = Literal["Credit", "Debit", "None"]


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError("expected an id")
    return str(value)


Id = Annotated[str, PlainValidator(_id)]


class AccountRow(Dasherized):
    account_number: str = Field(min_length=1)
    margin_or_cash: str
    is_closed: bool = False


class OwnedRow(Dasherized):
    """A row of `GET /customers/me/accounts`."""

    account: AccountRow


class BalanceBody(Dasherized):
    """`GET /accounts/{n}/balances`; what is left out is not known."""

    account_number: str
    currency: str = "USD"
    cash_balance: AnyNumber
    net_liquidating_value: AnyNumber
    reg_t_margin_requirement: AnyNumber | None = None
    futures_overnight_margin_requirement: AnyNumber | None = None
    derivative_buying_power: AnyNumber | None = None


class StatusBody(Dasherized):
    """`GET /accounts/{n}/trading-status`."""

    is_closed: bool = False
    is_frozen: bool = False
    is_closing_only: bool = False
    is_futures_enabled: bool = True
    is_futures_closing_only: bool = False


class PositionRow(Dasherized):
    """A row of `GET /accounts/{n}/positions?include-marks=true`; `quantity` is without sign.

    `average_daily_market_close_price` is what a day's gain counts from: the last settlement, or what
    was paid since.
    """

    symbol: str = Field(min_length=1)
    instrument_type: str
    quantity: AnyNumber
    quantity_direction: Literal["Long", "Short", "Zero"]
    average_open_price: AnyNumber
    average_daily_market_close_price: AnyNumber | None = None
    mark_price: AnyNumber | None = None
    multiplier: AnyNumber


class OrderFillRow(Dasherized):
    quantity: AnyNumber


class LegRow(Dasherized):
    instrument_type: str
    symbol: str = Field(min_length=1)
    action: str
    quantity: AnyNumber | None = None
    fills: list[OrderFillRow] = Field(default_factory=list)


class OrderRow(Dasherized):
    """An order; `size` is how many units of its legs it is for."""

    id: Id
    status: str
    order_type: str
    time_in_force: str
    size: AnyNumber | None = None
    price: AnyNumber | None = None
    price_effect: Effect | None = None
    stop_trigger: AnyNumber | None = None
    external_identifier: str | None = None
    received_at: Time | None = None
    legs: list[LegRow]


class PlacedBody(Dasherized):
    order: OrderRow


class TransactionRow(Dasherized):
    """A row of `GET /accounts/{n}/transactions`."""

    id: Id
    transaction_type: str
    transaction_sub_type: str = ""
    executed_at: Time
    created_at: Time | None = None
    currency: str | None = None
    symbol: str | None = None
    instrument_type: str | None = None
    action: str | None = None
    quantity: AnyNumber | None = None
    price: AnyNumber | None = None
    order_id: Id | None = None
    net_value: AnyNumber | None = None
    net_value_effect: Effect | None = None
    commission: AnyNumber | None = None
    commission_effect: Effect | None = None
    clearing_fees: AnyNumber | None = None
    clearing_fees_effect: Effect | None = None
    regulatory_fees: AnyNumber | None = None
    regulatory_fees_effect: Effect | None = None
    proprietary_index_option_fees: AnyNumber | None = None
    proprietary_index_option_fees_effect: Effect | None = None


class QuoteRow(Dasherized):
    """A row of `GET /market-data/by-type`."""

    symbol: str
    updated_at: Time
    bid: AnyNumber | None = None
    ask: AnyNumber | None = None
    last: AnyNumber | None = None


class FutureRow(Dasherized):
    """`GET /instruments/futures/{symbol}`: one point of price is worth so many dollars."""

    notional_multiplier: AnyNumber


class NetLiqRow(Dasherized):
    """A row of `GET /accounts/{n}/net-liq/history`."""

    time: Time
    close: AnyNumber


OWNED = TypeAdapter(list[OwnedRow])
ACCOUNT = TypeAdapter(AccountRow)
BALANCE = TypeAdapter(BalanceBody)
STATUS = TypeAdapter(StatusBody)
POSITIONS = TypeAdapter(list[PositionRow])
ORDER = TypeAdapter(OrderRow)
ORDERS = TypeAdapter(list[OrderRow])
PLACED = TypeAdapter(PlacedBody)
TRANSACTIONS = TypeAdapter(list[TransactionRow])
QUOTES = TypeAdapter(list[QuoteRow])
FUTURE = TypeAdapter(FutureRow)
NET_LIQ = TypeAdapter(list[NetLiqRow])


def signed(amount: Decimal, effect: Effect | None) -> Decimal:
    """An amount with the sign of its effect: Credit > 0, Debit < 0."""
    return -abs(amount) if effect == "Debit" else abs(amount)
