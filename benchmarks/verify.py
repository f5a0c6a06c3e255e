"""What `git qoc verify` costs, beside git in one run: `python benchmarks/verify.py [count …]`.

G is the CPU time of `git log --name-only -- snapshots/`. A count is of flat snapshots, one with `m`
behind it (`10000m`) of a monthly record. Each figure is the least of some runs, CPU time of whole
processes, children included; `audit` is the git side alone, `quick` with no comparison that was
not necessary, `every` with `--every-commit`.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from history import START, cpu_s

from git_qoc.snapshots.snapshot import SCHEMA, AccountRow, CashRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name

AUDIT = (
    "from git_qoc.history.audits.audit import Scope, audit\n"
    "from git_qoc.history.repository import discover\n"
    "found = audit(discover(), scope=Scope({}))\n"
    "assert not found.offences and found.files, found.offences[:3]"
)


def snapshot(number: int) -> Snapshot:
    """One account with eight positions; nothing realized, nothing flowed, the marks move."""
    time = START + timedelta(hours=6 * number)
    positions = tuple(
        PositionRow(
            "main-equities", f"S{k}", Decimal(10), Decimal(100), mark, 10 * (mark - 100), mark_time=time
        )
        for k in range(8)
        for mark in [Decimal(100 + (number * 7 + k * 13) % 50) / 4 + 80]
    )
    gain = sum((row.pnl_open for row in positions if row.pnl_open is not None), Decimal(0))
    cash = Decimal(92_000)
    nav = cash + 8_000 + gain
    since = START + timedelta(hours=6 * (number - 1)) if number else None
    zero = Decimal(0) if number else None
    row = AccountRow(
        "main-equities", "equities", "alpaca", nav, time, cash, None, zero, gain, zero, since=since
    )
    return Snapshot(
        time,
        nav,
        cash,
        Decimal(0),
        gain,
        ("main-equities",),
        SCHEMA,
        zero,
        accounts=(row,),
        cash=(CashRow("main-equities", "USD", cash, cash),),
        positions=positions,
        since=since,
    )


def path_of(time: datetime, *, monthly: bool) -> str:
    return f"snapshots/{f'{time:%Y/%m}/' if monthly else ''}{file_name(time)}"


def stream(count: int, *, monthly: bool) -> Iterator[bytes]:
    who = b"Ada <ada@example.com> %d +0000\n"
    yield b"commit refs/heads/main\ncommitter " + who % int(START.timestamp())
    yield b"data 4\ndesk\nM 100644 inline desk.toml\ndata 0\n"
    for number in range(count):
        made = snapshot(number)
        data, name = dumps(made).encode(), path_of(made.timestamp, monthly=monthly)
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        message = f"snapshot {number}\n\nQoc-Snapshot: {name}\nQoc-Blob: {blob}\n".encode()
        yield b"commit refs/heads/main\ncommitter " + who % int(made.timestamp.timestamp())
        yield b"data %d\n" % len(message) + message
        yield f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n"


def build(path: Path, count: int, *, monthly: bool) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    data = b"".join(stream(count, monthly=monthly))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=path, input=data, check=True)
    for args in (["repack", "-adq"], ["reset", "-q", "--hard"]):
        subprocess.run(["git", *args], cwd=path, check=True)


def measure(path: Path, label: str) -> None:
    log_s = cpu_s(["git", "log", "--name-only", "--", "snapshots/"], path, 2)
    print(f"{label:>8} snapshots: G {log_s:.2f} s", flush=True)
    steps = (
        ("audit, quick", [sys.executable, "-c", AUDIT.format("affordable=0")]),
        ("audit, default", [sys.executable, "-c", AUDIT.format("")]),
        ("audit, every", [sys.executable, "-c", AUDIT.format("every=True")]),
        ("verify", [sys.executable, "-m", "git_qoc", "verify"]),
        ("verify HEAD~10..", [sys.executable, "-m", "git_qoc", "verify", "HEAD~10.."]),
    )
    for name, args in steps:
        cost_s = cpu_s(args, path, 2)
        print(f"         {name:<17} {cost_s:7.2f} s  = {cost_s / log_s:6.2f} G", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for size in sys.argv[1:] or ["1000", "10000", "10000m"]:
            build(Path(folder) / size, int(size.removesuffix("m")), monthly=size.endswith("m"))
            measure(Path(folder) / size, size)
