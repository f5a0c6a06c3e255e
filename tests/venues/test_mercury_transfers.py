from __future__ import annotations

from decimal import Decimal

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import Flow, FlowKind
from tests.desk.leaks import found_in, told
from tests.venues import alpaca_faults as fault
from tests.venues.mercury_server import NOON, TOKEN, MercuryServer, deposit, ident, recipient
from tests.venues.test_mercury import connector

D = Decimal
PAY = f"/api/v1/account/{ident(1)}/transactions"


def bank(**changes: object) -> MercuryServer:
    people = [recipient(), recipient("Wire Thing", 501), recipient("Wire Thing", 502, nickname="wires")]
    settings = {"accounts": [deposit(1_000)], "recipients": people, **changes}
    return MercuryServer(**settings)  # type: ignore[arg-type]


def test_a_transfer_is_one_post_with_the_digits_and_the_id_that_were_given() -> None:
    with bank() as server:
        flow = connector(server.url).transfer(D("0.29"), "Rocco's Cafe", "qoc-1")
        (sent,) = [seen.body for seen in server.requests if seen.method == "POST"]
    assert sent == {
        "recipientId": ident(500),
        "amount": D("0.29"),
        "paymentMethod": "ach",
        "idempotencyKey": "qoc-1",
    }
    assert flow == Flow(ident(5000), NOON, FlowKind.WITHDRAWAL, D("-0.29"))


def test_a_transfer_waits_among_the_open_orders_and_is_a_flow_once_it_is_booked() -> None:
    with bank() as server:
        mercury = connector(server.url)
        flow = mercury.transfer(D(250), ident(500), "qoc-1")
        assert mercury.account().cash[0].amount == 1_000  # type: ignore[index]
        assert [order.notional for order in mercury.open_orders()] == [250]
        assert mercury.flows(NOON.replace(hour=1)) == ()
        server.settle("qoc-1")
        assert mercury.account().cash[0].amount == 750  # type: ignore[index]
        assert mercury.open_orders() == ()
        assert [one.flow_id for one in mercury.flows(NOON.replace(hour=1))] == [flow.flow_id]


def test_the_same_id_again_moves_nothing_and_gives_the_same_transfer() -> None:
    with bank() as server:
        first = connector(server.url).transfer(D(25), "wires", "qoc-1")
        again = connector(server.url).transfer(D(25), "wires", "qoc-1")
        assert (first, len(server.taken)) == (again, 1)
        assert server.accounts[0]["availableBalance"] == 975


def test_after_no_answer_the_transfer_is_unknown_and_asking_again_moves_nothing_twice() -> None:
    with bank() as server:
        server.hangs_after_taking = True
        with pytest.raises(OrderUnknown):
            connector(server.url, timeout_s=0.3).transfer(D(25), "Rocco's Cafe", "qoc-1")
        server.hangs_after_taking = False
        flow = connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")
        assert (flow.amount_usd, len(server.taken)) == (D(-25), 1)
        assert server.accounts[0]["availableBalance"] == 975


@pytest.mark.parametrize(
    "answer", [fault.status(500), fault.status(503), fault.status(429), fault.reset, fault.cut]
)
def test_every_answer_that_is_not_clear_leaves_the_transfer_unknown_and_is_not_sent_again(
    answer: fault.Fault,
) -> None:
    with bank() as server:
        server.faults[PAY] = answer
        with pytest.raises(OrderUnknown):
            connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")
        assert len([seen for seen in server.requests if seen.method == "POST"]) == 1


@pytest.mark.parametrize("body", ["<html>", "[]", '{"id": "x"}'])
@pytest.mark.parametrize("status", [200, 409])
def test_an_answer_that_cannot_be_read_leaves_the_transfer_unknown(status: int, body: str) -> None:
    with bank() as server:
        server.faults[PAY] = fault.status(status, body.encode())
        with pytest.raises(OrderUnknown, match="ask again with the same client id, never with another"):
            connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")


def test_an_id_that_was_used_for_another_transfer_is_never_taken_for_this_one() -> None:
    with bank() as server:
        connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")
        for amount, to in ((D(26), "Rocco's Cafe"), (D(25), "wires")):
            with pytest.raises(OrderUnknown, match="about another transfer"):
                connector(server.url).transfer(amount, to, "qoc-1")
        assert len(server.taken) == 1


@pytest.mark.parametrize("status", ["failed", "cancelled", "reversed", "blocked"])
def test_a_transfer_that_came_to_nothing_is_not_reported_as_done(status: str) -> None:
    with bank() as server:
        connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")
        server.transactions[0]["status"] = status
        with pytest.raises(OrderRejected, match=f"the transfer was {status}"):
            connector(server.url).transfer(D(25), "Rocco's Cafe", "qoc-1")


def test_a_refusal_has_the_banks_reason_and_never_the_token() -> None:
    with bank() as server:
        with pytest.raises(OrderRejected, match=r"400 \(Sorry, you have insufficient funds"):
            connector(server.url).transfer(D(5_000), "Rocco's Cafe", "qoc-1")
        echo = f'{{"errors": {{"message": "token {TOKEN} may not"}}}}'.encode()
        server.faults[PAY] = fault.status(403, echo)
        with pytest.raises(OrderRejected, match=r"403 \(token \*\*\*\* may not\)") as failure:
            connector(server.url).transfer(D(5), "Rocco's Cafe", "qoc-2")
        assert found_in(told(failure.value), {"token": TOKEN}) == []
        assert server.taken == {}


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("Nobody", 'no active recipient "Nobody"'),
        ("Wire Thing", '2 active recipients "Wire Thing". Give the id of one'),
        ("rocco's cafe", "no active recipient"),
    ],
)
def test_a_recipient_must_be_one_and_active(to: str, message: str) -> None:
    with bank() as server:
        with pytest.raises(OrderRejected, match=message):
            connector(server.url).transfer(D(5), to, "qoc-1")
        server.recipients[0]["status"] = "deleted"
        with pytest.raises(OrderRejected, match="no active recipient"):
            connector(server.url).transfer(D(5), "Rocco's Cafe", "qoc-1")
        assert server.taken == {}


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "10.005"])
def test_an_amount_is_above_zero_and_in_cents(amount: str) -> None:
    with bank() as server:
        with pytest.raises(Unsupported, match="whole cents"):
            connector(server.url).transfer(D(amount), "Rocco's Cafe", "qoc-1")
        assert server.taken == {}


@pytest.mark.parametrize("client_id", ["", "a\nb", "x" * 101])
def test_a_client_id_that_cannot_be_a_key_is_refused_unsent(client_id: str) -> None:
    with bank() as server, pytest.raises(Unsupported, match="client id"):
        connector(server.url).transfer(D(5), "Rocco's Cafe", client_id)


def test_with_two_accounts_the_one_to_pay_from_must_be_named() -> None:
    accounts = [deposit(1_000), deposit(900, number=2, accountNumber="4321")]
    with bank(accounts=accounts) as server:
        with pytest.raises(Unsupported, match="found 2"):
            connector(server.url).transfer(D(5), "Rocco's Cafe", "qoc-1")
        connector(server.url, account="4321").transfer(D(5), "Rocco's Cafe", "qoc-1")
        assert [row["accountId"] for row in server.transactions] == [ident(2)]


def test_where_nobody_listens_nothing_was_sent() -> None:
    with pytest.raises(VenueError) as failure:
        connector(fault.refused_url(), timeout_s=1).transfer(D(5), "Rocco's Cafe", "qoc-1")
    assert not isinstance(failure.value, OrderUnknown)
