from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from git_qoc.account.uta import UnifiedAccount, unify
from git_qoc.model import (
    Account,
    Cash,
    Health,
    HealthStatus,
    Order,
    OrderLeg,
    OrderStatus,
    OrderType,
    Position,
    Quote,
    Side,
    VenueState,
    VenueType,
)

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)


def usd(amount: str) -> tuple[Cash, ...]:
    return (Cash("USD", Decimal(amount), Decimal(amount)),)


def account(cash: str, equity: str | None = None, margin: str | None = None, leverage: int = 0) -> Account:
    return Account(
        account_id="",
        currency="USD",
        cash=usd(cash),
        equity_usd=None if equity is None else Decimal(equity),
        margin_usd=None if margin is None else Decimal(margin),
        leverage=Decimal(leverage) if leverage else None,
    )


def state(
    name: str,
    of: Account,
    *positions: Position,
    orders: tuple[Order, ...] = (),
    quotes: dict[str, Quote] | None = None,
) -> VenueState:
    return VenueState(
        name, VenueType.EQUITIES, "test", Health(HealthStatus.OK), NOON, of, positions, orders, quotes or {}
    )


def order(
    side: str,
    quantity: str,
    kind: str = "limit",
    limit: str | None = None,
    symbol: str = "A",
    filled: str = "0",
    stop: str | None = None,
) -> Order:
    return Order(
        "id",
        "client-id",
        symbol,
        Side(side),
        Decimal(quantity),
        Decimal(filled),
        OrderType(kind),
        OrderStatus.OPEN,
        None if limit is None else Decimal(limit),
        None if stop is None else Decimal(stop),
    )


def pool(*states: VenueState) -> Decimal | None:
    return unify(states).buying_power_usd


def long(quantity: str, mark: str = "10", symbol: str = "A") -> Position:
    return Position(symbol, Decimal(quantity), Decimal(8), Decimal(mark))


def test_published_margin_account_has_its_published_regt_buying_power() -> None:
    """Alpaca's OpenAPI, schema Account: equity 103820.56, initial_margin 63480.38, multiplier 4,
    regt_buying_power 80680.36, cash −23140.2, long_market_value 126960.76."""
    published = account("-23140.2", "103820.56", "63480.38", leverage=2)
    stocks = Position("X", Decimal(1), Decimal(1), Decimal("126960.76"))
    assert pool(state("a", published, stocks)) == Decimal("80680.36")


def test_limit_order_at_one_venue_lowers_buying_power_at_another() -> None:
    before = unify([state("stocks", account("1000")), state("coins", account("5000"))])
    held_back = state("stocks", account("1000"), orders=(order("buy", "90", limit="10"),))
    after = unify([held_back, state("coins", account("5000"))])
    assert before.buying_power_usd == 6000
    assert after.buying_power_usd == 5100
    margin_call = state("stocks", account("-9000", "1000", "6000", leverage=2))
    squeezed = unify([margin_call, state("coins", account("12000"))])
    assert squeezed.buying_power_usd == 2000
    assert squeezed.sheets[1].funding_usd == 2000


@pytest.mark.parametrize(
    ("orders", "reserved"),
    [
        ((order("buy", "10", limit="9"),), "90"),
        ((order("buy", "10", limit="9", filled="4"),), "54"),
        ((order("buy", "10", "market"),), "104"),  # 4 % above the mark of 10
        ((order("buy", "10", "stop", stop="12"),), "124.8"),
        ((order("buy", "10", "stop_limit", limit="13", stop="12"),), "130"),
        ((order("sell", "5", limit="20"),), "0"),  # closes what is held
        ((order("sell", "8", limit="20"),), "60"),  # 5 close, 3 open a short
        ((order("sell", "5", limit="20"), order("sell", "5", limit="20")), "100"),  # the second opens
        ((order("sell", "6", "market"),), "10.4"),
    ],
)
def test_what_an_open_order_reserves_with_five_held(orders: tuple[Order, ...], reserved: str) -> None:
    assert pool(state("a", account("1000"), long("5"), orders=orders)) == 1000 - Decimal(reserved)


def test_a_buy_that_closes_a_short_reserves_nothing() -> None:
    short = state("a", account("1000", None, "0"), long("-5"))
    closing = replace(short, open_orders=(order("buy", "5", limit="10"),))
    assert pool(short) == pool(closing) == 950  # 1,000 of cash less the 50 that buy it back


def test_a_multi_leg_debit_reserves_its_price_times_the_multiplier() -> None:
    spread = Order(
        "id",
        None,
        "",
        None,
        Decimal(2),
        Decimal(0),
        OrderType.LIMIT,
        OrderStatus.OPEN,
        Decimal("1.28"),
        multiplier=Decimal(100),
        legs=(OrderLeg("AAPL241213C00250000", Decimal(1)), OrderLeg("AAPL241213C00260000", Decimal(-1))),
    )
    assert pool(state("a", account("1000"), orders=(spread,))) == 744


