"""`git qoc run retrospective --json` as a whole process, over daily snapshots of three venues.

    python benchmarks/retrospective.py [--trade-every DAYS] [COUNT …]

Repositories are made by `git fast-import`, one commit a snapshot as git-qoc writes them, with
eight positions each, in monthly folders above 10,000; each position is traded every DAYS (20) days,
all on one day, and told with its fills. Cold is without the cache, which is removed before each run,
warm with it. Cold, warm and `python -c pass` (P) take turns and the medians of five rounds are
printed, with the growth from one count to the next as an exponent; the budgets are of DESIGN's table.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from git_qoc.snapshots.snapshot import AccountRow, FillRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name

sys.path.insert(0, str(Path(__file__).parent))
from timing import PASS, Cost, cost, forget, medians

START = datetime(1990, 1, 1, 21, tzinfo=UTC)
NAMES = ("main-equities", "crypto-spot", "sweep-cash")
FLAT_AT_MOST = 10_000
BUDGET_S = {
    ("cold", 1_000): 0.2,
    ("cold", 10_000): 0.8,
    ("cold", 100_000): 5.0,
    ("warm", 1_000): 0.15,
    ("warm", 10_000): 0.25,
    ("warm", 100_000): 1.5,
}
DESK = "".join(f'[[connector]]\nname = "{n}"\ntype = "cash"\nvenue = "paper"\n' for n in NAMES)


def snapshot(number: int, every: int) -> Snapshot:
    cents = round(5_000_000 * (1 + number / 5000) + 90_000 * math.sin(number / 9))
    nav, when, zero = Decimal(cents) / 100, START + timedelta(days=number), Decimal(0)
    since = when - timedelta(days=1) if number else None
    rows = [
        AccountRow(name, "cash", "paper", nav, when, nav, zero, zero, zero, zero, since=since)
        for name in NAMES
    ]
    held = 100 if number // every % 2 else 150
    positions = [
        PositionRow(NAMES[k % 2], f"S{k}", Decimal(held), Decimal(9), nav, zero, mark_time=when)
        for k in range(8)
    ]
    traded = number and not number % every
    return Snapshot(
        timestamp=when,
        nav_usd=3 * nav,
        cash_usd=3 * nav,
        realized_pnl=zero,
        unrealized_pnl=zero,
        connectors=NAMES,
        schema=1,
        net_flow_usd=zero,
        buying_power_usd=3 * nav,
        accounts=tuple(rows),
        positions=tuple(positions),
        since=since,
        fills=tuple(fill(p, number, "buy" if held == 150 else "sell", when) for p in positions if traded),
    )


def fill(row: PositionRow, number: int, side: str, when: datetime) -> FillRow:
    made = hashlib.sha256(f"{number} {row.symbol}".encode()).hexdigest()
    time, fee = when - timedelta(hours=1), Decimal("0.35")
    ids = made[:36], made[-36:]
    return FillRow(row.connector, row.symbol, side, Decimal(50), Decimal(10), time, fee, "USD", *ids)


def stream(count: int, every: int) -> Iterator[bytes]:
    for number in range(count):
        value = snapshot(number, every)
        data = dumps(value).encode()
        folder = f"{value.timestamp:%Y/%m}/" if count > FLAT_AT_MOST else ""
        path = f"snapshots/{folder}{file_name(value.timestamp)}"
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        message = f"snapshot {number}\n\nQoc-Snapshot: {path}\nQoc-Blob: {blob}\n".encode()
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\n" % (10**9 + number)
        yield b"data %d\n%b" % (len(message), message)
        if number == 0:
            yield b"M 100644 inline desk.toml\ndata %d\n%b\n" % (len(DESK), DESK.encode())
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)


def repository(top: Path, count: int, every: int) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(top)], check=True)
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=top, input=b"".join(stream(count, every)), check=True
    )
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=top, check=True)


def cases(top: Path) -> dict[str, Callable[[], Cost]]:
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
    report = [tool, "run", "retrospective", "--json"]

    def cold() -> Cost:
        forget(top)
        return cost(report, top)

    return {"P": lambda: cost(PASS, top), "cold": cold, "warm": lambda: cost(report, top)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trade-every", type=int, default=20, metavar="DAYS")
    parser.add_argument("count", type=int, nargs="*", default=[1_000, 10_000])
    chosen = parser.parse_args()
    counts = chosen.count
    taken: dict[int, dict[str, Cost]] = {}
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            repository(Path(name), count, chosen.trade_every)
            taken[count] = medians(cases(Path(name)), 5)
        base = taken[count].pop("P")
        for kind, found in taken[count].items():
            ratio = f"{found.wall_s / base.wall_s:6.1f} P wall, {found.cpu_s / base.cpu_s:6.1f} P CPU"
            budget = BUDGET_S.get((kind, count))
            allowed = f", budget {budget} s" if budget else ""
            print(f"{count:8} {kind} {found.wall_s:6.3f} s, {found.cpu_s:6.3f} s CPU = {ratio}{allowed}")
        print(f"{count:8} P    {base.wall_s:6.3f} s, {base.cpu_s:6.3f} s CPU", flush=True)
    for small, large in pairwise(counts):
        for kind in ("cold", "warm"):
            a, b = taken[small][kind], taken[large][kind]
            wall, cpu = (math.log(y / x) / math.log(large / small) for x, y in zip(a, b, strict=True))
            print(f"growth {small} to {large}, {kind}: exponent {wall:.2f} wall, {cpu:.2f} CPU")


if __name__ == "__main__":
    main()
