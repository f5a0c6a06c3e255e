from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.account.buying_power import reserved
from git_qoc.account.collect import LastSight, Opened, collect
from git_qoc.desk.secrets import Secret
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, FlowKind, HealthStatus, VenueState, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.registry import auth_keys
from git_qoc.venues.simplefin import SimpleFin
from tests.desk.leaks import found_in, told
from tests.venues.simplefin_server import (
    NOON,
    PASSWORD,
    USER,
    SimpleFinServer,
    account,
    epoch,
    transaction,
)

D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRETS = {"user": USER, "password": PASSWORD}
Open = Callable[..., SimpleFin]


def settings(server: SimpleFinServer, folder: Path, **changes: Any) -> Settings:
    found: dict[str, Any] = {
        "name": "sweep-cash",
        "type": VenueType.CASH,
        "secrets": {"access_url": Secret(server.access_url)},
        "clock": lambda: server.now,
        "state_dir": folder,
        "timeout_s": 5.0,
    }
    return Settings(**{**found, **changes})


def read(found: SimpleFin, now: datetime, since: datetime | None = None) -> VenueState:
    last = {"c": LastSight(since, frozenset(), bookings=True)} if since else None
    (state,) = collect([Opened("c", VenueType.CASH, "simplefin", found)], lambda: now, 5, last)
    return state


def test_balances_are_by_currency_and_only_dollars_have_a_worth(tmp_path: Path) -> None:
    miles = "https://www.example.com/flight-miles"
    rows = [
        account("100.23"),
        account("-75.23", "card"),
        account("500.00", "euro", currency="EUR"),
        account("12000", "miles", currency=miles),
    ]
    with SimpleFinServer(accounts=rows) as server:
        found = SimpleFin(settings(server, tmp_path)).account()
        assert len(server.requests) == 1  # no currency's URL is ever asked
    assert found.cash == (
        Cash("EUR", D("500.00"), None),
        Cash("USD", D("25.00"), D("25.00")),
        Cash(miles, D(12000), None),
    )
    assert (found.currency, found.account_id) == ("USD", "2930002+card+euro+miles")


def test_account_in_desk_toml_names_one_by_its_id(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("100.23"), account("5", "other", currency="EUR")]) as server:
        one = SimpleFin(settings(server, tmp_path, account="other")).account()
        with pytest.raises(VenueError, match='0 accounts have the id "Savings"'):
            SimpleFin(settings(server, tmp_path, account="Savings")).account()
    assert (one.currency, one.cash) == ("EUR", (Cash("EUR", D(5), None),))


def test_what_is_booked_and_not_available_cannot_be_spent(tmp_path: Path) -> None:
    rows = [
        account("100.23", available_balance="75.23"),
        account("-500", "card", available_balance="4500"),
        account("9", "plain"),
    ]
    with SimpleFinServer(accounts=rows) as server:
        state = read(SimpleFin(settings(server, tmp_path)), NOON)
    assert [(order.order_id, order.notional) for order in state.open_orders or ()] == [
        ("held:2930002", D("25.00"))
    ]
    assert reserved(state) == D("25.00")


def test_a_hold_in_another_currency_has_no_worth_in_dollars(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("9", currency="EUR", available_balance="8")]) as server:
        (order,) = SimpleFin(settings(server, tmp_path)).open_orders()
    assert (order.currency, order.fx_usd, order.margin_usd) == ("EUR", None, None)


def test_posted_transactions_are_flows_and_pending_ones_are_not(tmp_path: Path) -> None:
    rows = [
        transaction("-33293.43", NOON - 2 * DAY, "a"),
        transaction("10.00", NOON - DAY, "b"),
        transaction("7", None, "c"),
        transaction("8", NOON - HOUR, "d", pending=True),
        transaction("0.00", NOON - HOUR, "e"),
    ]
    with SimpleFinServer(accounts=[account("1", transactions=rows)]) as server:
        found = SimpleFin(settings(server, tmp_path)).flows(NOON - 3 * DAY)
    assert [(flow.flow_id, flow.kind, flow.amount_usd, flow.time) for flow in found] == [
        ("2930002/a", FlowKind.WITHDRAWAL, D("-33293.43"), NOON - 2 * DAY),
        ("2930002/b", FlowKind.DEPOSIT, D("10.00"), NOON - DAY),
    ]


