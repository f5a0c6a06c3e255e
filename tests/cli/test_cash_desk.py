"""Status and snapshot over a bank and a bridge on loopback, as whole commands see them."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from tests.cli.qoc import Qoc
from tests.desk.leaks import found_in
from tests.venues.mercury_server import TOKEN, MercuryServer, deposit, transaction, treasury
from tests.venues.simplefin_server import NOON, PASSWORD, USER, SimpleFinServer, account, epoch

SECRETS = {"token": TOKEN, "user": USER, "password": PASSWORD}


def kept_files(desk: Qoc) -> str:
    files = [
        path for path in Path(desk.git.path).rglob("*") if path.is_file() and "objects" not in path.parts
    ]
    return "\n".join(path.read_bytes().decode(errors="replace") for path in files)


def test_a_snapshot_holds_the_cash_of_bank_and_bridge_and_no_secret_is_left_anywhere(desk: Qoc) -> None:
    old = account("500.25", balance_date=epoch(NOON - timedelta(days=9)))
    pending = transaction(-100, 7, None, kind="outgoingPayment")
    bank = MercuryServer(accounts=[deposit(1_000, 900)], treasuries=[treasury(250)], transactions=[pending])
    with bank, SimpleFinServer(accounts=[old]) as bridge:
        desk.environ = {"CA_API_KEY": TOKEN, "SF_ACCESS_URL": bridge.access_url}
        desk.ok("connect", "cash", "--name", "sweep", "--env-prefix", "CA_", "--base-url", bank.url)
        desk.ok("connect", "cash", "--name", "savings", "--venue", "simplefin", "--env-prefix", "SF_")
        status = desk.ok("status")
        desk.ok("snapshot")
        assert len(bridge.requests) == 1
    assert "balance of account 2930002 is as of" in status.out + status.err
    (file,) = (Path(desk.git.path) / "snapshots").rglob("*.toml")
    found = tomllib.loads(file.read_text())
    # 1,000 booked and 250 in Treasury, and 500.25 at the bridge's bank
    assert {row["connector"]: row["cash_usd"] for row in found["account"]} == {
        "sweep": 1250.0,
        "savings": 500.25,
    }
    # less the 100 that are on their way out
    assert found["meta"]["buying_power_usd"] == 1650.25
    everything = status.out + status.err + kept_files(desk)
    assert found_in(everything, SECRETS) == []
