"""Ask every connector at once. One venue's failure, slowness or garbage stays its own.

Each connector is read in a thread of its own, and its questions in threads of theirs, so the
whole takes as long as the slowest single answer. Threads are daemons: a venue that hangs for
ever is left behind at the deadline and does not keep the process alive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from git_qoc.errors import QocError, Unsupported, VenueError
from git_qoc.model import Clock, Health, HealthStatus, OrderType, Quote, VenueState, VenueType
from git_qoc.venues.base import Connector


@dataclass(frozen=True, slots=True)
class Opened:
    """A connector of desk.toml, opened: `connector` is None when disabled or when opening failed.

    `trouble` is why opening failed, "" otherwise.
    """

    name: str
    type: VenueType
    venue: str
    connector: Connector | None
    enabled: bool = True
    trouble: str = ""


@dataclass(slots=True)
class _Answer:
    """One question's outcome, filled in by its thread."""

    thread: threading.Thread
    value: Any = None
    error: Exception | None = None
    done: bool = field(default=False)


def collect(
    opened: Sequence[Opened],
    clock: Clock,
    timeout_s: float,
    since: Mapping[str, datetime] | None = None,
) -> list[VenueState]:
    """The state of every connector, in the order given, within `timeout_s` seconds.

    With `since`, fills and flows after that instant are read too, for the connectors it names.
    """
    deadline = monotonic() + timeout_s
    asked = [(one, _ask(lambda one=one: _read(one, clock, deadline, since))) for one in opened]  # type: ignore[misc]
    states = []
    for one, answer in asked:
        answer.thread.join(max(0.0, deadline + 0.25 - monotonic()))
        if answer.done and answer.error is None:
            states.append(answer.value)
        else:
            reason = _reason(answer.error, timeout_s) if answer.done else _silence(timeout_s)
            states.append(_degraded(one, reason, clock()))
    return states


def _read(one: Opened, clock: Clock, deadline: float, since: Mapping[str, datetime] | None) -> VenueState:
    if not one.enabled:
        return VenueState(one.name, one.type, one.venue, Health(HealthStatus.DISABLED))
    if one.connector is None:
        return _degraded(one, one.trouble, clock())
    connector = one.connector
    questions: dict[str, Callable[[], Any]] = {
        "health": connector.health,
        "account": connector.account,
        "positions": connector.positions,
        "open_orders": connector.open_orders,
    }
    start = (since or {}).get(one.name)
    can = connector.capabilities
    if start is not None and can.fills:
        questions["fills"] = lambda: _or_unsaid(lambda: tuple(connector.fills(start)))
    if start is not None and can.flows:
        questions["flows"] = lambda: _or_unsaid(lambda: connector.flows(start))
    as_of = clock()
    answers = _together(questions, deadline)
    if answers["health"]:
        return _degraded(one, answers["health"], as_of)
    quotes, notes = _quotes(connector, answers, deadline)
    if answers["account"].blocked:
        notes += (f"may not trade: {answers['account'].blocked}",)
    del answers["health"]
    for booked in sorted(answers.keys() & {"fills", "flows"}):
        if isinstance(answers[booked], Unsupported):
            notes += (f"{booked} unknown: {answers[booked]}",)
            answers[booked] = None
        else:
            # What was booked after `as_of` belongs to the next window, which starts there.
            answers[booked] = tuple(one for one in answers[booked] if one.time <= as_of)
    return VenueState(
        one.name, one.type, one.venue, Health(HealthStatus.OK), as_of, quotes=quotes, notes=notes, **answers
    )


def _or_unsaid(question: Callable[[], Any]) -> Any:
    """What a venue cannot put into figures makes that answer unknown, not the venue unreadable."""
    try:
        return question()
    except Unsupported as exc:
        return exc


def _quotes(
    connector: Connector, answers: Mapping[str, Any], deadline: float
) -> tuple[Mapping[str, Quote], tuple[str, ...]]:
    """Quotes of what is held and of orders that need a market price; their absence is a note only."""
    symbols = {position.symbol for position in answers["positions"]}
    symbols |= {
        order.symbol
        for order in answers["open_orders"]
        if order.symbol and order.type not in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    }
    if not symbols:
        return {}, ()
    try:
        found: Mapping[str, Quote] = _together({"quotes": lambda: connector.quotes(symbols)}, deadline)[
            "quotes"
        ]
    except VenueError as exc:
        return {}, (f"no quotes: {exc}",)
    return found, ()


def _together(questions: Mapping[str, Callable[[], Any]], deadline: float) -> dict[str, Any]:
    answers = {name: _ask(question) for name, question in questions.items()}
    for answer in answers.values():
        answer.thread.join(max(0.0, deadline - monotonic()))
    for name, answer in answers.items():
        if not answer.done:
            raise VenueError(f"no answer to {name.replace('_', ' ')} in time")
        if answer.error is not None:
            raise answer.error
    return {name: answer.value for name, answer in answers.items()}


def _ask(question: Callable[[], Any]) -> _Answer:
    def run() -> None:
        try:
            answer.value = question()
        except Exception as exc:  # noqa: BLE001  # one venue's bug must not take the others down
            answer.error = exc
        answer.done = True

    answer = _Answer(threading.Thread(target=run, daemon=True))
    answer.thread.start()
    return answer


def _reason(error: Exception | None, timeout_s: float) -> str:
    if isinstance(error, QocError):
        return str(error)
    if error is None:
        return _silence(timeout_s)
    # Only the kind: the text of an unforeseen exception may hold what the venue sent.
    return f"its adapter failed with {type(error).__name__}; please report it"


def _silence(timeout_s: float) -> str:
    return f"no answer within {timeout_s:g} s"


def _degraded(one: Opened, reason: str, since: datetime) -> VenueState:
    return VenueState(
        one.name, one.type, one.venue, Health(HealthStatus.DEGRADED, reason, since), as_of=since
    )
