"""`/qoc/…`: what a test does to the exchange itself, beside Alpaca's API.

GET    /qoc/clock    {"at": …, "stands": true}
POST   /qoc/clock    {"at": "2017-03-01T15:00:00-05:00"}: move a standing clock forward
GET    /qoc/faults   what is planned
POST   /qoc/faults   {"plan": "2*500-after@POST:/v2/orders"}: plan faults (see `faults`)
DELETE /qoc/faults   plan nothing more
POST   /qoc/cash     {"id": …, "amount": "-250"}: book a deposit, or < 0 a withdrawal, once per id
"""

from __future__ import annotations

from decimal import Decimal

from git_qoc.exchange.asked import Body, instant, number_in, text_in
from git_qoc.exchange.clock import ExchangeClock
from git_qoc.exchange.faults import Faults, Plan, parse_plan
from git_qoc.exchange.message import figure, stamp, unprocessable
from git_qoc.exchange.new_orders import missing
from git_qoc.market.engine import Engine
from git_qoc.market.orders import BookingKind, Refusal

Json = dict[str, object]


def clock(now: ExchangeClock) -> Json:
    return {"at": stamp(now()), "stands": now.stands}


def move_clock(now: ExchangeClock, body: Body) -> Json:
    at = instant({"at": text_in(body, "at") or ""}, "at")
    if at is None:
        raise missing("at")
    now.move(at)
    return clock(now)


def planned(faults: Faults) -> list[Json]:
    return [_plan(plan) for plan in faults.left()]


def plan(faults: Faults, body: Body) -> list[Json]:
    text = text_in(body, "plan")
    if text is None:
        raise missing("plan")
    faults.add(parse_plan(text))
    return planned(faults)


def _plan(one: Plan) -> Json:
    return {
        "faults": [str(fault) for fault in one.faults],
        "count": one.count,
        "method": one.method,
        "path": one.path,
    }


def move_cash(engine: Engine, body: Body) -> Json:
    booking_id, amount = text_in(body, "id"), number_in(body, "amount")
    if booking_id is None or amount is None:
        raise missing("id and amount")
    kind = BookingKind.DEPOSIT if amount > Decimal(0) else BookingKind.WITHDRAWAL
    try:
        booked = engine.move_cash(booking_id, kind, amount)
    except Refusal as refusal:
        raise unprocessable(str(refusal)) from None
    return {"id": booked.booking_id, "amount": figure(booked.amount), "time": stamp(booked.time)}
