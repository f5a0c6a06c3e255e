"""Ask every connector at once. One venue's failure, slowness or garbage stays its own.

Each connector is read in a thread of its own, and its questions in threads of theirs, so the
whole takes as long as the slowest single answer, or two of them where bookings are asked for
(after the balances) or a venue holds symbols that were not held at the last look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from git_qoc.asking import Answer, together
from git_qoc.errors import QocError, Unsupported, VenueError
from git_qoc.model import (
    Clock,
    Health,
    HealthStatus,
    Order,
    OrderType,
    Position,
    Quote,
    VenueState,
    VenueType,
)
from git_qoc.venues.base import Connector

ATTEMPTS = 3
"""How often an account is read again when money was booked meanwhile."""
GRACE_S = 0.25
"""An adapter keeps the deadline itself and then says more; only what overstays is cut off here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connector of desk.toml, opened: `connector` is None when disabled or when opening failed.

    `trouble` is why opening failed, "" otherwise; `notes` are oddities seen while opening.
    """

    name: str
    type: VenueType
    venue: str
    connector: Connector | None
    enabled: bool = True
    trouble: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastSight:
    """A connector as it was last seen; `symbols` were held then, so their quotes can be asked at once.

    With `bookings`, fills and flows after `as_of` are read too.
    """

    as_of: datetime
    symbols: frozenset[str]
    bookings: bool = False


def collect(
    opened: Sequence[Opened],
    clock: Clock,
    timeout_s: float,
    last: Mapping[str, LastSight] | None = None,
) -> list[VenueState]:
    """The state of every connector, in the order given, within `timeout_s` seconds."""
    deadline = monotonic() + timeout_s + GRACE_S
    seen = last or {}
    asked = [(one, Answer(partial(_read, one, clock, deadline, seen.get(one.name)))) for one in opened]
    states = []
    for one, answer in asked:
        if not answer.wait(deadline + GRACE_S):
            states.append(_degraded(one, f"no answer within {timeout_s:g} s", clock()))
        elif answer.error is not None:
            states.append(_degraded(one, _reason(answer.error), clock()))
        else:
            states.append(replace(answer.value, notes=(*one.notes, *answer.value.notes)))
    return states


def _read(one: Opened, clock: Clock, deadline: float, last: LastSight | None) -> VenueState:
    if not one.enabled:
        return VenueState(one.name, one.type, one.venue, Health(HealthStatus.DISABLED))
    if one.connector is None:
        return _degraded(one, one.trouble, clock())
    state = _read_once(one, one.connector, clock, deadline, last)
    for _ in range(ATTEMPTS - 1):
        if not _booked_meanwhile(state):
            return state
        state = _read_once(one, one.connector, clock, deadline, last)
    if not _booked_meanwhile(state):
        return state
    # Whether the balances hold the last booking cannot be told: no flow is claimed, and no zero.
    note = "flows unknown: money was booked while the account was read"
    return replace(state, flows=None, fills=None, notes=(*state.notes, note))


def _booked_meanwhile(state: VenueState) -> bool:
    if state.as_of is None:
        return False
    return any(flow.time > state.as_of for flow in state.flows or ())


def _read_once(
    one: Opened, connector: Connector, clock: Clock, deadline: float, last: LastSight | None
) -> VenueState:
    as_of = clock()
    answers = together(_questions(connector, last), deadline)
    if answers["health"]:
        return _degraded(one, answers["health"], as_of)
    account = answers["account"]
    notes = list(account.notes)
    # After the balances, so that no booking is in them and in no list.
    booked = together(_booking_questions(connector, last), deadline)
    quotes = _quotes(connector, answers, deadline, notes)
    fills = _known("fills", booked, notes)
    if account.blocked:
        notes.append(f"may not trade: {account.blocked}")
    return VenueState(
        connector=one.name,
        type=one.type,
        venue=one.venue,
        health=Health(HealthStatus.OK),
        as_of=as_of,
        account=account,
        positions=answers["positions"],
        open_orders=answers["open_orders"],
        quotes=quotes,
        fills=None if fills is None else tuple(fill for fill in fills if fill.time <= as_of),
        flows=_known("flows", booked, notes),
        notes=tuple(notes),
    )


def _questions(connector: Connector, last: LastSight | None) -> dict[str, Callable[[], Any]]:
    questions: dict[str, Callable[[], Any]] = {
        "health": connector.health,
        "account": connector.account,
        "positions": connector.positions,
        "open_orders": connector.open_orders,
    }
    if last is not None and last.symbols:
        questions["quotes"] = lambda: _or_error(VenueError, lambda: connector.quotes(last.symbols))
    return questions


def _booking_questions(connector: Connector, last: LastSight | None) -> dict[str, Callable[[], Any]]:
    questions: dict[str, Callable[[], Any]] = {}
    if last is None or not last.bookings:
        return questions
    if connector.capabilities.fills:
        questions["fills"] = lambda: _or_error(Unsupported, lambda: tuple(connector.fills(last.as_of)))
    if connector.capabilities.flows:
        questions["flows"] = lambda: _or_error(Unsupported, lambda: connector.flows(last.as_of))
    return questions


def _or_error(kind: type[VenueError], question: Callable[[], Any]) -> Any:
    """The answer, or an error that makes this answer unknown and not the venue unreadable."""
    try:
        return question()
    except kind as exc:
        return exc


def _known(what: str, answers: Mapping[str, Any], notes: list[str]) -> Any:
    """The bookings; None when not asked or not known."""
    found = answers.get(what)
    if isinstance(found, Unsupported):
        notes.append(f"{what} unknown: {found}")
        return None
    return found


def _quotes(
    connector: Connector, answers: Mapping[str, Any], deadline: float, notes: list[str]
) -> Mapping[str, Quote]:
    """Quotes of what is held and of orders that need a market price; their absence is a note only."""
    first = answers.get("quotes", {})
    needed = _quoted_symbols(answers["positions"], answers["open_orders"])
    if isinstance(first, VenueError):
        notes.append(f"no quotes: {first}")
        return {}
    missing = needed - first.keys()
    found = dict(first)
    if missing:
        try:
            found |= together({"quotes": lambda: connector.quotes(missing)}, deadline)["quotes"]
        except VenueError as exc:
            notes.append(f"no quotes: {exc}")
    return {symbol: quote for symbol, quote in found.items() if symbol in needed}


def _quoted_symbols(positions: Collection[Position], orders: Collection[Order]) -> set[str]:
    priced = (OrderType.LIMIT, OrderType.STOP_LIMIT)
    at_market = {order.symbol for order in orders if order.symbol and order.type not in priced}
    return {position.symbol for position in positions} | at_market


def _reason(error: Exception) -> str:
    if isinstance(error, QocError):
        return str(error)
    # Only the kind: the text of an unforeseen exception may hold what the venue sent.
    return f"its adapter failed with {type(error).__name__}; please report it"


def _degraded(one: Opened, reason: str, since: datetime) -> VenueState:
    health = Health(HealthStatus.DEGRADED, reason, since)
    return VenueState(one.name, one.type, one.venue, health, as_of=since)
