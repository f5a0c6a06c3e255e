"""Alpaca's JSON bodies as typed rows (Trading API and Market Data API, OpenAPI 3.1).

Numbers of the trading API are texts and must be; those of market data and portfolio history
are JSON numbers, already Decimal. Unknown fields are left alone. A field that is missing or
of the wrong kind is a `VenueError` that names the path and the field, never the value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, TypeAdapter, ValidationError

from git_qoc.errors import VenueError
from git_qoc.money import to_decimal


def _text_number(value: object) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f"expected a decimal number as text, found {_kind(value)}")
    return to_decimal(value)


def _json_number(value: object) -> Decimal:
    if isinstance(value, str):
        raise ValueError("expected a JSON number, found text")
    return to_decimal(value)


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"expected an RFC 3339 time, found {_kind(value)}")
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("expected an RFC 3339 time, found other text") from None
    if time.utcoffset() is None:
        raise ValueError("expected a time with its offset or Z, found a local time")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected an RFC 3339 time, found one beyond the calendar") from None


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


Number = Annotated[Decimal, PlainValidator(_text_number)]
JsonNumber = Annotated[Decimal, PlainValidator(_json_number)]
Time = Annotated[datetime, PlainValidator(_time)]


class Payload(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class AccountBody(Payload):
    """`GET /v2/account`; only `id` and `status` are promised by the API."""

    id: str = Field(min_length=1)
    account_number: str | None = None
    status: str
    crypto_status: str | None = None
    currency: str = Field(min_length=1)
    cash: Number | None = None
    equity: Number | None = None
    portfolio_value: Number | None = None
    initial_margin: Number | None = None
    buying_power: Number | None = None
    multiplier: Number | None = None
    account_blocked: bool = False
    trading_blocked: bool = False
    trade_suspended_by_user: bool = False


class UsdValues(Payload):
    avg_entry_price: Number
    current_price: Number | None = None


class PositionRow(Payload):
    """A row of `GET /v2/positions`; `usd` and `swap_rate` only in local-currency accounts."""

    symbol: str = Field(min_length=1)
    asset_class: str = Field(min_length=1)
    qty: Number
    side: Literal["long", "short"]
    avg_entry_price: Number
    current_price: Number | None = None
    swap_rate: Number | None = None
    usd: UsdValues | None = None


class OrderRow(Payload):
    """A row of `GET /v2/orders`; in a multi-leg order, texts may be empty and numbers null."""

    id: str = Field(min_length=1)
    client_order_id: str | None = None
    symbol: str = ""
    asset_class: str = ""
    order_class: str = ""
    group_id: str | None = None
    side: str | None = None
    position_intent: str | None = None
    type: str | None = None
    status: str
    qty: Number | None = None
    notional: Number | None = None
    filled_qty: Number
    ratio_qty: Number | None = None
    limit_price: Number | None = None
    stop_price: Number | None = None
    submitted_at: Time | None = None
    legs: list[OrderRow] | None = None


class FillRow(Payload):
    """A row of `GET /v2/account/activities/FILL`."""

    id: str = Field(min_length=1)
    order_id: str
    symbol: str = Field(min_length=1)
    side: Literal["buy", "sell", "sell_short"]
    qty: Number
    price: Number
    transaction_time: Time


class ActivityRow(Payload):
    """A non-trade row of `GET /v2/account/activities`; `date` is a day or a time."""

    id: str = Field(min_length=1)
    activity_type: str
    date: str | None = None
    created_at: Time | None = None
    net_amount: Number | None = None
    currency: str | None = None
    status: Literal["executed", "correct", "canceled"] = "executed"


class QuoteRow(Payload):
    """Bid and ask prices; 0 means that side has none."""

    t: Time
    bp: JsonNumber
    ap: JsonNumber


class QuotesBody(Payload):
    quotes: dict[str, QuoteRow]
    currency: str = "USD"


class BarRow(Payload):
    """A bar; `t` is when it begins, `c` its last price."""

    t: Time
    c: JsonNumber


class BarsBody(Payload):
    bars: dict[str, list[BarRow]] | None
    next_page_token: str | None = None
    currency: str = "USD"


class HistoryBody(Payload):
    """`GET /v2/account/portfolio/history`: parallel lists, oldest first."""

    timestamp: list[int]
    equity: list[JsonNumber | None]
    cashflow: dict[str, list[JsonNumber | None]] | None = None


class AssetRow(Payload):
    """`GET /v2/assets/{symbol}`; the increments are of crypto only."""

    tradable: bool
    fractionable: bool
    shortable: bool
    min_order_size: Number | None = None
    min_trade_increment: Number | None = None
    price_increment: Number | None = None


class ClockBody(Payload):
    timestamp: Time


ACCOUNT = TypeAdapter(AccountBody)
POSITIONS = TypeAdapter(list[PositionRow])
ORDER = TypeAdapter(OrderRow)
ORDERS = TypeAdapter(list[OrderRow])
FILLS = TypeAdapter(list[FillRow])
ACTIVITIES = TypeAdapter(list[ActivityRow])
QUOTES = TypeAdapter(QuotesBody)
BARS = TypeAdapter(BarsBody)
HISTORY = TypeAdapter(HistoryBody)
ASSET = TypeAdapter(AssetRow)
CLOCK = TypeAdapter(ClockBody)

Row = TypeVar("Row")


def parse(adapter: TypeAdapter[Row], data: object, path: str) -> Row:
    """The typed rows of a decoded body.

    Raises:
        VenueError: `alpaca /v2/positions: [3].qty: expected …`, the first fault only.
    """
    try:
        return adapter.validate_python(data)
    except ValidationError as exc:
        fault = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
        what = fault["msg"].removeprefix("Value error, ")
    raise VenueError(f"alpaca {path}: {place.lstrip('.') or 'body'}: {what}")
