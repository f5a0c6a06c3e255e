"""What every venue's adapter must do, asked of the adapter against a server of that venue.

    CHECKS[Case.PARTIAL_FILL](bench)

A `Bench` (`tests/venues/bench.py`) is the venue's side of it. Each check needs a fresh one, runs
its server, and raises AssertionError. `tests/venues/test_conformance.py` runs all of them over
every venue of the registry; for an adapter of your own see CONTRIBUTING.md. `table` is what
passed where.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from git_qoc.account.valuation import value
from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, Unsupported, VenueError
from git_qoc.model import Flow, Order, OrderLeg, OrderRequest, OrderStatus, OrderType, Side
from git_qoc.venues.base import Connector
from tests.desk.leaks import found_in, told
from tests.venues.bench import Bench, Case, Fault

D = Decimal
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CENT = D("0.01")
IMPATIENT_S = 0.4
FEW_DIGITS, MANY_DIGITS = D("1E15"), D("1.000000000000000001")

Check = Callable[[Bench], None]
CHECKS: dict[Case, Check] = {}


def _check(case: Case) -> Callable[[Check], Check]:
    def add(check: Check) -> Check:
        def running(bench: Bench) -> None:
            with bench.running():
                check(bench)

        CHECKS[case] = running
        return check

    return add


def refused(bench: Bench, case: Case) -> None:
    """A case that a bench does not support: with a reason, and the adapter must not pretend."""
    assert bench.not_supported[case]
    with bench.running():
        ask, connector = _REFUSALS.get(case), bench.connector()
        if ask is None or any(getattr(connector.capabilities, name) for name in _OFFERED.get(case, ())):
            return
        sent = bench.requests_sent()
        _raises(Unsupported, lambda: ask(connector, bench))
        assert bench.requests_sent() == sent, "something was sent before it was refused"


def table(outcomes: dict[str, dict[Case, str]]) -> str:
    """Markdown: a line for each case, a column for each venue and type."""
    names = list(outcomes)
    lines = ["| case | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    lines += [f"| {case} | " + " | ".join(outcomes[name][case] for name in names) + " |" for case in Case]
    return "\n".join(lines)


def _raises(kind: type[BaseException], call: Callable[[], Any]) -> Any:
    try:
        found = call()
    except kind as exc:
        return exc
    raise AssertionError(f"expected {kind.__name__}, found {found!r}")


def _failures(asks: dict[str, Callable[[], Any]]) -> list[BaseException | None]:
    """What each raised, all asked at once; None for an answer."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return [asked.exception() for asked in [pool.submit(ask) for ask in asks.values()]]


def _all_fail(asks: dict[str, Callable[[], Any]], kind: type[VenueError] = VenueError) -> None:
    failures = dict(zip(asks, _failures(asks), strict=True))
    assert {name: exc for name, exc in failures.items() if not isinstance(exc, kind)} == {}


def _reads(connector: Connector) -> dict[str, Callable[[], Any]]:
    reads = {"account": connector.account, "open_orders": connector.open_orders}
    # A bank's adapter knows without asking that it holds no positions.
    return reads | ({"positions": connector.positions} if connector.capabilities.order_types else {})


def _offered(bench: Bench, connector: Connector, name: str) -> dict[str, Callable[[], Any]]:
    """All that this venue can be asked; `name` is a client order id."""
    offers, found = connector.capabilities, _reads(connector)
    if offers.flows:
        found["flows"] = lambda: connector.flows(LONG_AGO)
    if offers.history:
        found["history"] = lambda: list(connector.history((bench.now() - timedelta(days=9),)))
    if offers.closes:
        today = bench.now().date()
        found["closes"] = lambda: connector.closes(_priced(bench), today - timedelta(days=9), today)
    if offers.order_types:
        found["fills"] = lambda: list(connector.fills(LONG_AGO)) if offers.fills else connector.account()
        found["quotes"] = lambda: connector.quotes([bench.terms.symbol])
        found["order"] = lambda: connector.order(name)
        found["cancel"] = lambda: connector.cancel(name)
    return found


def _priced(bench: Bench) -> str:
    return bench.terms.priced or bench.terms.symbol


