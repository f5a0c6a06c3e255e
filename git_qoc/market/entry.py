"""What the market asks of an order before it takes it. Every refusal says what was expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from git_qoc.market.accounting import COST_STEP
from git_qoc.market.instruments import find, tradable_from
from git_qoc.market.matching import net_price
from git_qoc.market.orders import AssetClass, Instrument, MarketOrder, NewOrder, Refusal, RefusalKind
from git_qoc.market.requirements import initial
from git_qoc.market.sessions import next_close
from git_qoc.market.standing import Standing
from git_qoc.market.tickets import Resting, Ticket
from git_qoc.model import OrderStatus, OrderType, Side
from git_qoc.money import ZERO, plain

STOP_COLLAR = Decimal("1.04")
"""A stop order may fill beyond its stop: it reserves 4 % more, as docs.alpaca.markets has it."""
LEGS_MOST = 4
CENT = Decimal("0.01")
MOST = Decimal("1e15")
LEAST = Decimal("1e-15")


def _bad(message: str) -> Refusal:
    return Refusal(RefusalKind.BAD_REQUEST, message)


def instrument_for(symbol: str, now: datetime) -> Instrument:
    """The instrument an order names.

    Raises:
        Refusal: there is none, or it is not traded now.
    """
    found = find(symbol, now)
    if found is None:
        raise Refusal(RefusalKind.UNKNOWN_SYMBOL, f"there is no {symbol} in this market")
    if not tradable_from(found, now):
        raise Refusal(RefusalKind.NOT_TRADABLE, f"{symbol} does not trade at {now:%Y-%m-%d %H:%M}Z")
    return found


def checked(asked: NewOrder, standing: Standing) -> tuple[Instrument, ...]:
    """The instruments of an order (of its legs) that is well formed.

    Raises:
        Refusal: it is not, or something in it does not trade.
    """
    _sane(asked)
    if asked.time_in_force not in ("day", "gtc", "ioc", "fok"):
        raise _bad(f"time in force {asked.time_in_force}: expected day, gtc, ioc or fok")
    if (asked.limit_price is None) == (asked.type in (OrderType.LIMIT, OrderType.STOP_LIMIT)):
        raise _bad("expected a limit price with limit and stop-limit orders, and only with them")
    if (asked.stop_price is None) == (asked.type in (OrderType.STOP, OrderType.STOP_LIMIT)):
        raise _bad("expected a stop price with stop and stop-limit orders, and only with them")
    if asked.stop_price is not None and asked.time_in_force in ("ioc", "fok"):
        raise _bad(f"a stop order cannot be {asked.time_in_force}: expected day or gtc")
    if (asked.quantity is None) == (asked.notional is None):
        raise _bad("expected either a quantity or a notional amount")
    size = asked.quantity if asked.quantity is not None else asked.notional
    if size is None or size <= 0:
        raise _bad("the quantity must be greater than zero")
    instruments = _legs(asked, standing.now) if asked.legs else _single(asked, standing.now)
    for one in instruments:
        if standing.price(one.symbol) is None:
            raise Refusal(
                RefusalKind.NOT_TRADABLE, f"{one.symbol} has no price at {standing.now:%Y-%m-%d %H:%M}Z"
            )
    return instruments


def _sane(asked: NewOrder) -> None:
    numbers = (asked.quantity, asked.notional, asked.limit_price, asked.stop_price)
    for number in (*numbers, *(leg.ratio for leg in asked.legs)):
        if number is not None and (not number.is_finite() or abs(number) >= MOST):
            raise _bad(f"expected finite numbers below {MOST:.0e}")


def _single(asked: NewOrder, now: datetime) -> tuple[Instrument, ...]:
    if asked.side is None:
        raise _bad("expected a side: buy or sell")
    instrument = instrument_for(asked.symbol, now)
    if asked.notional is not None and asked.type is not OrderType.MARKET:
        raise _bad("a notional amount goes with market orders only")
    _on_step(asked.quantity, instrument)
    for price in (asked.limit_price, asked.stop_price):
        if price is not None and price <= 0:
            raise _bad(f"price {plain(price)}: expected one above zero")
        if price is not None and price % instrument.tick:
            raise _bad(f"price {plain(price)}: {asked.symbol} is priced in steps of {plain(instrument.tick)}")
    return (instrument,)


def _legs(asked: NewOrder, now: datetime) -> tuple[Instrument, ...]:
    if asked.symbol or asked.side is not None or asked.quantity is None or asked.quantity % 1:
        raise _bad("a multi-leg order has no symbol and no side of its own, and a whole quantity")
    if asked.type not in (OrderType.MARKET, OrderType.LIMIT):
        raise _bad("a multi-leg order is a market or a limit order")
    if not 2 <= len(asked.legs) <= LEGS_MOST or len({leg.symbol for leg in asked.legs}) < len(asked.legs):
        raise _bad(f"expected two to {LEGS_MOST} legs in different options")
    instruments = tuple(instrument_for(leg.symbol, now) for leg in asked.legs)
    if any(leg.ratio % 1 or not leg.ratio for leg in asked.legs):
        raise _bad("expected whole leg ratios other than zero")
    if any(one.kind is not AssetClass.OPTION for one in instruments):
        raise _bad("a multi-leg order is made of options")
    if len({one.underlying for one in instruments}) > 1:
        raise _bad("the legs of an order are options on one stock")
    if asked.limit_price is not None and asked.limit_price % CENT:
        raise _bad(f"price {plain(asked.limit_price)}: options are priced in steps of {plain(CENT)}")
    return instruments


def _on_step(quantity: Decimal | None, instrument: Instrument) -> None:
    if quantity is not None and quantity % instrument.step:
        raise _bad(
            f"quantity {plain(quantity)}: {instrument.symbol} trades in steps of {plain(instrument.step)}"
        )


def new_ticket(
    asked: NewOrder, instruments: tuple[Instrument, ...], standing: Standing, number: int, order_id: str
) -> Ticket:
    """The order as it enters the books, with nothing filled.

    Raises:
        Refusal: a notional amount buys less than one step.
    """
    now = standing.now
    order = MarketOrder(order_id, asked, OrderStatus.OPEN, now, now, ZERO, None)
    expiries = [one.expiry for one in instruments if one.expiry is not None]
    if asked.time_in_force == "day":
        expiries.append(next_close(instruments[0].kind, now))
    ticket = Ticket(
        number, order, _size(asked, instruments[0], standing), ZERO, expires_at=min(expiries, default=None)
    )
    worst = _legs_reservation(ticket, standing) if asked.legs else _worst_price(asked, standing)
    return replace(ticket, worst_price=worst)


def _size(asked: NewOrder, instrument: Instrument, standing: Standing) -> Decimal:
    if asked.quantity is not None:
        return asked.quantity
    price = standing.price(asked.symbol)
    assert price is not None and asked.notional is not None  # noqa: S101, PT018  # both were checked
    steps = (asked.notional / price / instrument.step).to_integral_value(rounding=ROUND_DOWN)
    if not steps:
        raise _bad(f"{plain(asked.notional)} USD buys less than {plain(instrument.step)} {asked.symbol}")
    return steps * instrument.step


def _worst_price(asked: NewOrder, standing: Standing) -> Decimal:
    last = standing.price(asked.symbol) or ZERO
    if asked.side is Side.SELL:
        return max(last, asked.limit_price or ZERO, asked.stop_price or ZERO)
    if asked.limit_price is not None:
        return asked.limit_price
    return last if asked.stop_price is None else max(last, asked.stop_price) * STOP_COLLAR


def _legs_reservation(ticket: Ticket, standing: Standing) -> Decimal:
    """What one unit of a multi-leg order binds when it fills at its limit."""
    held = standing.books.holdings()
    before = [standing.marked(symbol, one.quantity) for symbol, one in held.items()]
    changes = {leg.symbol: leg.ratio * ticket.size for leg in ticket.order.asked.legs}
    after = {symbol: one.quantity for symbol, one in held.items()}
    for symbol, change in changes.items():
        after[symbol] = after.get(symbol, ZERO) + change
    rows = [standing.marked(symbol, quantity) for symbol, quantity in after.items()]
    more = initial(rows, standing.leverage) - initial(before, standing.leverage)
    price, limit = net_price(standing, ticket), ticket.order.asked.limit_price
    if price is not None and limit is not None:
        more += max(limit - price, ZERO) * standing.instrument(next(iter(changes))).multiplier * ticket.size
    return (max(more, ZERO) / ticket.size).quantize(COST_STEP, rounding=ROUND_UP)


def refuse_unaffordable(ticket: Ticket, standing: Standing) -> None:
    """Let an order pass that the account can carry with all its other open orders.

    What binds nothing more passes under a margin call too.

    Raises:
        Refusal: NO_FUNDS or NOT_HELD.
    """
    asked = ticket.order.asked
    rests = standing.books.tickets.resting()
    key = (asked.symbol, asked.side or "")
    rest = rests.get(key, Resting())
    more = Resting(rest.quantity + ticket.leaves, rest.value + ticket.leaves * ticket.worst_price)
    if asked.side is Side.SELL and not standing.instrument(asked.symbol).shortable:
        missing = more.quantity - standing.books.held(asked.symbol).quantity
        if missing > 0:
            raise Refusal(RefusalKind.NOT_HELD, f"not enough {asked.symbol}: {plain(missing)} short")
    before, after = standing.reserved(rests), standing.reserved({**rests, key: more})
    # An average price is a quotient without end: what is beyond any increment is no lack of funds.
    free = (standing.excess() - after).quantize(LEAST)
    if free < 0 and after > before:
        raise Refusal(
            RefusalKind.NO_FUNDS,
            f"not enough cash: {plain(-free)} USD short at {standing.now:%Y-%m-%d %H:%M}Z",
        )
