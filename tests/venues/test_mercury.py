from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.account.buying_power import funds, reserved
from git_qoc.account.collect import LastSight, Opened, collect
from git_qoc.desk.secrets import Secret
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, Flow, FlowKind, OrderStatus, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.mercury import Mercury
from git_qoc.venues.mercury_flows import CROSSING, INCOME_OR_COST, TRANSFERS
from git_qoc.venues.registry import auth_keys, open_connector
from tests.desk.leaks import found_in, told
from tests.venues import alpaca_faults as fault
from tests.venues.mercury_server import (
    NOON,
    TOKEN,
    MercuryServer,
    deposit,
    description,
    ident,
    transaction,
    treasury,
)

D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BACK = [{"id": ident(1), "accountId": ident(1), "amount": 5, "relationKind": "FailedPaymentToPaymentRefund"}]


def connector(url: str | None, **changes: Any) -> Mercury:
    settings: dict[str, Any] = {
        "name": "sweep-cash",
        "type": VenueType.CASH,
        "secrets": {"api_key": Secret(TOKEN)},
        "clock": lambda: NOON,
        "state_dir": Path("/nonexistent"),
        "timeout_s": 10.0,
        "base_url": url,
    }
    return Mercury(Settings(**{**settings, **changes}))


def test_one_connector_is_all_accounts_at_mercury_and_treasury_but_no_account_elsewhere() -> None:
    elsewhere = deposit(7_000, number=3, type="external")
    accounts = [deposit(D("999910.38")), deposit(D("999886.62"), number=2), elsewhere]
    with MercuryServer(accounts=accounts, treasuries=[treasury(D("250000.01"))]) as server:
        found = connector(server.url).account()
    # 999,910.38 + 999,886.62 + 250,000.01
    assert found.cash == (Cash("USD", D("2249797.01"), D("2249797.01")),)
    assert found.account_id == "+".join((ident(1), ident(2), ident(90)))
    assert (found.currency, found.equity_usd, found.margin_usd, found.leverage) == ("USD", None, D(0), None)
    assert found.blocked == ""


@pytest.mark.parametrize("wanted", [ident(2), "4321", "91004321"])
def test_account_in_desk_toml_names_one_by_id_or_last_digits(wanted: str) -> None:
    accounts = [deposit(100), deposit(50, number=2, accountNumber="91004321")]
    with MercuryServer(accounts=accounts, treasuries=[treasury(7)]) as server:
        found = connector(server.url, account=wanted).account()
    assert found.account_id == ident(2)
    assert found.cash == (Cash("USD", D(50), D(50)),)


@pytest.mark.parametrize(("wanted", "count"), [("5678", 2), ("678", 0), ("0000", 0), ("Savings", 0)])
def test_account_that_names_none_or_several_is_refused_without_a_number_of_the_bank(
    wanted: str, count: int
) -> None:
    with (
        MercuryServer(accounts=[deposit(100), deposit(50, number=2)]) as server,
        pytest.raises(VenueError, match=f'account = "{wanted}" fits {count} accounts') as failure,
    ):
        connector(server.url, account=wanted).account()
    assert "91005678" not in str(failure.value)


def test_a_token_that_shows_no_account_is_not_an_empty_account() -> None:
    with (
        MercuryServer(accounts=[deposit(9, type="external")]) as server,
        pytest.raises(VenueError, match="shows no account"),
    ):
        connector(server.url).account()


def test_an_account_that_is_closed_says_why_it_may_not_be_used() -> None:
    with MercuryServer(accounts=[deposit(0, status="archived")]) as server:
        assert connector(server.url).account().blocked == "the account is archived, not active"


def test_what_is_on_its_way_out_cannot_be_spent() -> None:
    leaving = transaction(D("-250.50"), 7, None, kind="outgoingPayment")
    coming = transaction(D("80"), 8, None)
    with MercuryServer(
        accounts=[deposit(1_000, D("699.50"))], transactions=[leaving, coming, transaction(-9)]
    ) as server:
        (state,) = collect(
            [Opened("c", VenueType.CASH, "mercury", connector(server.url))], lambda: NOON, timeout_s=5
        )
    assert [(o.order_id, o.notional, o.status) for o in state.open_orders or ()] == [
        (ident(7), D("250.50"), OrderStatus.OPEN),
        # 1,000 − 699.50 − 250.50: a hold that is no pending transfer
        (f"held:{ident(1)}", D("50.00"), OrderStatus.OPEN),
    ]
    assert state.account is not None
    held = reserved(state)
    assert not isinstance(held, str)
    assert held == D("300.50")
    cash = funds(state.account, D(1_000), D(1_000))
    assert cash is not None
    assert cash - held == state.account.venue_buying_power_usd == D("699.50")