# Reads.


@_check(Case.READS_AGREE)
def _reads_agree(bench: Bench) -> None:
    terms = bench.terms
    bench.balance("USD", D(100_000))
    if terms.symbol:
        bench.hold(terms.symbol, terms.quantity, terms.market, terms.market)
    connector = bench.connector()
    assert connector.health() is None
    account, positions = connector.account(), connector.positions()
    assert account.account_id
    assert account.account_id == bench.connector().account().account_id
    assert account.cash is not None
    assert sum((cash.amount for cash in account.cash), D(0)) > 0
    if terms.symbol:
        (held,) = positions
        assert held.quantity == terms.quantity
        assert held.avg_cost in (terms.market, None)
        assert held.mark == terms.market
    else:
        assert positions == ()
    worth = value(account, positions)
    assert not isinstance(worth, str), worth
    assert abs(worth.unreconciled_usd or D(0)) <= CENT


@_check(Case.EMPTY_ACCOUNT)
def _empty(bench: Bench) -> None:
    connector = bench.connector()
    account = connector.account()
    assert account.cash is not None
    assert sum(cash.amount for cash in account.cash) == 0
    assert account.equity_usd in (0, None)
    assert connector.positions() == ()
    assert connector.open_orders() == ()
    if connector.capabilities.fills:
        assert list(connector.fills(LONG_AGO)) == []
    if connector.capabilities.flows:
        assert connector.flows(bench.terms.flows_from or LONG_AGO) == ()


@_check(Case.MANY_DIGITS)
def _many_digits(bench: Bench) -> None:
    amount = FEW_DIGITS + MANY_DIGITS
    bench.balance("USD", amount)
    symbol = bench.terms.symbol
    if symbol:
        bench.hold(symbol, MANY_DIGITS, MANY_DIGITS, FEW_DIGITS)
    connector = bench.connector()
    cash = connector.account().cash
    assert cash is not None
    assert [c.amount for c in cash if c.currency == "USD"] == [amount]
    if symbol:
        (held,) = connector.positions()
        assert held.quantity == MANY_DIGITS
        assert held.mark in (FEW_DIGITS, bench.terms.market), "where the market makes the prices"
        assert held.avg_cost in (MANY_DIGITS, None)


@_check(Case.SHORT_POSITION)
def _short(bench: Bench) -> None:
    terms = bench.terms
    bench.balance("USD", D(100_000))
    bench.hold(terms.symbol, -terms.quantity, terms.market, terms.market)
    (held,) = bench.connector().positions()
    assert held.quantity == -terms.quantity


@_check(Case.FOREIGN_CASH)
def _foreign_cash(bench: Bench) -> None:
    bench.balance("USD", D(100))
    bench.balance("EUR", D(500))
    cash = {c.currency: c for c in bench.connector().account().cash or ()}
    assert cash["EUR"].amount == 500
    assert cash["EUR"].amount_usd != 500, "a currency was taken 1:1"
    assert cash["USD"].amount_usd == cash["USD"].amount == 100


@_check(Case.QUOTES)
def _quotes(bench: Bench) -> None:
    terms = bench.terms
    found = bench.connector().quotes([terms.symbol, terms.other])
    assert list(found) == [terms.symbol]
    quote = found[terms.symbol]
    prices = [price for price in (quote.bid, quote.ask, quote.last) if price is not None]
    assert prices
    assert all(abs(price - terms.market) <= terms.market / 10 for price in prices)
    assert quote.time.utcoffset() == timedelta(0)


# Orders.


def _place(bench: Bench, connector: Connector, name: str = "c", **changes: Any) -> tuple[Order, OrderRequest]:
    bench.balance("USD", D(1_000_000))
    request = replace(bench.order(name), **changes)
    return connector.place(request), request


def _found(connector: Connector, client_order_id: str) -> Order:
    order = connector.order(client_order_id)
    assert order is not None
    assert order.client_order_id == client_order_id
    return order


