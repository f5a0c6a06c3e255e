from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.errors import VenueError
from git_qoc.market.engine import Engine
from git_qoc.market.orders import BookingKind
from git_qoc.model import OrderStatus
from tests.market.trader import CLOSE, Trader, at

REPO = Path(__file__).parents[2]

TRADE = """
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from git_qoc.market.engine import Engine
from git_qoc.market.orders import NewOrder, Refusal
from git_qoc.model import OrderType, Side
from tests.market.trader import CLOSE
who, minutes = sys.argv[2], int(sys.argv[3])
now = CLOSE + timedelta(minutes=minutes)
market = Engine(Path(sys.argv[1]), lambda: now)
for n in range(100_000):
    now += timedelta(minutes=20)
    limit = None if n % 3 else Decimal("21.5")
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    symbol = ("AAPL", "ESU6", "BTC-USD-PERP")[n % 3]
    market.submit(NewOrder(f"{who}-{n}", symbol, Side.BUY, Decimal(1), kind, limit_price=limit))
    print(n, flush=True)
"""


def start(books: Path, who: str, minutes: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TRADE, str(books), who, str(minutes)],
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed(child: subprocess.Popen[str], after: int) -> int:
    """Kill it while it goes on after so many orders; how many it said were done."""
    assert child.stdout is not None
    done = [next(child.stdout) for _ in range(after)]
    child.kill()
    said = len(done) + len(child.stdout.read().splitlines())
    child.stdout.close()
    child.wait()
    return said


def explained(trader: Trader) -> None:
    """The books agree with themselves: journal, cash, positions, orders and what they reserve."""
    market = trader.market
    (past,) = market.equity_at([trader.now])
    account = market.account()
    assert (past.cash, past.equity) == (account.cash, account.equity)
    assert past.holdings == market.holdings()
    for order in market.orders():
        filled = sum((one.quantity for one in market.executions(order_id=order.order_id)), Decimal(0))
        assert filled == order.filled_quantity
    with closing(sqlite3.connect(market.path)) as db:
        rests = db.execute("select symbol, side, quantity from resting").fetchall()
    sums: dict[tuple[str, str], Decimal] = {}
    for order in market.orders(open_only=True):
        assert order.asked.quantity is not None
        key = (order.asked.symbol, order.asked.side or "")
        sums[key] = sums.get(key, Decimal(0)) + order.asked.quantity - order.filled_quantity
    assert {(symbol, side): Decimal(quantity) for symbol, side, quantity in rests} == sums


def test_a_kill_at_any_moment_leaves_whole_orders_and_whole_events(tmp_path: Path) -> None:
    trader = Trader(tmp_path)
    dice = random.Random(1)  # noqa: S311
    for life in range(6):
        child = start(trader.market.path, f"life{life}", minutes=life * 3000)
        said = killed(child, 1 + dice.randrange(20))
        trader.now = at("2017-12-01")
        with closing(sqlite3.connect(trader.market.path)) as db:
            (stands_at,) = db.execute("select value from state where key = 'time'").fetchone()
        trader.now = at(stands_at.removesuffix("+00:00"))
        explained(trader)
        kept = sum(one.asked.client_order_id.startswith(f"life{life}-") for one in trader.market.orders())
        assert said <= kept <= said + 1


HALF_DONE = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("pragma cache_size = 1")  # so that pages reach the file before the commit
db.execute("begin immediate")
db.execute("update state set value = '0' where key = 'cash'")
for n in range(2000):
    db.execute("insert into booking values (?, ?, 'deposit', '', '1', '', ?)", (1000 + n, str(n), "x" * 500))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_half_done_is_undone_by_the_next_reader(tmp_path: Path) -> None:
    trader = Trader(tmp_path)
    before = trader.market.account()
    child = subprocess.run([sys.executable, "-c", HALF_DONE, str(trader.market.path)], check=False)
    assert child.returncode == -9
    assert Path(f"{trader.market.path}-journal").stat().st_size > 0
    assert trader.market.account() == before
    assert len(trader.market.bookings()) == 1


def test_two_processes_trade_at_once_and_no_order_is_lost(tmp_path: Path) -> None:
    trader = Trader(tmp_path)
    code = TRADE.replace("100_000", "15").replace("minutes=20", "seconds=1")
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(trader.market.path), who, "0"], cwd=REPO, stdout=-3)
        for who in ("one", "two")
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    trader.now = CLOSE + timedelta(minutes=1)
    explained(trader)
    assert len(trader.market.orders()) == 30