def test_an_order_that_cannot_be_priced_takes_its_connector_out_of_the_pool() -> None:
    blind = state("a", account("1000"), orders=(order("buy", "1", "market", symbol="Z"),))
    uta = unify([blind, state("b", account("300"))])
    assert uta.buying_power_usd == 300
    assert uta.unpooled == ("a",)
    assert uta.nav_usd == 1300
    assert uta.sheets[0].funding_usd is None
    quoted = {"Z": Quote("Z", NOON, ask=Decimal(50))}
    seen = state("a", account("1000"), orders=(order("buy", "1", "market", symbol="Z"),), quotes=quoted)
    assert pool(seen, state("b", account("300"))) == Decimal(1248)


def test_futures_fund_from_equity_less_margin_and_never_count_notional() -> None:
    contract = Position(
        "ESZ6", Decimal(1), Decimal(5000), Decimal(5010), multiplier=Decimal(50), margined=True
    )
    uta = unify([state("a", account("20000", None, "15000", leverage=1), contract)])
    assert uta.nav_usd == 20500
    assert uta.buying_power_usd == 5500


def test_an_order_for_a_future_holds_back_its_margin_where_the_venue_says_it() -> None:
    """At 5,000 × 50 the contract is worth 250,000; what it binds is the 15,000 of its margin."""
    buy = order("buy", "1", "limit", limit="5000", symbol="ESZ6")
    future = replace(buy, multiplier=Decimal(50), margined=True)
    told = replace(future, margin_usd=Decimal(15_000))
    assert pool(state("a", account("20000", None, "0", leverage=1), orders=(told,))) == 5000
    silent = unify([state("a", account("20000", None, "0", leverage=1), orders=(future,))])
    assert silent.unpooled == ("a",)


def test_an_order_that_closes_a_future_holds_back_nothing() -> None:
    long = Position("ESZ6", Decimal(1), Decimal(5000), Decimal(5000), multiplier=Decimal(50), margined=True)
    sell = replace(order("sell", "1", "market", symbol="ESZ6"), multiplier=Decimal(50), margined=True)
    assert pool(state("a", account("20000", None, "15000", leverage=1), long, orders=(sell,))) == 5000


def test_an_order_in_another_currency_is_reserved_at_its_rate() -> None:
    euros = replace(order("buy", "2", "limit", limit="100"), currency="EUR", fx_usd=Decimal("1.1"))
    assert pool(state("a", account("1000"), orders=(euros,))) == 780
    unrated = replace(euros, fx_usd=None)
    assert unify([state("a", account("1000"), orders=(unrated,))]).unpooled == ("a",)


def summed(uta: UnifiedAccount) -> tuple[object, ...]:
    return uta.nav_usd, uta.cash_usd, uta.degraded


def test_a_currency_without_a_rate_is_never_one_to_one() -> None:
    euros = Account("", "USD", (Cash("EUR", Decimal(500), None),), None, None)
    uta = unify([state("a", euros), state("b", account("300"))])
    assert summed(uta) == (300, 300, ("a",))
    assert uta.sheets[0].state.health.reason == "cannot be valued: no rate to USD for 500 EUR"


def test_a_position_without_a_mark_is_never_zero() -> None:
    unmarked = Position("A", Decimal(1), Decimal(1), None)
    uta = unify([state("a", account("5"), unmarked)])
    assert summed(uta) == (None, None, ("a",))
    stated = unify([state("a", account("5", "7"), unmarked)])
    assert stated.nav_usd == 7
    assert stated.unrealized_pnl is None


def test_the_venues_equity_counts_and_the_difference_is_kept() -> None:
    uta = unify([state("a", account("100", "151.25"), long("5"))])
    assert uta.nav_usd == Decimal("151.25")
    assert uta.sheets[0].valuation is not None
    assert uta.sheets[0].valuation.unreconciled_usd == Decimal("1.25")


def test_two_connectors_on_one_account_are_counted_once() -> None:
    same = Account("acct-1", "USD", usd("100"), None, None)
    uta = unify([state("a", same), state("b", same)])
    assert summed(uta) == (100, 100, ("b",))
    assert 'the same account as "a"' in uta.sheets[1].state.health.reason


def test_negative_cash_is_kept_and_the_pool_never_goes_below_zero() -> None:
    uta = unify([state("a", account("-50")), state("b", account("20"))])
    assert uta.cash_usd == -30
    assert uta.buying_power_usd == 0


def test_nothing_readable_gives_no_figure() -> None:
    down = VenueState("a", VenueType.CASH, "test", Health(HealthStatus.DEGRADED, "no answer", NOON))
    uta = unify([down])
    assert (uta.nav_usd, uta.cash_usd, uta.buying_power_usd) == (None, None, None)