@_check(Case.HANGING_ORDER)
def _hanging(bench: Bench) -> None:
    connector = bench.connector()
    placed, request = _place(bench, connector)
    (listed,) = connector.open_orders()
    for order in (placed, listed, _found(connector, request.client_order_id)):
        assert order.status is OrderStatus.OPEN
        assert (order.client_order_id, order.symbol) == (request.client_order_id, request.symbol)
        assert (order.side, order.type) == (request.side, request.type)
        assert (order.quantity, order.limit_price) == (request.quantity, request.limit_price)
        assert order.filled_quantity == 0
        assert order.order_id == placed.order_id
    assert bench.orders_taken() == [request.client_order_id]


@_check(Case.FILL)
def _fill(bench: Bench) -> None:
    connector = bench.connector()
    placed, request = _place(bench, connector)
    assert request.limit_price is not None
    bench.fill(request.client_order_id, request.quantity, request.limit_price)
    done = _found(connector, request.client_order_id)
    assert (done.status, done.filled_quantity) == (OrderStatus.FILLED, request.quantity)
    assert connector.open_orders() == ()
    (fill,) = connector.fills(LONG_AGO)
    assert (fill.order_id, fill.symbol, fill.side) == (placed.order_id, request.symbol, request.side)
    assert (fill.quantity, fill.price) == (request.quantity, request.limit_price)


@_check(Case.PARTIAL_FILL)
def _partial_fill(bench: Bench) -> None:
    connector, step = bench.connector(), bench.terms.step
    quantity = max(bench.terms.quantity, 2 * step)
    placed, request = _place(bench, connector, quantity=quantity)
    assert request.limit_price is not None
    bench.fill(request.client_order_id, step, request.limit_price)
    (part,) = connector.open_orders()
    assert (part.status, part.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, step)
    assert (part.order_id, part.quantity) == (placed.order_id, quantity)
    bench.fill(request.client_order_id, quantity - step, request.limit_price)
    done = _found(connector, request.client_order_id)
    assert (done.status, done.filled_quantity) == (OrderStatus.FILLED, quantity)
    fills = list(connector.fills(LONG_AGO))
    assert [fill.quantity for fill in fills] == [step, quantity - step]
    assert len({fill.fill_id for fill in fills}) == 2


@_check(Case.CANCEL)
def _cancel(bench: Bench) -> None:
    connector = bench.connector()
    placed, request = _place(bench, connector)
    canceled = connector.cancel(request.client_order_id)
    assert canceled.order_id == placed.order_id
    assert canceled.status in (OrderStatus.CANCELED, OrderStatus.OPEN)
    assert _found(connector, request.client_order_id).status is OrderStatus.CANCELED
    assert connector.open_orders() == ()


@_check(Case.CANCEL_DONE)
def _cancel_done(bench: Bench) -> None:
    connector = bench.connector()
    _, request = _place(bench, connector)
    assert request.limit_price is not None
    bench.fill(request.client_order_id, request.quantity, request.limit_price)
    again = connector.cancel(request.client_order_id)
    assert (again.status, again.filled_quantity) == (OrderStatus.FILLED, request.quantity)


@_check(Case.REJECTION)
def _rejection(bench: Bench) -> None:
    connector, request = bench.connector(), bench.order("c") if bench.terms.symbol else None
    bench.balance("USD", D(1_000))
    bench.break_with(Fault.REJECTS_ORDERS)
    ask = _transfer_of(bench, connector) if request is None else lambda: connector.place(request)
    refusal = _raises(OrderRejected, ask)
    assert "\n" not in str(refusal)
    bench.heal()
    assert bench.orders_taken() == []
    if bench.terms.symbol:
        assert connector.order(bench.order("c").client_order_id) is None
        assert connector.open_orders() == ()


@_check(Case.TIMES_OUT)
def _times_out(bench: Bench) -> None:
    connector = bench.connector(timeout_s=2.0)
    bench.break_with(Fault.TIMES_OUT_AFTER_ACCEPTING)
    _raises(OrderUnknown, lambda: _move(bench, connector))
    bench.heal()
    connector = bench.connector()
    if bench.terms.symbol:
        found = _found(connector, bench.order("c").client_order_id)
        assert found.status is OrderStatus.OPEN
    else:
        _move(bench, connector)  # the same id again
    assert len(bench.orders_taken()) == 1


