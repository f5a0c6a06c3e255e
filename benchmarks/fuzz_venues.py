"""Fuzzes the adapters: the answers of each venue's bench, mutated, on loopback.

    python benchmarks/fuzz_venues.py [SECONDS] [SEED]

Each round opens one bench of tests/venues/benches.py that answers over HTTP with JSON, mutates
one or more answers (types, keys, rows, signs, digits, times, depth, status) and calls every
method. Asserts: a `VenueError` or a value, nothing else; after an order has left with a 2xx or
5xx, OrderUnknown or an order; no control character and no secret in a message; `collect` and
`unify` never raise. Prints counts by bench, and each kind of break once.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from git_qoc.account.collect import LastSight, Opened, collect  # noqa: E402
from git_qoc.account.uta import unify  # noqa: E402
from git_qoc.errors import OrderRejected, OrderUnknown, VenueError  # noqa: E402
from tests.venues.alpaca_faults import Reply  # noqa: E402
from tests.venues.benches import BENCHES  # noqa: E402

TIMEOUT_S = 2.0
LATE_S = 0.5
VALUES: list[Any] = [
    None, True, False, 0, -1, 10**40, -(10**25), 1.5, 1e300, 10**400, "", "0", "NaN", "Infinity", "1e999",
    "-5",
    "1" * 40, "0." + "1" * 40, "1e-40", "x\u001b[31m\ny", "\ud800", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "1", [], {}, [None], [[]], {"a": None}, float("nan"),
]  # fmt: skip
STATUSES = [200, 200, 200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 500, 501]


def mutated(value: Any, rng: random.Random) -> Any:
    spots: list[tuple[Any, Any]] = []
    _spots(value, spots)
    if not spots or rng.random() < 0.03:
        return rng.choice(VALUES)
    holder, key = rng.choice(spots)
    how = rng.random()
    if how < 0.15:
        del holder[key]
    elif how < 0.25 and isinstance(holder, list):
        holder.insert(0, json.loads(json.dumps(holder[key])))
    elif how < 0.35 and isinstance(holder[key], str):
        old = holder[key]
        holder[key] = old[1:] if old.startswith("-") else "-" + old
    elif how < 0.4:
        deep: Any = holder[key]
        for _ in range(200):
            deep = [deep]
        holder[key] = deep
    elif how < 0.45:
        holder[key] = {"extra": holder[key]}
    else:
        holder[key] = rng.choice(VALUES)
    return value


def _spots(value: Any, found: list[tuple[Any, Any]]) -> None:
    keys: Any = (
        list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        found.append((value, key))
        _spots(value[key], found)


class Tampering:
    """Stands before a bench's server; `left` says that an order left and how it was answered."""

    def __init__(self, server: Any, rng: random.Random) -> None:
        self._answer: Callable[[Any], Any] = server.answer
        self._rng = rng
        self.on = False
        self.sent: list[int] = []
        server.answer = self

    def __call__(self, seen: Any) -> Any:
        reply = self._answer(seen)
        rng = self._rng
        if not isinstance(reply, Reply):
            return reply
        if self.on and rng.random() < 0.5:
            reply = self._tampered(reply)
        if seen.method == "POST" and "dry-run" not in seen.path and "token" not in seen.path:
            self.sent.append(reply.status)
        return reply

    def _tampered(self, reply: Reply) -> Reply:
        rng = self._rng
        try:
            body = json.loads(reply.body)
        except ValueError:
            return reply
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            body = mutated(body, rng)
        raw = json.dumps(body).encode()
        if rng.random() < 0.05:
            raw = raw[: rng.randrange(len(raw) + 1)]
        status = rng.choice(STATUSES) if rng.random() < 0.3 else reply.status
        return replace(reply, status=status, body=b"" if status == 204 else raw)


