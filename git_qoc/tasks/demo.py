"""A desk to look at: three paper venues, a year of back-filled snapshots, one live one, a report.

What the desk did is git_qoc/data/demo.toml, at the real closes of git_qoc/data/closes.csv. The
clock stands at the last close of that data, so that every run gives the same figures.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from git_qoc.errors import QocError, UsageError
from git_qoc.history.write import commit_files
from git_qoc.model import Clock, FlowKind, OrderRequest, OrderType, Side
from git_qoc.tasks import retrospective
from git_qoc.tasks.backfill import backfill
from git_qoc.tasks.connect import Request, connect
from git_qoc.tasks.desk import Desk, open_desk
from git_qoc.tasks.init import init, make_repository
from git_qoc.tasks.instants import daily
from git_qoc.tasks.place import DESK_FILE
from git_qoc.tasks.snapshot import Options, Taken, take
from git_qoc.venues.base import Settings
from git_qoc.venues.paper import Paper

START = date(2016, 7, 4)
NOW = datetime(2017, 7, 3, 20, 5, tzinfo=UTC)

SCHEDULE = """
# At every close; `git qoc snapshot --backfill` follows the same times.
[[schedule]]
name = "daily-close-snapshot"
cron = "5 16 * * 1-5"
tz   = "America/New_York"
task = "snapshot"
"""


@dataclass(frozen=True, slots=True)
class Demo:
    folder: Path
    snapshots: int
    live: Taken
    report: retrospective.Done


def make(folder: Path, progress: Callable[[int, int], None]) -> Demo:
    """Make the demo desk in a folder that is missing or empty.

    Raises:
        UsageError: the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Name a folder that does not exist yet.")
    script = _script()
    _own_repository(folder)
    init(folder, zone="America/New_York")
    for account in script["account"]:
        connect(folder, Request(account["type"], account["name"], None, venue="paper"))
    desk = _scheduled(open_desk(folder))
    for booking in script["booking"]:
        _book(desk, booking)
    instants = [i for i in daily(desk.config, START, NOW) if i < NOW]
    done = backfill(desk, instants, _at(NOW), {}, Options(), progress)
    note = "The demo's live snapshot, at the last close of its data."
    with _authored(NOW):
        live = take(desk, _at(NOW), {}, Options(note=note))
    report = retrospective.run(folder, retrospective.Options())
    return Demo(folder, len(done.written) + 1, live, report)


def _own_repository(folder: Path) -> None:
    """A repository even inside of another one; it signs as a demo where git knows nobody."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise QocError(f"{folder}: cannot be made: {exc.strerror}.") from None
    repo = make_repository(folder)
    if any(repo.attempt("var", f"GIT_{role}_IDENT").code for role in ("AUTHOR", "COMMITTER")):
        repo.git("config", "user.name", "Demo Trader")
        repo.git("config", "user.email", "demo@example.com")


def _script() -> Mapping[str, Any]:
    return tomllib.loads(files("git_qoc.data").joinpath("demo.toml").read_text(encoding="utf-8"))


def _scheduled(desk: Desk) -> Desk:
    text = desk.text + SCHEDULE
    path = desk.place.root + DESK_FILE
    commit_files(desk.repo, {path: text.encode()}, "Schedule a snapshot at every close\n", what="demo")
    return open_desk(desk.place.file("."))


def _book(desk: Desk, booking: Mapping[str, Any]) -> None:
    time = booking["time"]
    stamp = f"{time:%Y%m%dT%H%M}"
    for name, amount in booking.get("cash", {}).items():
        sign = "deposit" if Decimal(amount) > 0 else "withdrawal"
        kind = FlowKind(booking.get("kind", sign))
        _account(desk, name, time).book(Decimal(amount), kind, f"{stamp}-{name}")
    for name, trades in booking.get("trade", {}).items():
        for symbol, quantity in trades.items():
            side = Side.BUY if Decimal(quantity) > 0 else Side.SELL
            order_id = f"{stamp}-{name}-{symbol}"
            request = OrderRequest(order_id, symbol, side, abs(Decimal(quantity)), OrderType.MARKET)
            _account(desk, name, time).place(request)


def _account(desk: Desk, name: str, time: datetime) -> Paper:
    kind = next(c.type for c in desk.config.connectors if c.name == name)
    return Paper(Settings(name, kind, {}, _at(time), desk.place.state_dir, timeout_s=10.0))


@contextmanager
def _authored(time: datetime) -> Iterator[None]:
    """A live snapshot whose commit says another day would be one written into the past."""
    before = os.environ.get("GIT_AUTHOR_DATE")
    os.environ["GIT_AUTHOR_DATE"] = time.isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ["GIT_AUTHOR_DATE"]
        else:
            os.environ["GIT_AUTHOR_DATE"] = before


def _at(time: datetime) -> Clock:
    return lambda: time