def _move(bench: Bench, connector: Connector) -> Any:
    """What moves money here: an order, or a transfer where nothing is traded."""
    if bench.terms.symbol:
        return _place(bench, connector)
    bench.balance("USD", D(1_000))
    return _transfer_of(bench, connector)()


def _transfer_of(bench: Bench, connector: Connector) -> Callable[[], Flow]:
    return lambda: connector.transfer(D("12.34"), bench.terms.transfer_to, _TRANSFER_ID)


_TRANSFER_ID = "0123456789abcdef0123456789abcdef"


@_check(Case.UNKNOWN_ID)
def _unknown_id(bench: Bench) -> None:
    connector = bench.connector()
    never = bench.order("never").client_order_id
    assert connector.order(never) is None
    _raises(VenueError, lambda: connector.cancel(never))


@_check(Case.UNSUPPORTED)
def _unsupported(bench: Bench) -> None:
    connector = bench.connector()
    offers = connector.capabilities
    request = bench.order("c") if bench.terms.symbol else _any_order()
    wrong = [replace(request, time_in_force="until the cows come home")]
    wrong += [_of_type(request, kind) for kind in OrderType if kind not in offers.order_types]
    wrong += [replace(request, client_order_id="")]
    wrong += [replace(request, quantity=D(0)), replace(request, quantity=D(-1))]
    if not offers.multi_leg:
        legs = (OrderLeg("A", D(1)), OrderLeg("B", D(-1)))
        wrong.append(replace(request, symbol="", legs=legs))
    if not offers.fractional:
        wrong.append(replace(request, quantity=D("1.5")))
    sent = bench.requests_sent()
    for one in wrong:
        _raises(Unsupported, lambda one=one: connector.place(one))  # type: ignore[misc]
    if not offers.transfers:
        _raises(Unsupported, lambda: connector.transfer(D(1), "x", "y"))
    assert bench.requests_sent() == sent, "something was sent before it was refused"
    assert bench.orders_taken() == []


def _any_order() -> OrderRequest:
    return OrderRequest("c", "X", Side.BUY, D(1), OrderType.LIMIT, limit_price=D(1))


def _of_type(request: OrderRequest, kind: OrderType) -> OrderRequest:
    price = request.limit_price or D(1)
    limit = price if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None
    stop = price if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else None
    return replace(request, type=kind, limit_price=limit, stop_price=stop)


@_check(Case.INCREMENTS)
def _increments(bench: Bench) -> None:
    connector, terms = bench.connector(), bench.terms
    placed, _ = _place(bench, connector, quantity=terms.quantity + terms.step / 2)
    assert placed.quantity == terms.quantity
    _raises(Unsupported, lambda: _place(bench, connector, "d", quantity=terms.step / 2))
    assert len(bench.orders_taken()) == 1


@_check(Case.MULTI_LEG)
def _multi_leg(bench: Bench) -> None:
    connector = bench.connector()
    legs = tuple(
        OrderLeg(symbol, D(1) if at % 2 == 0 else D(-1)) for at, symbol in enumerate(bench.terms.legs)
    )
    placed, request = _place(bench, connector, symbol="", legs=legs, quantity=D(2), limit_price=D("0.05"))
    (listed,) = connector.open_orders()
    for order in (placed, listed, _found(connector, request.client_order_id)):
        assert sorted(order.legs, key=lambda leg: leg.symbol) == sorted(legs, key=lambda leg: leg.symbol)
        assert (order.quantity, order.limit_price, order.side) == (D(2), D("0.05"), None)
    assert connector.cancel(request.client_order_id).order_id == placed.order_id
    assert connector.open_orders() == ()


# Bookings.


