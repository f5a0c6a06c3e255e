from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import FlowKind, Statement
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_api import TRADING, document
from tests.venues.alpaca_bodies import account, connector
from tests.venues.alpaca_server import AlpacaServer

D = Decimal
HISTORY = "/v2/account/portfolio/history"


def published(name: str) -> dict[str, Any]:
    operation = document(TRADING)["paths"][HISTORY]["get"]["responses"]["200"]
    body: dict[str, Any] = operation["content"]["application/json"]["examples"][name]["value"]
    return body


WEEK = published("example-query-1d-7d")
CASHFLOWS = published("example-cashflows")


def ask(body: dict[str, Any], *instants: datetime) -> list[Statement]:
    with AlpacaServer(history=body) as server:
        return list(connector(server.url).history(instants))


def et(day: int, hour: int, minute: int = 0, month: int = 10, year: int = 2023) -> datetime:
    """A New York summer time (UTC−4) as UTC."""
    return datetime(year, month, day, hour + 4, minute, tzinfo=UTC)


def test_each_close_is_the_equity_of_its_new_york_day() -> None:
    # The intraday example of the document gives 2774.16 as the close of 2023-10-18.
    assert published("example-intraday-query-15min-1d")["base_value"] == 2774.16
    found = ask(WEEK, et(16, 16, 5), et(17, 16, 5), et(18, 16, 5), et(19, 16))
    assert [one.account.equity_usd for one in found] == [
        D("2794.79"),
        D("2805.46"),
        D("2774.16"),
        D("2748.73"),
    ]
    assert [one.time for one in found] == [et(16, 16, 5), et(17, 16, 5), et(18, 16, 5), et(19, 16)]
    assert found[0].account.account_id == account()["id"]


def test_only_what_the_history_states_is_stated() -> None:
    (found,) = ask(WEEK, et(18, 17))
    assert found.account.cash is None
    assert found.account.margin_usd is None
    assert (found.positions, found.fills, found.flows) == (None, None, None)


def test_instants_before_the_close_and_on_days_without_one_are_left_out() -> None:
    assert ask(WEEK, et(14, 17), et(15, 17), et(18, 15, 59), et(19, 10), et(20, 17)) == []


def test_flows_are_those_of_the_days_since_the_previous_statement() -> None:
    first, second = ask(WEEK, et(16, 17), et(18, 17))
    assert first.flows is None
    assert second.flows is not None
    (deposit,) = second.flows  # of the 17th, between the two
    assert (deposit.kind, deposit.amount_usd, deposit.time) == (FlowKind.DEPOSIT, D(100), et(17, 16))


def test_flow_amounts_are_by_window_and_dividends_are_no_flow() -> None:
    days = [et(day, 17, month=4, year=2026) for day in (7, 8, 9, 10)]
    found = ask(CASHFLOWS, *days)
    assert [one.flows and [flow.amount_usd for flow in one.flows] for one in found] == [
        None,
        [D("10.13")],
        [D("10.16")],
        (),
    ]
    assert [one.account.equity_usd for one in found] == [
        D(x) for x in ("8425.21", "8639.77", "8766.1", "8835.31")
    ]


def test_two_instants_of_one_day_share_its_close_and_count_its_flows_once() -> None:
    _, first, second = ask(WEEK, et(16, 17), et(17, 17), et(17, 18))
    assert first.account == second.account
    assert first.flows is not None
    assert len(first.flows) == 1
    assert second.flows == ()


def test_no_cashflow_in_the_answer_leaves_flows_unknown() -> None:
    body = {key: value for key, value in WEEK.items() if key != "cashflow"}
    assert [one.flows for one in ask(body, et(16, 17), et(17, 17))] == [None, None]


def test_days_before_the_account_was_funded_or_without_a_value_are_left_out() -> None:
    body = {**WEEK, "equity": [0, 0, None, 2774.16, 0]}
    found = ask(body, et(16, 17), et(17, 17), et(18, 17), et(19, 17))
    assert [(one.time, one.account.equity_usd) for one in found] == [
        (et(18, 17), D("2774.16")),
        (et(19, 17), D(0)),
    ]


@pytest.mark.parametrize(
    "label", ["2024-01-16T05:00:00Z", "2024-01-16T14:30:00Z", "2024-01-16T21:00:00Z", "2024-01-17T01:00:00Z"]
)
def test_any_label_within_the_new_york_day_names_that_day_also_in_winter(label: str) -> None:
    stamp = int(datetime.fromisoformat(label).timestamp())
    body = {
        **WEEK,
        "timestamp": [stamp],
        "equity": [5.5],
        "cashflow": {},
        "profit_loss": [0],
        "profit_loss_pct": [0],
    }
    close = datetime(2024, 1, 16, 21, tzinfo=UTC)
    (found,) = ask(body, close)
    assert (found.time, found.account.equity_usd) == (close, D("5.5"))


def test_whole_new_york_days_are_asked_for() -> None:
    with AlpacaServer(history=WEEK) as server:
        list(connector(server.url).history((et(16, 17), et(18, 17))))
        asked = server.requests[-1].query
    assert asked == {
        "timeframe": "1D",
        "start": "2023-10-16T00:00:00-04:00",
        "end": "2023-10-18T23:59:59-04:00",
        "cashflow_types": "CSD,CSW,JNL,JNLC,ACATC,OCT",
    }


def test_no_instants_ask_nothing() -> None:
    with AlpacaServer() as server:
        assert list(connector(server.url).history(())) == []
        assert server.requests == []


def test_a_local_currency_account_has_no_history_in_usd() -> None:
    with (
        AlpacaServer(account=account(currency="JPY"), history=WEEK) as server,
        pytest.raises(Unsupported, match="local-currency"),
    ):
        connector(server.url).history((et(16, 17),))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"equity": [1]}, "equity: expected 5 values"),
        ({"cashflow": {"CSD": [1, 2]}}, "cashflow.CSD: expected 5 values"),
        ({"equity": ["1", "2", "3", "4", "5"]}, r"equity\[0\]: expected a JSON number"),
        ({"timestamp": None}, "timestamp: "),
        ({"timestamp": [10**18] * 5}, "timestamp: expected seconds"),
    ],
)
def test_a_history_of_the_wrong_shape_is_a_fault(changes: dict[str, Any], place: str) -> None:
    with (
        AlpacaServer(faults={HISTORY: fault.body(json.dumps({**WEEK, **changes}))}) as server,
        pytest.raises(VenueError, match=place),
    ):
        list(connector(server.url).history((et(16, 17),)))