def test_what_a_bank_holds_back_is_nobodys_position() -> None:
    with MercuryServer(accounts=[deposit(5)]) as server:
        found = connector(server.url)
        assert (found.health(), found.positions(), found.open_orders()) == (None, (), ())
        assert list(found.fills(NOON)) == []


def test_flows_are_dated_when_booked_and_since_is_exclusive() -> None:
    created_long_ago = transaction(
        -33, 2, NOON, createdAt="2026-01-01T00:00:00Z", kind="debitCardTransaction"
    )
    rows = [transaction(D("1000.25"), 1, NOON - HOUR), created_long_ago, transaction(5, 3, NOON - 2 * HOUR)]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        found = connector(server.url).flows(NOON - 2 * HOUR)
    assert found == (
        Flow(ident(1), NOON - HOUR, FlowKind.DEPOSIT, D("1000.25")),
        Flow(ident(2), NOON, FlowKind.WITHDRAWAL, D(-33)),
    )


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled", "blocked", "reversed"])
def test_what_was_never_booked_is_no_flow(status: str) -> None:
    rows = [transaction(-10, 1, None, status=status)]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        assert connector(server.url).flows(NOON - DAY) == ()


def test_a_payment_that_failed_after_it_was_booked_nets_with_its_refund() -> None:
    failed = transaction(-10, 1, NOON - HOUR, status="failed", relatedTransactions=BACK)
    rows = [failed, transaction(10, 2, NOON)]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        assert [flow.amount_usd for flow in connector(server.url).flows(NOON - DAY)] == [-10, 10]


@pytest.mark.parametrize("status", ["failed", "reversed"])
def test_flows_are_unknown_where_it_is_not_stated_how_booked_money_came_back(status: str) -> None:
    rows = [transaction(-10, 1, NOON, status=status)]
    with (
        MercuryServer(accounts=[deposit(1)], transactions=rows) as server,
        pytest.raises(Unsupported, match=f"was booked, then {status}"),
    ):
        connector(server.url).flows(NOON - DAY)


def test_every_kind_of_the_api_is_known_and_another_makes_flows_unknown() -> None:
    kinds = description()["definitions"]["transaction"]["properties"]["kind"]["enum"]
    assert set(kinds) == INCOME_OR_COST | TRANSFERS | CROSSING
    assert len(INCOME_OR_COST) + len(TRANSFERS) + len(CROSSING) == len(kinds)
    with MercuryServer(accounts=[deposit(1)], transactions=[transaction(1, kind="newFee")]) as server:
        with pytest.raises(Unsupported, match="does not know"):
            connector(server.url).flows(NOON - DAY)
        assert "newFee" in server.noticed.pop()


def test_interest_and_fees_are_no_flows() -> None:
    rows = [transaction(D("4.20"), number, kind=kind) for number, kind in enumerate(sorted(INCOME_OR_COST))]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        assert connector(server.url).flows(NOON - DAY) == ()


def test_a_transfer_between_two_accounts_nets_to_zero_unless_only_one_is_read() -> None:
    rows = [
        transaction(-300, 1, kind="internalTransfer"),
        transaction(300, 2, kind="internalTransfer", accountId=ident(2)),
        transaction(-40, 3, kind="treasuryTransfer"),
    ]
    accounts = [deposit(1), deposit(2, number=2, accountNumber="4321")]
    with MercuryServer(accounts=accounts, transactions=rows, treasuries=[treasury(40)]) as server:
        whole = connector(server.url).flows(NOON - DAY)
        one = connector(server.url, account=ident(1)).flows(NOON - DAY)
        with pytest.raises(Unsupported, match="by its day only"):
            connector(server.url, account=ident(90)).flows(NOON - DAY)
    assert sum(flow.amount_usd for flow in whole) == 0
    assert [(flow.kind, flow.amount_usd) for flow in one] == [
        (FlowKind.TRANSFER, D(-300)),
        (FlowKind.TRANSFER, D(-40)),
    ]