def test_the_same_transaction_id_in_two_accounts_is_two_transactions(tmp_path: Path) -> None:
    out, into = transaction("-5", NOON - HOUR, "1"), transaction("5", NOON - HOUR, "1")
    rows = [account("1", "x", transactions=[out]), account("1", "y", transactions=[into])]
    with SimpleFinServer(accounts=rows) as server:
        found = SimpleFin(settings(server, tmp_path)).flows(NOON - DAY)
    assert [(flow.flow_id, flow.amount_usd) for flow in found] == [("x/1", D(-5)), ("y/1", D(5))]


def test_flows_that_are_not_in_dollars_or_too_old_are_unknown(tmp_path: Path) -> None:
    rows = [account("1", currency="EUR", transactions=[transaction("5", NOON - HOUR)])]
    with SimpleFinServer(accounts=rows) as server:
        found = SimpleFin(settings(server, tmp_path))
        with pytest.raises(Unsupported, match="in another currency"):
            found.flows(NOON - DAY)
        with pytest.raises(Unsupported, match="transactions from 2026-05-21 on, and they are wanted from"):
            found.flows(NOON - timedelta(days=46))
        assert found.flows(NOON) == ()


def test_what_is_old_about_a_balance_is_said(tmp_path: Path) -> None:
    week_old = account("100.23", balance_date=epoch(NOON - 7 * DAY))
    with SimpleFinServer(accounts=[week_old, account("5", "fresh")]) as server:
        state = read(SimpleFin(settings(server, tmp_path)), NOON)
    assert state.health.ok
    assert state.notes == ("balance of account 2930002 is as of 2026-06-28 16:00 UTC",)


@pytest.mark.parametrize(
    "body",
    [{"errors": ["You must\x1b[2J reauthenticate."]}, {"errlist": [{"message": "You must reauthenticate."}]}],
)
def test_what_the_bridge_complains_of_is_said(tmp_path: Path, body: dict[str, Any]) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        server.extra = body
        (note,) = read(SimpleFin(settings(server, tmp_path)), NOON).notes
    assert note.startswith("the bridge says: You must")
    assert note.isprintable()


