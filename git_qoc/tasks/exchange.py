"""Serve the simulated market on loopback, as Alpaca's REST API, until a signal ends it."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from git_qoc.errors import QocError, UsageError
from git_qoc.exchange.asked import YEARS
from git_qoc.exchange.clock import ExchangeClock
from git_qoc.exchange.exchange import LEVERAGE, Exchange
from git_qoc.exchange.faults import Faults, Plan, parse_plan
from git_qoc.exchange.message import Problem
from git_qoc.exchange.server import Server
from git_qoc.market.engine import Engine
from git_qoc.model import Clock
from git_qoc.money import NumberError, to_decimal

PORT_MAX = 65_535
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Say = Callable[[str], None]


class World(Protocol):
    """What the market's clock and the secrets come from."""

    @property
    def clock(self) -> Clock: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def cwd(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line, as text where it is to be checked."""

    port: int = 0
    cash: str = "100000"
    at: str | None = None
    env_prefix: str | None = None
    books: Path | None = None
    seed: int = 0
    faults: tuple[str, ...] = ()


def serve(world: World, request: Request, ready: Say, log: Say) -> None:
    """Answer until SIGTERM, SIGHUP or SIGINT.

    `ready` gets the URL once the port listens, `log` a line for each request.

    Raises:
        UsageError: a malformed option, before anything is made.
        QocError: the port cannot be had, or the books cannot be used.
        KeyboardInterrupt: SIGINT came.
    """
    if not 0 <= request.port <= PORT_MAX:
        raise UsageError(f"--port: expected a number from 0 (any free one) to {PORT_MAX}.")
    cash, clock = _cash(request.cash), ExchangeClock(world.clock, _at(request.at))
    faults = Faults([_plan(text) for text in request.faults])
    key, secret = _credentials(world, request.env_prefix)
    with _signals_held(), _books(world, request) as path:
        engine = Engine(path, clock, seed=request.seed, leverage=LEVERAGE)
        engine.create(cash)
        engine.now()  # which says so where --at is before what is in the books
        exchange = Exchange(engine, clock, faults, key, secret)
        server = _listening(exchange, request.port, log)
        server.start()
        try:
            ready(server.url)
            if signal.sigwait(ENDS) is signal.SIGINT:
                raise KeyboardInterrupt
        finally:
            server.stop()


def _listening(exchange: Exchange, port: int, log: Say) -> Server:
    try:
        return Server(exchange.answer, exchange.faults, port=port, log=log)
    except OSError as exc:
        place = f"127.0.0.1:{port} cannot be listened on ({exc.strerror})"
        raise QocError(f"{place}. Choose another --port, or 0 for any free one.") from None


@contextmanager
def _signals_held() -> Iterator[None]:
    """The signals that end it wait until they are asked for, so that what was made is always removed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _books(world: World, request: Request) -> Iterator[Path]:
    if request.books is not None:
        yield world.cwd / request.books
        return
    with tempfile.TemporaryDirectory(prefix="git-qoc-exchange-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "books.sqlite"


def _cash(text: str) -> Decimal:
    try:
        cash = to_decimal(text)
    except NumberError as exc:
        raise UsageError(f"--cash: {exc}.") from None
    if cash < 0:
        raise UsageError("--cash: expected an amount of USD that is not below zero.")
    return cash


def _at(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError("--at: expected a time with its offset or Z, such as 2017-03-01T15:00:00-05:00.")
    if found.year not in YEARS:
        raise UsageError(f"--at: expected a year from {YEARS[0]} to {YEARS[-1]}, found {found.year}.")
    return found


def _plan(text: str) -> Plan:
    try:
        return parse_plan(text)
    except Problem as exc:
        raise UsageError(f"--fault: {exc}.") from None


def _credentials(world: World, prefix: str | None) -> tuple[str | None, str | None]:
    """The key and secret of PREFIX_API_KEY and PREFIX_API_SECRET; a message never repeats the prefix."""
    if prefix is None:
        return None, None
    pair = tuple(world.environ.get(f"{prefix}{name}", "") for name in ("API_KEY", "API_SECRET"))
    if not all(pair):
        raise UsageError(
            "--env-prefix: expected the start of two environment variables that are set, "
            "such as EQ_ for EQ_API_KEY and EQ_API_SECRET."
        )
    return pair[0], pair[1]