def one_round(name: str, rng: random.Random, broke: Counter[str], done: Counter[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench: Any = BENCHES[name](Path(folder))
        server = getattr(bench, "server", None) or getattr(bench, "_server", None)
        tampering = Tampering(server, rng)
        try:
            with bench.running():
                _calls(name, bench, tampering, broke, done)
        except AssertionError:
            pass  # The bench noticed a request that a mutated answer led to.


def _calls(name: str, bench: Any, tampering: Tampering, broke: Counter[str], done: Counter[str]) -> None:
    symbol, since = bench.terms.symbol, bench.now() - timedelta(days=30)
    for stage in (
        lambda: bench.balance("USD", Decimal(5000)),
        lambda: bench.hold(symbol, bench.terms.quantity, bench.terms.market, bench.terms.market),
        lambda: bench.book_fills(3),
        lambda: bench.book_flow(Decimal(100), bench.now() - timedelta(days=2)),
        lambda: bench.equity_was(bench.now() - timedelta(days=1), Decimal(99)),
        bench.daily_closes,
    ):
        with suppress(Exception):  # not every bench has every stage
            stage()
    connector = bench.connector(TIMEOUT_S)
    trades = bool(connector.capabilities.order_types)
    if trades:
        with contextlib.suppress(VenueError):
            connector.place(bench.order("before"))
    tampering.on = True
    reads: dict[str, Callable[[], Any]] = {
        "health": connector.health,
        "account": connector.account,
        "positions": connector.positions,
        "open_orders": connector.open_orders,
        "quotes": lambda: connector.quotes([symbol]),
        "order": lambda: connector.order("before"),
        "fills": lambda: list(connector.fills(since)),
        "flows": lambda: connector.flows(since),
        "history": lambda: list(connector.history((bench.now() - timedelta(hours=20),))),
        "closes": lambda: connector.closes(bench.terms.priced or symbol, since.date(), bench.now().date()),
        "cancel": lambda: connector.cancel("before"),
    }
    for method, read in reads.items():
        _try(f"{name} {method}", read, bench, broke, done)
    tampering.sent.clear()
    error = None
    if trades:
        error = _try(f"{name} place", lambda: connector.place(bench.order("after")), bench, broke, done)
    clear = error is None or isinstance(error, OrderUnknown)
    if any(not 300 <= status < 500 for status in tampering.sent) and not clear:
        broke[f"{name} place: {type(error).__name__} after {tampering.sent}: {error}"[:300]] += 1

    opened = Opened(name, bench.type, bench.venue, connector)
    sight = LastSight(since, frozenset({symbol}), bookings=True)
    _try(
        f"{name} collect",
        lambda: unify(collect([opened], bench.now, TIMEOUT_S, {name: sight})),
        bench,
        broke,
        done,
        slow_s=9 * TIMEOUT_S,
    )


def _try(
    what: str,
    call: Callable[[], Any],
    bench: Any,
    broke: Counter[str],
    done: Counter[str],
    slow_s: float = TIMEOUT_S + LATE_S,
) -> BaseException | None:
    began = time.monotonic()
    done[what.rpartition(" ")[0]] += 1
    error: BaseException | None = None
    try:
        call()
    except VenueError as exc:
        error = exc
        text = str(exc)
        if not text.isprintable() or any(secret in text for secret in bench.secrets):
            broke[f"{what}: unprintable or a secret in a message of {type(exc).__name__}"] += 1
        if isinstance(exc, OrderRejected) and not what.endswith(("place", "cancel", "transfer")):
            broke[f"{what}: OrderRejected from a read"] += 1
    except Exception as exc:  # noqa: BLE001 - that is the claim
        error = exc
        frame = traceback.extract_tb(exc.__traceback__)[-1]
        broke[f"{what}: {type(exc).__name__} at {Path(frame.filename).name}:{frame.lineno}: {exc}"[:200]] += 1
    if time.monotonic() - began > slow_s:
        broke[f"{what}: slow"] += 1
    return error


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)  # noqa: S311 - repeatable
    names = [name for name in BENCHES if "paper" not in name and "exchange serve" not in name]
    broke: Counter[str] = Counter()
    done: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        one_round(rng.choice(names), rng, broke, done)
    print(f"seed {seed}")
    for name, count in sorted(done.items()):
        print(f"{count:6} calls  {name}")
    for what, count in sorted(broke.items()):
        print(f"{count:4}x {what!r}")
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main())
