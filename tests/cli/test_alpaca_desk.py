"""Status and snapshot through the real HTTP path: Alpaca's published API on loopback.

Every request git-qoc sends and every body the server answers is validated against Alpaca's
OpenAPI documents by the server itself; leaving its `with` block fails on a violation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.cli.qoc import Qoc
from tests.venues import alpaca_faults as faults
from tests.venues.alpaca_api import example
from tests.venues.alpaca_bodies import KEY, SECRET, account, cash_activity, fill, order, position
from tests.venues.alpaca_server import AlpacaServer

CALL = "AAPL260918C00250000"


def margin_account() -> dict[str, Any]:
    """Negative cash, positive equity: −23,140.20 + 126,960.76 as in the published example."""
    return account()


def book() -> list[dict[str, Any]]:
    """A fractional long, a short and two written calls; worth 126,960.76 in all."""
    return [
        position("MSFT", qty="250.5", side="long", avg_entry_price="480", current_price="512.50"),
        position("TSLA", qty="-4", side="short", avg_entry_price="300", current_price="290.00"),
        position(
            CALL,
            asset_class="us_option",
            exchange="",
            qty="-2",
            side="short",
            avg_entry_price="1.20",
            current_price="1.3025",
        ),
    ]


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer(account=margin_account(), positions=book()) as running:
        yield running


@pytest.fixture
def trader(desk: Qoc, server: AlpacaServer) -> Qoc:
    desk.environ = {"EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
    connect(desk, "main", server)
    desk.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    desk.ok("paper", "deposit", "sweep", "1000")
    return desk


def connect(desk: Qoc, name: str, server: AlpacaServer) -> None:
    args = ("--name", name, "--env-prefix", "EQ_", "--base-url", server.url)
    desk.ok("connect", "equities", *args)


def committed(desk: Qoc) -> dict[str, Any]:
    path = desk.git("show", "--format=", "--name-only", "HEAD")
    return tomllib.loads(desk.git("show", f"HEAD:{path}"), parse_float=Decimal)


def test_a_margin_account_with_shorts_fractions_and_options_is_recorded_as_stated(trader: Qoc) -> None:
    result = trader.ok("snapshot")
    snapshot = committed(trader)
    meta = snapshot["meta"]
    # NAV is the venue's equity of 103,820.56 plus 1,000 of paper cash; cash is negative.
    assert meta["nav_usd"] == Decimal("104820.56")
    assert meta["cash_usd"] == Decimal("-23140.20") + 1000
    rows = {row["symbol"]: row for row in snapshot["position"]}
    assert (rows["MSFT"]["quantity"], rows["MSFT"]["pnl_open"]) == (Decimal("250.5"), Decimal("8141.25"))
    assert (rows["TSLA"]["quantity"], rows["TSLA"]["pnl_open"]) == (-4, 40)
    option = rows[CALL]
    assert (option["quantity"], option["multiplier"]) == (-2, 100)
    assert option["pnl_open"] == Decimal("-20.50")
    # Our sum: −23,140.20 + 128,381.25 − 1,160.00 − 260.50 = 103,820.55; the venue says one cent more.
    main = snapshot["account"][0]
    assert main["unreconciled_usd"] == Decimal("0.01")
    assert "differs from its parts by 0.01 USD" in result.err


def test_flows_and_fills_since_the_last_snapshot_come_from_the_activities(
    trader: Qoc, server: AlpacaServer
) -> None:
    trader.ok("snapshot")
    when = trader.now + timedelta(hours=2)
    stamp = f"{when:%Y-%m-%dT%H:%M:%SZ}"
    server.activities = [
        cash_activity("CSD", "5000", created_at=stamp, date=f"{when:%Y-%m-%d}"),
        cash_activity("DIV", "12.50", created_at=stamp, date=f"{when:%Y-%m-%d}"),
        fill(1, symbol="MSFT", side="sell", qty="50.5", price="500", transaction_time=stamp),
    ]
    server.positions = [{**book()[0], "qty": "200"}, *book()[1:]]
    trader.pass_time(days=1)
    server.clock = f"{trader.now:%Y-%m-%dT%H:%M:%SZ}"
    trader.ok("snapshot")
    snapshot = committed(trader)
    assert snapshot["meta"]["net_flow_usd"] == 5000
    assert [(row["kind"], row["amount_usd"]) for row in snapshot["flow"]] == [("deposit", 5000)]
    assert snapshot["meta"]["realized_pnl"] == Decimal("50.5") * 20
    # A day later nothing is told twice.
    server.activities = []
    trader.pass_time(days=1)
    server.clock = f"{trader.now:%Y-%m-%dT%H:%M:%SZ}"
    trader.ok("snapshot")
    assert committed(trader)["meta"]["net_flow_usd"] == 0


def test_a_limit_order_lowers_the_pool_that_every_venue_sees(trader: Qoc, server: AlpacaServer) -> None:
    free = trader.ok("status", "--json").json
    server.orders = [order(symbol="KO", qty="100", limit_price="60", side="buy", status="new")]
    held = trader.ok("status", "--json").json
    # Reg T: (103,820.56 − 63,480.38) × 2 = 80,680.36, the published figure; plus 1,000 of cash.
    assert free["buying_power_usd"] == 81680.36
    assert held["buying_power_usd"] == 75680.36
    assert [c["can_fund_usd"] for c in held["connectors"]] == [74680.36, 1000]


BROKEN: dict[str, tuple[faults.Fault, str]] = {
    "refused": (faults.status(401), "credentials"),
    "rate limited": (faults.status(429, Retry_After="30"), "429"),
    "failing": (faults.status(500), "500"),
    "garbage": (faults.body("<html>maintenance</html>", "text/html"), "JSON"),
    "cut": (faults.cut, "/v2/account"),
    "wrong type": (faults.body('{"equity": 1.5}'), "/v2/account"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_venue_is_degraded_and_the_other_is_shown(
    trader: Qoc, server: AlpacaServer, name: str
) -> None:
    fault, reason = BROKEN[name]
    server.faults = {"/v2/account": fault}
    main, sweep = trader.ok("status", "--json", "--timeout", "2").json["connectors"]
    assert main["health"] == "DEGRADED"
    assert reason in main["reason"]
    assert main["nav_usd"] is None
    assert main["can_fund_usd"] is None
    assert (sweep["health"], sweep["nav_usd"]) == ("OK", 1000)
    trader.ok("snapshot", "--timeout", "2")
    assert committed(trader)["meta"]["degraded"] == ["main"]
    assert committed(trader)["meta"]["nav_usd"] == 1000


def test_a_hanging_venue_costs_its_deadline_and_no_more(trader: Qoc, server: AlpacaServer) -> None:
    server.faults = {"*": faults.hang}
    start = monotonic()
    shown = trader.ok("status", "--timeout", "0.5")
    assert monotonic() - start < 5
    assert "main: DEGRADED: GET http://127.0.0.1:" in shown.out
    assert "no answer within 0.5 s" in shown.out
    assert trader("status", "--timeout", "0.5", "--exit-code").code == 1


def test_a_venue_that_is_not_there_is_degraded(trader: Qoc, server: AlpacaServer) -> None:
    server.close()
    main = trader.ok("status", "--json", "--timeout", "2").json["connectors"][0]
    assert main["health"] == "DEGRADED"
    assert "127.0.0.1" in main["reason"]


def test_two_connectors_with_one_key_do_not_count_the_account_twice(
    trader: Qoc, server: AlpacaServer
) -> None:
    once = trader.ok("status", "--json").json["nav_usd"]
    connect(trader, "again", server)
    status = trader.ok("status", "--json").json
    assert status["nav_usd"] == once
    assert status["degraded"] == ["again"]


def test_degraded_since_is_remembered_between_runs(trader: Qoc, server: AlpacaServer) -> None:
    server.faults = {"/v2/account": faults.status(500)}
    first = trader.ok("status", "--json", "--timeout", "1").json["connectors"][0]["since"]
    trader.pass_time(hours=3)
    server.clock = f"{trader.now:%Y-%m-%dT%H:%M:%SZ}"
    assert trader.ok("status", "--json", "--timeout", "1").json["connectors"][0]["since"] == first
    assert "DEGRADED (since 3 h)" in trader.ok("status", "--timeout", "1").out


def test_a_desk_from_elsewhere_cannot_send_the_secret_to_its_own_host(desk: Qoc) -> None:
    desk.environ = {"EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
    evil = ("--name", "a", "--env-prefix", "EQ_", "--base-url", "https://api.alpaca.markets.evil.example")
    desk.ok("connect", "equities", *evil)
    shown = desk.ok("status")
    assert "qoc.allowedHost" in shown.out
    assert "DEGRADED" in shown.out


def test_no_output_commit_report_or_file_of_ours_ever_holds_the_secret(
    trader: Qoc, server: AlpacaServer
) -> None:
    said = []
    for fault in [None, *(fault for fault, _ in BROKEN.values()), faults.hang]:
        server.faults = {} if fault is None else {"*": fault}
        for args in (
            ("status", "--timeout", "0.5"),
            ("status", "--json", "--timeout", "0.5"),
            ("snapshot", "--timeout", "0.5"),
            ("snapshot", "--json", "--timeout", "0.5"),
            ("log",),
            ("run", "retrospective", "--json"),
            ("run", "retrospective"),
            ("check", "desk.toml"),
            ("connect", "equities", "--name", "main", "--env-prefix", "EQ_"),
        ):
            result = trader(*args)
            said.append(result.out + result.err)
    files = [p for p in trader.git.path.rglob("*") if p.is_file() and p.suffix != ".sample"]
    said += [path.read_bytes().decode("latin-1") for path in files]
    said.append(trader.git("log", "-p", "--all"))
    for text in said:
        assert KEY not in text
        assert SECRET not in text


def test_backfill_takes_equity_and_flows_from_the_portfolio_history_and_invents_no_positions(
    desk: Qoc,
) -> None:
    """Labels are the beginning of a window, equity and cash flow are as of its end; null is unknown."""
    first = datetime(2026, 6, 29, 4, tzinfo=UTC)
    days = [first, first + timedelta(days=1), first + timedelta(days=2)]
    history = {
        "timestamp": [int(day.timestamp()) for day in days],
        "equity": [1000, 1510.5, None],
        "profit_loss": [0, 10.5, None],
        "profit_loss_pct": [0, 0.0105, None],
        "base_value": 1000,
        "timeframe": "1D",
        "cashflow": {"CSD": [0, 500, 0]},
    }
    with AlpacaServer(account=account(cash="1510.5", equity="1510.5"), history=history) as server:
        desk.environ = {"EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
        connect(desk, "main", server)
        text = (desk.git.path / "desk.toml").read_text()
        schedule = '\n[[schedule]]\nname = "c"\ncron = "5 16 * * 1-5"\n'
        schedule += 'tz = "America/New_York"\ntask = "snapshot"\n'
        (desk.git.path / "desk.toml").write_text(text + schedule)
        result = desk.ok("snapshot", "--backfill", "2026-06-29")
    assert "back-filled 2 snapshots" in result.out
    second = committed(desk)
    assert second["meta"]["nav_usd"] == Decimal("1510.50")
    assert second["meta"]["net_flow_usd"] == 500
    assert second["meta"]["backfill"] is True
    assert "cash_usd" not in second["meta"]
    assert "position" not in second
    report = desk.ok("run", "retrospective", "--json").json
    # 10.50 earned on 1,000; the 500 count from the session's end, five minutes before the valuation.
    assert report["total_return"] == pytest.approx(10.5 / (1000 + 500 * 5 / 1440), rel=1e-9)


def test_a_snapshot_on_a_detached_head_says_so(trader: Qoc) -> None:
    trader.git("checkout", "-q", "--detach")
    assert "HEAD is detached" in trader.ok("snapshot").err


def test_one_snapshot_over_all_that_the_published_api_can_say(trader: Qoc, server: AlpacaServer) -> None:
    """Real processes. Negative cash, a short, a fraction, written calls, a multi-leg order with empty
    symbol and class, an unknown field, and 2,500 fills over 25 pages with rows doubled at the borders."""
    server.positions[0]["field_of_next_year"] = {"nested": [1, 2]}
    server.orders = [{**example("MultilegOptionsOrderResponse"), "status": "new", "filled_qty": "0"}]
    server.repeat_border = True
    environ = {**os.environ, **trader.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    def command(*args: str) -> dict[str, Any]:
        server.clock = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251  # the process's clock
        whole = [sys.executable, "-m", "git_qoc", *args, "--json"]
        done = subprocess.run(
            whole, cwd=trader.git.path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout, parse_float=Decimal)  # type: ignore[no-any-return]

    first = command("snapshot")["snapshot"]
    assert first["realized_pnl"] == 0
    start = datetime.fromisoformat(first["accounts"][0]["as_of"])
    stamps = [(start + timedelta(microseconds=10 * (n + 1))).isoformat() for n in range(2500)]
    # Bought at 10.00 and sold at 10.01, 1,250 times two shares: 25.00 USD.
    bought, sold = {"side": "buy", "price": "10"}, {"side": "sell", "price": "10.01"}
    server.activities = [
        fill(n, symbol="F", qty="2", transaction_time=stamp, **(sold if n % 2 else bought))
        for n, stamp in enumerate(stamps)
    ]
    second = command("snapshot")["snapshot"]
    assert second["accounts"][0]["realized_pnl"] == 25
    assert second["nav_usd"] == Decimal("104820.56")
    assert len(second["positions"]) == 3
    pages = [seen for seen in server.requests if seen.path.endswith("/activities/FILL")]
    assert len(pages) >= 25
    status = command("status")
    # Reg T 80,680.36 and 1,000 of cash, less the spread: 1 × 10.00 net debit × 100, and that twice,
    # because options cannot be bought on margin.
    assert status["buying_power_usd"] == Decimal("79680.36")
    assert status["connectors"][0]["open_orders"] == 1


def test_a_credential_helper_that_hangs_degrades_its_own_connector_only(
    trader: Qoc, server: AlpacaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text('[credential]\n\thelper = "!f() { exec sleep 20; }; f"\n')
    connect(trader, "slow", server)
    path = trader.git.path / "desk.toml"
    text = path.read_text().rpartition('api_key    = { env = "EQ_API_KEY" }')
    path.write_text(text[0] + 'api_key = { git-credential = "https://api.example.com" }' + text[2])
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    main, sweep, slow = trader.ok("status", "--json", "--timeout", "4").json["connectors"]
    assert [main["health"], sweep["health"], slow["health"]] == ["OK", "OK", "DEGRADED"]
    assert slow["reason"] == "no secrets within 4 s"
