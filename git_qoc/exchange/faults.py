"""Ways in which the exchange goes wrong on request, so that a client's behaviour can be seen.

    latency=250       answers 250 ms later
    429=30            answers 429 with Retry-After: 30 (without a number: 1), and does nothing
    500-before        answers 500 and does nothing; also 503-before, 504-before
    500-after         does what was asked and answers 500; also 503-after, 504-after
    drop-before       resets the connection and does nothing
    drop-after        does what was asked and resets the connection
    hang-before       does nothing and never answers
    hang-after        does what was asked and never answers
    truncate          does what was asked and sends half of the answer
    malformed         does what was asked and answers what is no JSON
    duplicate         lists of rows: each row twice
    shuffle           lists of rows: in another order, the same at each time

One request gets the faults of its own header `X-Qoc-Fault`, and those planned for it. A plan is a
text, `[COUNT*]FAULT[,FAULT][@[METHOD:]PATH]`: `2*500-after@POST:/v2/orders` is for the next two
orders, `429=5` for the next request of any path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock

from git_qoc.exchange.message import Answer, Problem, Request, json_answer, unprocessable
from git_qoc.exchange.rows import rows_of

HEADER = "x-qoc-fault"
LATENCY_MAX_MS = 600_000
HANG_S = 3600.0
_PLAN = re.compile(
    r"(?:(?P<count>[1-9]\d{0,5})\*)?(?P<faults>[a-z0-9=,-]+)"
    r"(?:@(?:(?P<method>[A-Z]+):)?(?P<path>/[^\s?#]*))?"
)
_FAILURES = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_NUMBERED = {"latency": LATENCY_MAX_MS, "429": 86_400}
_PLAIN = frozenset(
    {f"{what}-{when}" for what in ("500", "503", "504", "drop", "hang") for when in ("before", "after")}
    | {"truncate", "malformed", "duplicate", "shuffle"}
)

Wait = Callable[[float], object]
"""Waits so many seconds, or less where the exchange ends."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`amount`: of latency in milliseconds, of 429 in seconds, else 0."""

    name: str
    amount: int = 0

    def __str__(self) -> str:
        return f"{self.name}={self.amount}" if self.name in _NUMBERED else self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """Faults for the next `count` requests; `path` "" means any of Alpaca's, `method` "" any."""

    faults: tuple[Fault, ...]
    count: int = 1
    path: str = ""
    method: str = ""

    def is_for(self, request: Request) -> bool:
        path = request.path == self.path if self.path else not request.path.startswith("/qoc/")
        return path and self.method in ("", request.method)


class Faults:
    """The plans that are not used up, the oldest first. For several threads at once."""

    def __init__(self, plans: Iterable[Plan] = ()) -> None:
        self._plans = list(plans)
        self._lock = Lock()

    def add(self, plan: Plan) -> None:
        with self._lock:
            self._plans.append(plan)

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()

    def left(self) -> tuple[Plan, ...]:
        with self._lock:
            return tuple(self._plans)

    def take(self, request: Request) -> tuple[Fault, ...]:
        """What this request gets: its header's faults and those of the first plan for it.

        Raises:
            Problem: 422 for a header that is none of the faults.
        """
        asked = parse_faults(request.headers[HEADER]) if request.headers.get(HEADER) else ()
        with self._lock:
            for index, plan in enumerate(self._plans):
                if plan.is_for(request):
                    left = [Plan(plan.faults, plan.count - 1, plan.path, plan.method)]
                    self._plans[index : index + 1] = left if plan.count > 1 else []
                    return asked + plan.faults
        return asked


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Raises `Problem` (422) for another text; it names what there is."""
    return tuple(_fault(part.strip()) for part in text.split(","))


def _fault(text: str) -> Fault:
    name, given, amount = text.partition("=")
    if name in _NUMBERED:
        if not given and name == "429":
            return Fault(name, 1)
        if amount.isascii() and amount.isdigit() and len(amount) < 8 and int(amount) <= _NUMBERED[name]:
            return Fault(name, int(amount))
    elif text in _PLAIN:
        return Fault(text)
    raise unprocessable(f"no such fault; there are latency=MS, 429=SECONDS, {', '.join(sorted(_PLAIN))}")


def parse_plan(text: str) -> Plan:
    """Raises `Problem` (422) for a text of another form."""
    match = _PLAN.fullmatch(text)
    if match is None:
        raise unprocessable("a fault is planned as [COUNT*]FAULT[,FAULT][@[METHOD:]PATH]")
    return Plan(
        parse_faults(match["faults"]), int(match["count"] or 1), match["path"] or "", match["method"] or ""
    )


def answer_with(
    faults: Iterable[Fault], request: Request, answer: Callable[[Request], Answer], wait: Wait
) -> Answer | None:
    """The answer after all faults, None when the connection is to be reset.

    `answer` does what is asked; it is called at most once.
    """
    names = {fault.name: fault.amount for fault in faults}
    if "latency" in names:
        wait(names["latency"] / 1000)
    if "429" in names:
        return _rate_limited(names["429"])
    if any(name.endswith("-before") for name in names):
        return _broken(names, "before", wait)
    done = answer(request)
    if any(name.endswith("-after") for name in names):
        return _broken(names, "after", wait)
    return _changed(done, names)


def _broken(names: Mapping[str, int], when: str, wait: Wait) -> Answer | None:
    """An error, or None for a connection that is reset, at once or when the client has long gone."""
    for status in _FAILURES:
        if f"{status:d}-{when}" in names:
            return json_answer({"code": status * 100_000 + 10_000, "message": status.phrase.lower()}, status)
    if f"hang-{when}" in names:
        wait(HANG_S)
    return None


def _changed(answer: Answer, names: Mapping[str, int]) -> Answer:
    if "malformed" in names:
        return Answer(answer.status, b'{"id": <html>oops</html>', answer.headers)
    body = rows_of(answer.body, twice="duplicate" in names, shuffled="shuffle" in names)
    if "truncate" in names:
        body = body[: len(body) // 2]
    return Answer(answer.status, body, answer.headers)


def _rate_limited(seconds: int) -> Answer:
    problem = Problem(HTTPStatus.TOO_MANY_REQUESTS, 42910000, "rate limit exceeded")
    return Answer(problem.status, problem.answer().body, {"Retry-After": str(seconds)})
