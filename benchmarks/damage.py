"""What the usual treatments of a desk's snapshots make of the demo desk, beside what it earned.

    python benchmarks/damage.py

Makes the demo desk (`git qoc demo`) and from its account rows the same desk with a harder life: snapshots
at 20:35 in New York, the demo's deposit and a second one at the close, its withdrawal, five days on
which main-equities was DEGRADED and is missing, crypto-spot connected only after half of the time, and
three weeks that were backfilled late. It is committed, one snapshot a commit, each commit at the time
it would have been made, and `git qoc run retrospective --json` reads it. What is right is the unit price
of the same desk by fund accounting in pandas (tests/retrospective/shadow.py), which sees all accounts
every day; ours must be that to 1e-9 or the run fails.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from git_qoc.snapshots.parse import loads
from git_qoc.tasks.demo import make
from tests.retrospective.real_closes import EXACT, empyrical, ffn, qs
from tests.retrospective.shadow import (
    TREATMENTS,
    ZONE,
    Figures,
    Ledger,
    complete_prices,
    figures,
    prices,
    records,
    seen_navs,
)

EVENING = time(20, 35)
OUTAGES = (41, 76, 77, 141, 202)
ADDED = 121
LATE = range(101, 116)
SECOND_DEPOSIT = (106, Decimal(20_000))
DESK = "".join(
    f'[[connector]]\nname = "{name}"\ntype = "{kind}"\nvenue = "paper"\n'
    for name, kind in (("main-equities", "equities"), ("crypto-spot", "crypto"), ("sweep-cash", "cash"))
)
DESK = f'[workspace]\nname = "damage"\ntimezone = "America/New_York"\n{DESK}'


def demo_ledger(folder: Path) -> Ledger:
    """The demo desk with the life that the module's docstring tells."""
    make(folder, lambda _done, _of: None)
    texts = [path.read_text(encoding="utf-8") for path in sorted((folder / "snapshots").rglob("*.toml"))]
    snapshots = sorted((loads(text) for text in texts), key=lambda snapshot: snapshot.timestamp)
    days = [snapshot.timestamp.astimezone(ZONE).date() for snapshot in snapshots]
    flows = {
        (i, row.connector): row.amount_usd
        for i, snapshot in enumerate(snapshots)
        for row in snapshot.flows
        if i and row.kind != "transfer"
    }
    at, amount = SECOND_DEPOSIT
    navs: dict[str, list[Decimal | None]] = {}
    for i, snapshot in enumerate(snapshots):
        for row in snapshot.accounts:
            more = amount if row.connector == "sweep-cash" and i >= at else 0
            absent = row.connector == "crypto-spot" and i < ADDED
            navs.setdefault(row.connector, []).append(None if absent else row.nav_usd + more)
    return Ledger(
        tuple(datetime.combine(day, EVENING, ZONE).astimezone(UTC) for day in days),
        {name: tuple(values) for name, values in navs.items()},
        {**flows, (at, "sweep-cash"): amount},
        frozenset((i, "main-equities") for i in OUTAGES),
        frozenset(LATE),
        LATE.stop,
    )


def stream(ledger: Ledger) -> Iterator[bytes]:
    """Commits for `git fast-import`, in the order of their time: late ones at noon of the day after."""
    made = [(commit_time(ledger, i), item) for i, item in enumerate(records(ledger))]
    for number, (when, item) in enumerate(sorted(made, key=lambda pair: pair[0])):
        data = str(item.text).encode()
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        message = f"snapshot\n\nQoc-Snapshot: {item.path}\nQoc-Blob: {blob}\n".encode()
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\n" % when.timestamp()
        yield b"data %d\n%b\n" % (len(message), message)
        if number == 0:
            yield b"M 100644 inline desk.toml\ndata %d\n%b\n" % (len(DESK), DESK.encode())
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (item.path.encode(), len(data), data)


def commit_time(ledger: Ledger, i: int) -> datetime:
    if i not in ledger.late:
        return ledger.times[i] + timedelta(seconds=3)
    return ledger.times[ledger.late_at] - timedelta(hours=8) + timedelta(seconds=i)


def ours(ledger: Ledger, folder: Path) -> Figures:
    """By the tool, from the commits."""
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    commits = b"".join(stream(ledger))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=commits, check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)
    command = [sys.executable, "-m", "git_qoc", "run", "retrospective", "--json"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    return Figures(*(float(report[key]) for key in Figures._fields))


def libraries(ledger: Ledger) -> Iterator[tuple[str, Figures]]:
    """Fed with the NAV of every snapshot, as the first example of each one's README feeds prices."""
    nav = seen_navs(ledger)
    returns = nav.pct_change().dropna()
    yield (
        "quantstats, of the returns of NAV",
        Figures(
            qs.comp(returns), qs.volatility(returns), qs.sharpe(returns), qs.max_drawdown(returns),
            qs.win_rate(returns),
        ),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stats = ffn.calc_stats(nav)
    won = float((stats.returns > 0).sum() / (stats.returns.dropna() != 0).sum())
    yield (
        "ffn, calc_stats of NAV",
        Figures(stats.total_return, stats.daily_vol, stats.daily_sharpe, stats.max_drawdown, won),
    )
    simple = empyrical.simple_returns(nav)
    yield (
        "empyrical, of simple_returns of NAV",
        Figures(
            empyrical.cum_returns_final(simple), empyrical.annual_volatility(simple),
            empyrical.sharpe_ratio(simple), empyrical.max_drawdown(simple),
            float((simple > 0).sum() / (simple != 0).sum()),
        ),
    )  # fmt: skip


def line(name: str, found: Figures, right: Figures) -> str:
    off = (found.total_return - right.total_return) * 100
    error = "0" if abs(off) < 1e-7 else f"{off:+.2f}"
    return (
        f"| {name} | {found.total_return:.2%} | {error} | {found.volatility:.1%} | "
        f"{found.sharpe_ratio:.2f} | {found.max_drawdown:.2%} | {found.win_rate:.1%} |"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        ledger = demo_ledger(Path(name) / "demo")
        mine = ours(ledger, Path(name) / "damage")
    right = figures(complete_prices(ledger).pct_change().dropna())
    print(f"{len(ledger.times)} snapshots, {ledger.days[0]} to {ledger.days[-1]}\n")
    print("| treatment | TWR | error, points | volatility | Sharpe | max drawdown | win rate |")
    print("|---|---|---|---|---|---|---|")
    print(line("git qoc run retrospective, from the commits", mine, right))
    print(line("the fund's unit price, on the same days", right, right))
    print(
        line(
            "the fund's unit price, had no account been out",
            figures(prices(ledger).pct_change().dropna()),
            right,
        )
    )
    for name, treatment in TREATMENTS.items():
        print(line(name, treatment(ledger), right))
    for name, found in libraries(ledger):
        print(line(name, found, right))
    worst = max(abs(a - b) / max(1.0, abs(b)) for a, b in zip(mine, right, strict=True))
    print(f"\nours and the fund: greatest difference {worst:.1e}")
    sys.exit(worst > EXACT)


if __name__ == "__main__":
    main()