def test_missing_books_are_an_error_and_reading_makes_none(tmp_path: Path) -> None:
    market = Engine(tmp_path / "no" / "books.sqlite", lambda: CLOSE)
    assert not market.books_exist()
    for question in (market.account, market.holdings, market.orders, market.cancel_all):
        with pytest.raises(VenueError, match="no part of a clone"):
            question()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_which_no_books_were_finished_is_no_account(tmp_path: Path) -> None:
    (tmp_path / "books.sqlite").touch()
    market = Engine(tmp_path / "books.sqlite", lambda: CLOSE)
    assert not market.books_exist()
    with pytest.raises(VenueError, match="no part of a clone"):
        market.account()
    market.create(Decimal(5))
    assert market.account().cash == 5


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "books.sqlite").write_bytes(b"garbage" * 1000)
    market = Engine(tmp_path / "books.sqlite", lambda: CLOSE)
    with pytest.raises(VenueError, match="cannot be read: file is not a database"):
        market.account()


def test_the_market_does_not_go_back(tmp_path: Path) -> None:
    trader = Trader(tmp_path)
    trader.buy("AAPL", "1")
    trader.now = CLOSE - timedelta(seconds=60)
    assert trader.market.now() == CLOSE
    trader.now = CLOSE - timedelta(seconds=61)
    with pytest.raises(VenueError, match="the market cannot go back"):
        trader.market.account()


def test_two_runs_write_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    files = []
    for run, seed in (("a", 0), ("b", 0), ("c", 1)):
        trader = Trader(tmp_path / run, seed=seed)
        trader.buy("AAPL", "60000", tif="gtc")
        trader.sell("ESU6", "1")
        trader.buy("BTC-USD-PERP", "1", limit="650", tif="gtc")
        trader.now = at("2016-10-01")
        trader.market.account()
        files.append(trader.market.path.read_bytes())
    assert files[0] == files[1] != files[2]


OLD = """
create table flow (id text primary key, time text not null, kind text not null, amount text not null);
create table fill (client_order_id text primary key, time text not null, symbol text not null,
    side text not null, quantity text not null, price text not null);
insert into flow values ('d1', '2016-07-05T20:01:00.000000+00:00', 'deposit', '1000');
insert into fill values ('o1', '2016-07-05T20:01:00.000000+00:00', 'AAPL', 'buy', '10.5', '21.928');
insert into fill values ('o2', '2016-07-06T20:01:00.000000+00:00', 'AAPL', 'buy', '10', '22.052');
insert into fill values ('o3', '2016-07-07T20:01:00.000000+00:00', 'AAPL', 'sell', '5.5', '22.147');
insert into flow values ('w1', '2016-07-08T20:01:00.000000+00:00', 'withdrawal', '-100');
"""


def test_books_of_the_version_before_are_read_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "books.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD)
    market = Engine(path, lambda: at("2016-07-09"))
    assert market.books_exist()
    (held,) = market.holdings()
    # (10.5 × 21.928 + 10 × 22.052) ÷ 20.5 = 21.98848780…
    assert (held.quantity, held.average_cost) == (Decimal(15), Decimal("21.98848780"))
    spent = Decimal("10.5") * Decimal("21.928") + 10 * Decimal("22.052") - Decimal("5.5") * Decimal("22.147")
    assert market.account().cash == 900 - spent
    assert market.account().created_at == CLOSE
    assert [(one.booking_id, one.amount) for one in market.bookings()] == [
        ("d1", Decimal(1000)),
        ("w1", Decimal(-100)),
    ]
    assert [one.execution_id for one in market.executions()] == ["fill-o1", "fill-o2", "fill-o3"]
    order = market.order_by_client_id("o2")
    assert order is not None
    assert (order.status, order.average_price) == (OrderStatus.FILLED, Decimal("22.052"))
    assert market.move_cash("d1", BookingKind.DEPOSIT, Decimal(1000)).amount == 1000
    assert market.account().cash == 900 - spent
    (past,) = market.equity_at([at("2016-07-06T12:00")])
    assert past.cash == 1000 - Decimal("10.5") * Decimal("21.928")
