"""`git qoc run retrospective --json` as a whole process, over daily snapshots of three venues.

    python benchmarks/retrospective.py [COUNT …]

Repositories are made by `git fast-import`, one commit a snapshot as git-qoc writes them, with
eight positions each. The median of five is printed beside `python -c pass` (P).
"""

from __future__ import annotations

import hashlib
import math
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name

START = datetime(1990, 1, 1, 21, tzinfo=UTC)
NAMES = ("main-equities", "crypto-spot", "sweep-cash")
DESK = "".join(f'[[connector]]\nname = "{n}"\ntype = "cash"\nvenue = "paper"\n' for n in NAMES)


def snapshot(number: int) -> Snapshot:
    cents = round(5_000_000 * (1 + number / 5000) + 90_000 * math.sin(number / 9))
    nav, when, zero = Decimal(cents) / 100, START + timedelta(days=number), Decimal(0)
    since = when - timedelta(days=1) if number else None
    told = (zero, zero, zero, zero, None, since)
    rows = [AccountRow(name, "cash", "paper", nav, when, nav, *told) for name in NAMES]
    positions = [PositionRow(NAMES[k % 2], f"S{k}", nav, nav, nav, zero, mark_time=when) for k in range(8)]
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
    )


def stream(count: int) -> Iterator[bytes]:
    for number in range(count):
        value = snapshot(number)
        data = dumps(value).encode()
        path = f"snapshots/{file_name(value.timestamp)}"
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        message = f"snapshot {number}\n\nQoc-Snapshot: {path}\nQoc-Blob: {blob}\n".encode()
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\n" % (10**9 + number)
        yield b"data %d\n%b" % (len(message), message)
        if number == 0:
            yield b"M 100644 inline desk.toml\ndata %d\n%b\n" % (len(DESK), DESK.encode())
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)


def median(args: list[str], cwd: Path) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(args, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    # An installed package has its bytecode; without it every run compiles the source again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    counts = [int(arg) for arg in sys.argv[1:]] or [1_000, 10_000]
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
    taken = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            top = Path(name)
            subprocess.run(["git", "init", "-q", "-b", "main", name], check=True)
            subprocess.run(
                ["git", "fast-import", "--quiet"], cwd=top, input=b"".join(stream(count)), check=True
            )
            subprocess.run(["git", "reset", "-q", "--hard"], cwd=top, check=True)
            base = median([sys.executable, "-c", "pass"], top)
            taken.append(median([tool, "run", "retrospective", "--json"], top))
        print(f"{count:8} snapshots: {taken[-1]:6.2f} s = {taken[-1] / base:6.1f} P", flush=True)
    for (small, a), (large, b) in zip(
        zip(counts, taken, strict=True), list(zip(counts, taken, strict=True))[1:], strict=False
    ):
        print(f"growth {small} to {large}: exponent {math.log(b / a) / math.log(large / small):.2f}")


if __name__ == "__main__":
    main()