@_check(Case.PAGING)
def _paging(bench: Bench) -> None:
    booked = bench.book_fills(250)
    assert len(booked) >= 50
    connector = bench.connector()
    fills = list(connector.fills(LONG_AGO))
    assert sorted((f.fill_id, f.side, f.quantity, f.price) for f in fills) == sorted(booked)
    assert [f.time for f in fills] == sorted(f.time for f in fills)
    for split in {0, len(fills) // 3, len(fills) // 2, 99, 100, len(fills) - 2, len(fills) - 1}:
        since = fills[min(split, len(fills) - 1)].time
        later = [f.fill_id for f in fills if f.time > since]
        assert [f.fill_id for f in connector.fills(since)] == later


@_check(Case.FLOWS)
def _flows(bench: Bench) -> None:
    first = bench.now() - timedelta(days=3)
    second = first + timedelta(days=1)
    bench.book_flow(D("1000.50"), first)
    bench.book_flow(D("-300.25"), second)
    connector = bench.connector()
    flows = connector.flows(first - timedelta(days=1))
    assert [flow.amount_usd for flow in flows] == [D("1000.50"), D("-300.25")]
    assert [flow.time for flow in flows] == sorted(flow.time for flow in flows)
    assert [flow.amount_usd for flow in connector.flows(flows[0].time)] == [D("-300.25")]
    assert connector.flows(flows[1].time) == ()


@_check(Case.HISTORY)
def _history(bench: Bench) -> None:
    today = bench.now().replace(hour=0, minute=0, second=0, microsecond=0)
    past = [today - timedelta(days=days) for days in (9, 8, 7)]
    for number, instant in enumerate(past):
        bench.equity_was(instant, D("1000.25") + number)
    connector = bench.connector()
    asked = tuple(instant + timedelta(hours=23) for instant in past)
    found = list(connector.history(asked))
    equities = {instant: D("1000.25") + number for number, instant in enumerate(asked)}
    assert len(found) >= 2, "one of three days may be a holiday"
    assert {one.time: one.account.equity_usd for one in found}.items() <= equities.items()
    assert list(connector.history((today - timedelta(days=400),))) == []


@_check(Case.CLOSES)
def _closes(bench: Bench) -> None:
    told = bench.daily_closes()
    assert len(told) >= 10
    symbol, days = _priced(bench), [day for day, _ in told]
    connector, long = bench.connector(), timedelta(days=30)
    found = connector.closes(symbol, days[0] - long, bench.now().date() + long)
    assert [(one.day, one.price) for one in found] == told, "and none of a day that is not over"
    some = connector.closes(symbol, days[3], days[-3])
    assert [(one.day, one.price) for one in some] == told[3:-2]
    assert connector.closes(symbol, days[-1], days[0]) == ()
    assert connector.closes(symbol, days[0] - long, days[0] - timedelta(days=1)) == ()
    assert connector.closes(bench.terms.other, days[0], days[-1]) == ()


@_check(Case.TRANSFER)
def _transfer(bench: Bench) -> None:
    connector = bench.connector()
    bench.balance("USD", D(1_000))
    first, again = _transfer_of(bench, connector)(), _transfer_of(bench, connector)()
    assert first.amount_usd == again.amount_usd == D("-12.34")
    assert first.flow_id == again.flow_id
    assert len(bench.orders_taken()) == 1
    _raises(VenueError, lambda: connector.transfer(D(1), "nobody at all", "f" * 32))
    for wrong in (D(0), D(-1)):
        _raises(VenueError, lambda wrong=wrong: connector.transfer(wrong, bench.terms.transfer_to, "e" * 32))  # type: ignore[misc]
    assert len(bench.orders_taken()) == 1


# What goes wrong.


@_check(Case.CREDENTIALS)
def _credentials(bench: Bench) -> None:
    bench.balance("USD", D(100))
    bench.break_with(Fault.REFUSES_CREDENTIALS)
    connector = bench.connector()
    for read in _reads(connector).values():
        told_why = str(_raises(VenueError, read))
        assert re.search(r"40[013]|credentials refused|key|token", told_why, re.IGNORECASE), told_why


@_check(Case.CLOCK)
def _clock(bench: Bench) -> None:
    bench.break_with(Fault.CLOCK_IS_OFF)
    reason = bench.connector().health()
    assert reason is not None
    assert "clock is 600 s behind ours" in reason


@_check(Case.RATE_LIMIT)
def _rate_limit(bench: Bench) -> None:
    bench.break_with(Fault.RATE_LIMITS)
    with _at_most(1.5):
        _all_fail(_reads(bench.connector(timeout_s=1.0)), RateLimited)


def _name(bench: Bench) -> str:
    return bench.order("c").client_order_id if bench.terms.symbol else "c"


@_check(Case.SLOW)
def _slow(bench: Bench) -> None:
    name = _name(bench)
    bench.break_with(Fault.IS_SLOW)
    with _at_most(IMPATIENT_S + 0.5):
        _all_fail(_offered(bench, bench.connector(timeout_s=IMPATIENT_S), name))


class _at_most:  # noqa: N801  # reads as a statement
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._start
        assert took <= self._seconds, f"took {took:.2f} s"


@_check(Case.DOWN)
def _down(bench: Bench) -> None:
    for fault in (Fault.IS_DOWN, Fault.REFUSES_CONNECTIONS):
        bench.break_with(fault)
        _all_fail(_reads(bench.connector(timeout_s=1.0)))
        bench.heal()
    if bench.connector().capabilities.order_types:
        bench.break_with(Fault.REFUSES_CONNECTIONS)
        nothing_left = _raises(VenueError, lambda: _place(bench, bench.connector(timeout_s=1.0)))
        assert not isinstance(nothing_left, OrderUnknown), "nothing was sent, so nothing is unknown"


@_check(Case.GARBAGE)
def _garbage(bench: Bench) -> None:
    name = _name(bench)
    bench.break_with(Fault.ANSWERS_GARBAGE)
    asks = _offered(bench, bench.connector(timeout_s=1.0), name)
    if bench.venue == "paper":
        for name in ("quotes", "closes"):
            asks.pop(name, None)  # its books are garbage, and no price needs them
    _all_fail(asks)


@_check(Case.NO_SECRET)
def _no_secret(bench: Bench) -> None:
    name = _name(bench)
    secrets = {f"secret {at}": text for at, text in enumerate(bench.secrets)}
    assert secrets
    for fault in Fault:
        bench.break_with(fault)
        for error in _errors(bench, name):
            assert found_in(told(error), secrets) == [], fault
            assert found_in(str(error), secrets) == [], fault
        bench.heal()
    assert found_in(repr(bench.connector()), secrets) == []


def _errors(bench: Bench, name: str) -> Iterator[BaseException]:
    connector = bench.connector(timeout_s=IMPATIENT_S)
    asks = {"health": connector.health, **_offered(bench, connector, name)}
    yield from filter(None, _failures(asks))
    if bench.terms.symbol or bench.terms.transfer_to:
        yield from filter(None, _failures({"move": lambda: _move(bench, connector)}))


def _legged(bench: Bench) -> OrderRequest:
    request = bench.order("c") if bench.terms.symbol else _any_order()
    return replace(request, symbol="", legs=(OrderLeg("A", D(1)), OrderLeg("B", D(-1))))


def _halved(bench: Bench) -> OrderRequest:
    return replace(bench.order("c") if bench.terms.symbol else _any_order(), quantity=D("0.5"))


_REFUSALS: dict[Case, Callable[[Connector, Bench], Any]] = {
    Case.TRANSFER: lambda connector, _: connector.transfer(D(1), "x", "f" * 32),
    Case.HISTORY: lambda connector, bench: list(connector.history((bench.now() - timedelta(days=9),))),
    Case.CLOSES: lambda connector, bench: connector.closes("X", bench.now().date(), bench.now().date()),
    Case.FLOWS: lambda connector, _: connector.flows(LONG_AGO),
    Case.PAGING: lambda connector, _: list(connector.fills(LONG_AGO)),
    Case.HANGING_ORDER: lambda connector, _: connector.place(_any_order()),
    Case.MULTI_LEG: lambda connector, bench: connector.place(_legged(bench)),
    Case.INCREMENTS: lambda connector, bench: connector.place(_halved(bench)),
}
_OFFERED = {
    Case.TRANSFER: ("transfers",),
    Case.HISTORY: ("history",),
    Case.CLOSES: ("closes",),
    Case.FLOWS: ("flows",),
    Case.PAGING: ("fills",),
    Case.HANGING_ORDER: ("order_types",),
    Case.MULTI_LEG: ("multi_leg",),
    Case.INCREMENTS: ("fractional",),
}
"""A bench may not be able to stage what its adapter offers: then nothing is to be refused."""