def test_a_complaint_never_repeats_the_access_url(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        server.errors = [f"{server.access_url} is tired", PASSWORD, USER]
        notes = read(SimpleFin(settings(server, tmp_path)), NOON).notes
    assert len(notes) == 2  # the user and the password both became ****
    assert found_in(repr(notes), SECRETS) == []


def test_no_account_at_all_with_a_complaint_is_not_an_empty_account(tmp_path: Path) -> None:
    with SimpleFinServer(errors=["You must reauthenticate."]) as server:
        state = read(SimpleFin(settings(server, tmp_path)), NOON)
    assert state.health.status is HealthStatus.DEGRADED
    assert state.health.reason == "simplefin: no account came. The bridge says: You must reauthenticate."


def test_a_bridge_without_any_account_is_not_an_empty_account(tmp_path: Path) -> None:
    with SimpleFinServer() as server:
        state = read(SimpleFin(settings(server, tmp_path)), NOON)
    assert state.health.status is HealthStatus.DEGRADED
    assert state.health.reason == "simplefin: the bridge shows no account. Connect one to it"


def test_an_account_that_goes_missing_with_a_complaint_makes_the_rest_no_balance(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1", "x"), account("2", "y")]) as server:
        found = SimpleFin(settings(server, tmp_path))
        assert found.account().cash == (Cash("USD", D(3), D(3)),)
        gone = server.accounts.pop()
        server.errors = ["Connection to My Bank needs attention"]
        for _ in range(2):
            server.now += 2 * HOUR
            with pytest.raises(VenueError, match=r"account y is missing. The bridge says: Connection"):
                found.account()
        assert SimpleFin(settings(server, tmp_path, account="x")).account().cash == (Cash("USD", D(1), D(1)),)
        server.accounts.append(gone)
        server.now += 2 * HOUR
        assert found.account().cash == (Cash("USD", D(3), D(3)),)


def test_an_account_that_its_owner_took_away_is_gone_without_a_word(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1", "x"), account("2", "y")]) as server:
        found = SimpleFin(settings(server, tmp_path))
        found.account()
        server.accounts.pop()
        server.now += 2 * HOUR
        assert found.account().cash == (Cash("USD", D(1), D(1)),)


def test_nothing_is_traded_or_moved_and_nothing_is_sent_for_it(tmp_path: Path) -> None:
    with SimpleFinServer() as server:
        found = SimpleFin(settings(server, tmp_path))
        for ask in (
            lambda: found.transfer(D(5), "x", "y"),
            lambda: found.order("x"),
            lambda: found.cancel("x"),
            lambda: found.quotes(["X"]),
            lambda: found.history((NOON,)),
        ):
            with pytest.raises(Unsupported):
                ask()
        assert (found.positions(), list(found.fills(NOON)), server.requests) == ((), [], [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "https://bridge.simplefin.org/simplefin",
        "https://user@bridge.simplefin.org/simplefin",
        "https://a:b@c@bridge.simplefin.org/simplefin",
        "https://a:b@bridge.simplefin.org/simplefin?x=1",
        "https://a:b@bridge.simplefin.org\\@evil.example.com/",
        "ftp://a:b@bridge.simplefin.org/simplefin",
        "https://a:bé@bridge.simplefin.org/simplefin",
        "https://a:b\udc80@bridge.simplefin.org/simplefin",
    ],
)
def test_what_is_no_access_url_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    with SimpleFinServer() as server, pytest.raises(VenueError, match="is no access URL") as failure:
        SimpleFin(settings(server, tmp_path, secrets={"access_url": Secret(text)}))
    if text:
        assert repr(text)[1:-1] not in told(failure.value)


def test_a_setup_token_is_refused_with_the_way_to_claim_it_and_never_claimed(tmp_path: Path) -> None:
    with SimpleFinServer() as server:
        token = b64encode(f"http://{server.address}/simplefin/claim/{PASSWORD}".encode()).decode()
        with pytest.raises(VenueError, match=r"holds a setup token.*curl -X POST") as failure:
            SimpleFin(settings(server, tmp_path, secrets={"access_url": Secret(token)}))
        assert server.requests == []
    assert found_in(told(failure.value), {"token": token, "claim": PASSWORD}) == []


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("https://evil.example.com", "secrets are not sent to evil.example.com"),
        ("http://bridge.simplefin.org", "secrets are not sent to bridge.simplefin.org:80"),
    ],
)
def test_the_access_url_leads_to_a_bridge_or_to_a_host_that_is_allowed(
    tmp_path: Path, place: str, message: str
) -> None:
    scheme, host = place.split("//")
    secret = Secret(f"{scheme}//{USER}:{PASSWORD}@{host}/simplefin")
    with SimpleFinServer() as server, pytest.raises(VenueError, match=message) as failure:
        SimpleFin(settings(server, tmp_path, secrets={"access_url": secret})).account()
    assert found_in(told(failure.value), SECRETS) == []


@pytest.mark.parametrize("changes", [{"base_url": "http://127.0.0.1:1"}, {"sandbox": True}, {"secrets": {}}])
def test_a_setting_that_it_has_no_use_for_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with SimpleFinServer() as server, pytest.raises(VenueError, match="access"):
        SimpleFin(settings(server, tmp_path, **changes))
    assert auth_keys("simplefin") == ("access_url",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"balance": 100.23}, r"accounts\[0\].balance: expected a number as text, found"),
        ({"balance": "1e999"}, r"accounts\[0\].balance"),
        ({"balance-date": None}, r"accounts\[0\].balance-date: expected seconds since 1970, found nothing"),
        ({"currency": "U S"}, r"accounts\[0\].currency"),
        ({"transactions": [{"id": "1"}]}, r"accounts\[0\].transactions\[0\].posted"),
    ],
)
def test_a_wrong_body_is_named_by_its_field(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with SimpleFinServer() as server:
        server.extra = {"accounts": [{**account("1"), **change}]}
        with pytest.raises(VenueError, match=f"simplefin /accounts: {message}"):
            SimpleFin(settings(server, tmp_path)).account()