def option(symbol: str, ratio: int) -> OrderLeg:
    return OrderLeg(symbol, Decimal(ratio))


C110, C120 = "X260918C00110000", "X260918C00120000"
P100, LATER = "X260918P00100000", "X261016C00120000"


@pytest.mark.parametrize(
    ("legs", "known"),
    [
        ((option(C110, 1), option(C120, -1)), True),  # a bull call spread costs its debit at most
        ((option(C110, 3), option(C120, -1)), True),
        ((option(C110, 1), option(C120, -2)), False),  # one call is naked
        ((option(C120, 1), option(C110, -1)), False),  # the sold call is worth more
        ((option(C110, 1), option(P100, -1)), False),  # a naked put
        ((option(C110, 1), option(LATER, -1)), False),  # the sold one outlives the bought one
        ((option(C110, 1), option("X", -100)), False),
        ((option(C110, 1), option(P100, 1)), True),
    ],
)
def test_a_sold_leg_that_nothing_covers_cannot_be_priced(legs: tuple[OrderLeg, ...], known: bool) -> None:
    debit = Order(
        "id", None, "", None, Decimal(1), Decimal(0), OrderType.LIMIT, OrderStatus.OPEN, Decimal("0.10"),
        multiplier=Decimal(100), legs=legs,
    )  # fmt: skip
    uta = unify([state("a", account("1000"), orders=(debit,)), state("b", account("1"))])
    assert uta.buying_power_usd == (Decimal(991) if known else 1)
    assert uta.unpooled == (() if known else ("a",))


def test_a_written_option_cannot_be_priced_and_a_bought_one_takes_its_multiple_on_margin() -> None:
    written = replace(order("sell", "1", limit="1.00", symbol=P100), multiplier=Decimal(100))
    assert unify([state("a", account("20000"), orders=(written,))]).unpooled == ("a",)
    bought = replace(order("buy", "1", limit="50", symbol=C110), multiplier=Decimal(100))
    margin = account("10000", "10000", "0", leverage=2)
    # After the fill the requirement is 5,000, and (10,000 − 5,000) × 2 is what the pool says before it.
    assert pool(state("a", margin, orders=(bought,))) == 10000


def test_cash_that_backs_a_short_is_not_there_to_be_spent() -> None:
    assert pool(state("a", account("150000", "100000", "25000"))) == 75000


@pytest.mark.parametrize(
    "backed",
    [
        Position("ESZ6", Decimal(1), Decimal(5000), Decimal(5000), multiplier=Decimal(50), margined=True),
        Position("A", Decimal(-1), Decimal(10), Decimal(10)),
    ],
)
def test_cash_that_backs_an_unknown_margin_is_not_said_to_be_free(backed: Position) -> None:
    uta = unify([state("a", account("1000"), backed), state("b", account("300"))])
    assert uta.buying_power_usd == 300
    assert uta.unpooled == ("a",)


def test_a_blocked_account_funds_nothing() -> None:
    blocked = replace(account("100", "100", "0", leverage=2), blocked="trading is blocked")
    assert unify([state("a", blocked), state("b", account("7"))]).buying_power_usd == 7


def test_a_margin_call_lowers_the_pool_also_where_an_order_cannot_be_priced() -> None:
    called = account("0", "10000", "60000", leverage=1)
    blind = state("a", called, orders=(order("buy", "1", "market", symbol="Z"),))
    uta = unify([blind, state("b", account("30000"))])
    assert uta.buying_power_usd == 0
    assert uta.unpooled == ("a",)


def test_an_order_by_amount_reserves_it_and_a_sell_only_what_is_not_held() -> None:
    buy = replace(order("buy", "1"), quantity=None, notional=Decimal(300), limit_price=None)
    sell = replace(buy, side=Side.SELL, notional=Decimal(50))
    assert pool(state("a", account("1000"), orders=(buy,))) == 700
    assert pool(state("a", account("1000"), long("5"), orders=(sell,))) == 1000
    assert unify([state("a", account("1000"), long("4"), orders=(sell,))]).unpooled == ("a",)


def test_a_price_of_zero_prices_no_order_and_an_order_in_another_currency_is_not_one_to_one() -> None:
    worthless = state("a", account("1000"), long("5", "0"), orders=(order("buy", "10", "market"),))
    assert unify([worthless]).unpooled == ("a",)
    tethered = replace(order("buy", "1", limit="10", symbol="Z"), currency="USDT")
    assert unify([state("a", account("1000"), orders=(tethered,))]).unpooled == ("a",)
    by_amount = replace(tethered, quantity=None, notional=Decimal(10))
    assert unify([state("a", account("1000"), orders=(by_amount,))]).unpooled == ("a",)
    euros = replace(account("1000", "1000"), currency="EUR")
    assert unify([state("a", euros, orders=(order("buy", "1", limit="10", symbol="Z"),))]).unpooled == ("a",)
