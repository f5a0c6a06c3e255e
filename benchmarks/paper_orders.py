"""Orders through the simulated market: how many a second, and how the cost grows.

    python benchmarks/paper_orders.py [ORDERS]

Every third order rests, the others fill; a minute passes between two. The exponent is that of
CPU time ~ orders^exponent between a quarter and all of them: 1 is linear. What the disk takes is
shown apart, by the same orders with the books in memory-backed storage where there is some.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from git_qoc.market.engine import Engine
from git_qoc.market.orders import NewOrder
from git_qoc.model import OrderType, Side

START = datetime(2016, 7, 6, 14, tzinfo=UTC)
STOCKS = ("AAPL", "JPM", "KO", "MSFT", "UNH", "XOM")
FOLDERS = {"disk": None, "memory": "/dev/shm"}  # noqa: S108  # only where the machine has it


def run(folder: Path, orders: int) -> list[tuple[float, float]]:
    """Seconds of wall clock and of CPU from the first order to the end of each."""
    now = [START]
    market = Engine(folder / "books.sqlite", lambda: now[0])
    market.create(Decimal(100_000_000))
    began, cpu = time.perf_counter(), time.process_time()
    done = []
    for number in range(orders):
        now[0] += timedelta(seconds=60)
        market.submit(_order(number))
        done.append((time.perf_counter() - began, time.process_time() - cpu))
    return done


def _order(number: int) -> NewOrder:
    symbol = STOCKS[number % len(STOCKS)]
    if number % 3:
        return NewOrder(f"o{number}", symbol, Side.BUY, Decimal(1), OrderType.MARKET)
    return NewOrder(f"o{number}", symbol, Side.BUY, Decimal(1), OrderType.LIMIT, limit_price=Decimal(1))


def main() -> None:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name, parent in FOLDERS.items():
        if parent is not None and not Path(parent).is_dir():
            continue
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            done = run(Path(folder), orders)
        (wall, cpu), (_, quarter) = done[-1], done[orders // 4 - 1]
        exponent = math.log(cpu / quarter) / math.log(4)
        print(f"{name}: {orders:,} orders in {wall:.1f} s, {orders / wall:.0f} a second,", end=" ")
        print(f"CPU {cpu:.1f} s, a quarter of them {quarter:.1f} s: exponent {exponent:.2f}")


if __name__ == "__main__":
    main()
