"""Alpaca's JSON bodies for tests: the published examples, with changes.

All numbers are texts, as the trading API sends them; files in `tests/venues/alpaca/` hold the
larger bodies.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from git_qoc.desk.secrets import Secret
from git_qoc.model import VenueType
from git_qoc.venues.alpaca import Alpaca
from git_qoc.venues.base import Settings
from tests.venues import alpaca_api

Body = dict[str, Any]
KEY, SECRET = "PKTESTKEY0123456789", "s3cr3t/With+Base64=Chars"
NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
FIRST_FILL = datetime(2022, 2, 2, 18, tzinfo=UTC)


def connector(url: str | None, type: VenueType = VenueType.EQUITIES, **changes: Any) -> Alpaca:  # noqa: A002
    """An Alpaca connector for a loopback server, its clock at `NOON`."""
    settings: dict[str, Any] = {
        "name": "main",
        "type": type,
        "secrets": {"api_key": Secret(KEY), "api_secret": Secret(SECRET)},
        "clock": lambda: NOON,
        "state_dir": Path("/nonexistent"),
        "timeout_s": 10.0,
        "base_url": url,
    }
    return Alpaca(Settings(**{**settings, **changes}))


def payload(name: str) -> Any:
    return json.loads((Path(__file__).parent / "alpaca" / f"{name}.json").read_text("utf-8"))


def account(**changes: Any) -> Body:
    """The published example of a margin account, long only, with negative cash."""
    return {**alpaca_api.example("Account"), **changes}


def position(symbol: str = "AAPL", **changes: Any) -> Body:
    return {**alpaca_api.example("Position"), "symbol": symbol, **changes}


def order(**changes: Any) -> Body:
    """The published equity order (buy 2 AAPL, limit 150) with ids of its own."""
    ids = {"id": str(uuid.uuid4()), "client_order_id": str(uuid.uuid4())}
    return {**alpaca_api.example("EquityOrderResponse"), **ids, **changes}


def fill(number: int = 0, **changes: Any) -> Body:
    """The published fill; `number` makes ids that sort like their times, one second apart."""
    time = FIRST_FILL + timedelta(seconds=number)
    times = {
        "id": f"{time - timedelta(hours=5):%Y%m%d%H%M%S}000::{uuid.UUID(int=number)}",
        "transaction_time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {**alpaca_api.example("TradingActivities"), **times, **changes}


def cash_activity(kind: str, net_amount: str | None, **changes: Any) -> Body:
    row = {
        "activity_type": kind,
        "id": f"20220202000000000::{uuid.uuid4()}",
        "date": "2022-02-02",
        "created_at": "2022-02-02T15:00:00Z",
        "status": "executed",
        **({} if net_amount is None else {"net_amount": net_amount}),
    }
    return {**row, **changes}


def bar(begin: datetime, close: float) -> Body:
    prices = dict.fromkeys(("o", "h", "l", "c", "vw"), close)
    return {"t": f"{begin:%Y-%m-%dT%H:%M:%SZ}", **prices, "v": 1000, "n": 10}