def test_what_happens_on_a_credit_card_is_not_in_the_account_but_paying_it_is() -> None:
    rows = [
        transaction(-70, 1, kind="creditCardTransaction", accountId=ident(77)),
        transaction(-70, 2, kind="internalTransfer"),
    ]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        assert [flow.flow_id for flow in connector(server.url).flows(NOON - DAY)] == [ident(2)]


def test_no_flow_is_lost_or_doubled_over_pages_and_pages_that_stand_still_are_refused() -> None:
    rows = [transaction(number + 1, number) for number in range(2001)]
    with MercuryServer(accounts=[deposit(1)], transactions=rows) as server:
        found = connector(server.url).flows(NOON - DAY)
        assert [flow.amount_usd for flow in found] == list(range(1, 2002))
        pages = [seen.query for seen in server.requests if seen.path.endswith("/transactions")]
        assert [query.get("start_after") for query in pages] == [None, ident(999), ident(1999)]
        server.faults["/api/v1/transactions"] = fault.body(json.dumps({"transactions": rows[:1000]}))
        with pytest.raises(VenueError, match="the pages do not advance"):
            connector(server.url).flows(NOON - DAY)


def test_amounts_are_the_digits_that_were_sent() -> None:
    with MercuryServer(accounts=[deposit(D("1000000000000000.000000000000000001"))]) as server:
        (cash,) = connector(server.url).account().cash or ()
    assert cash.amount == D("1000000000000000.000000000000000001")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"currentBalance": "5"}, r"accounts: \[0\].currentBalance: expected a JSON number, found text"),
        ({"currentBalance": None}, r"\[0\].currentBalance"),
        ({"status": "sleeping"}, r"\[0\].status"),
        ({"type": "mercuryPlus"}, r"\[0\].type"),
    ],
)
def test_a_wrong_body_is_named_by_its_field(change: dict[str, Any], message: str) -> None:
    body = deposit(5, **change)
    with MercuryServer() as server:
        server.faults["/api/v1/accounts"] = fault.body(json.dumps({"accounts": [body]}))
        with pytest.raises(VenueError, match=message):
            connector(server.url).account()


def test_the_token_goes_as_bearer_to_mercury_only_and_sandbox_is_a_host_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with MercuryServer(accounts=[deposit(5)]) as server:
        connector(server.url).account()
        assert {seen.headers["authorization"] for seen in server.requests} == {f"Bearer {TOKEN}"}
    with pytest.raises(VenueError, match=r"secrets are not sent to evil.example.com"):
        connector("https://evil.example.com/api/v1").account()
    monkeypatch.setenv("https_proxy", fault.refused_url())
    for sandbox, host in ((True, "api-sandbox.mercury.com"), (False, "api.mercury.com")):
        with pytest.raises(VenueError, match=f"GET https://{host}/api/v1/accounts: the proxy"):
            connector(None, sandbox=sandbox).health()


def test_a_token_that_is_forgotten_is_sent_no_more() -> None:
    token = Secret(TOKEN)
    with MercuryServer(accounts=[deposit(5)]) as server:
        found = connector(server.url, secrets={"api_key": token})
        found.account()
        token.forget()
        with pytest.raises(Exception, match="dropped after use") as failure:
            found.account()
        sent = len(server.requests)
    assert sent == 2
    assert found_in(told(failure.value), {"token": TOKEN}) == []


def test_mercury_needs_the_token_alone_and_serves_cash_alone() -> None:
    assert auth_keys("mercury") == ("api_key",)
    settings = Settings(
        "c", VenueType.EQUITIES, {"api_key": Secret(TOKEN)}, lambda: NOON, Path("/nonexistent"), 1.0
    )
    with pytest.raises(VenueError, match='venue "mercury" has no equities accounts'):
        open_connector("mercury", settings)


def test_flows_after_the_last_look_come_with_the_balances() -> None:
    rows = [transaction(100, 1, NOON - HOUR)]
    with MercuryServer(accounts=[deposit(100)], transactions=rows) as server:
        opened = [Opened("c", VenueType.CASH, "mercury", connector(server.url))]
        last = {"c": LastSight(NOON - DAY, frozenset(), bookings=True)}
        (state,) = collect(opened, lambda: NOON, timeout_s=5, last=last)
    assert state.health.ok
    assert (state.fills, state.notes) == ((), ())
    assert [flow.amount_usd for flow in state.flows or ()] == [100]
