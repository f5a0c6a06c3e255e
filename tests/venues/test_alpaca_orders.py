from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import Order, OrderLeg, OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.venues.alpaca_orders import STATUSES
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_api import TRADING, document, example
from tests.venues.alpaca_bodies import connector, order
from tests.venues.alpaca_server import AlpacaServer

D = Decimal
ORDERS = "/v2/orders"
BY_CLIENT_ID = "/v2/orders:by_client_order_id"
MULTI_LEG: dict[str, Any] = example("MultilegOptionsOrderResponse")
BRACKET: dict[str, Any] = example("BracketOrderResponse")


def limit(client_order_id: str = "qoc-1", **changes: Any) -> OrderRequest:
    fields: dict[str, Any] = {
        "client_order_id": client_order_id,
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": D(2),
        "type": OrderType.LIMIT,
        "limit_price": D("150.50"),
    }
    return OrderRequest(**{**fields, **changes})


def opened(*rows: dict[str, Any]) -> tuple[Order, ...]:
    with AlpacaServer(orders=rows) as server:
        return connector(server.url).open_orders()


def test_a_stock_limit_order() -> None:
    (found,) = opened(order())
    assert (found.symbol, found.side, found.quantity, found.limit_price) == ("AAPL", Side.BUY, D(2), D(150))
    assert (found.type, found.status, found.multiplier) == (OrderType.LIMIT, OrderStatus.OPEN, D(1))


def test_an_option_order_has_the_multiplier_of_its_contract() -> None:
    (found,) = opened(example("OptionOrderResponse"))
    assert (found.symbol, found.multiplier) == ("AAPL250620C00100000", D(100))


def test_a_crypto_order_has_the_symbol_form_of_positions() -> None:
    (found,) = opened(example("CryptoOrderResponse"))
    assert (found.symbol, found.quantity, found.multiplier) == ("ETHUSD", D("0.02"), D(1))


def test_an_order_by_notional_has_no_quantity() -> None:
    (found,) = opened(example("IPOOrderResponse"))
    assert (found.quantity, found.notional, found.limit_price) == (None, D(500), None)


def test_a_multi_leg_order_is_one_order_with_signed_legs() -> None:
    (found,) = opened({**MULTI_LEG, "status": "new", "filled_qty": "0"})
    assert (found.symbol, found.side, found.quantity, found.limit_price) == ("", None, D(1), D(10))
    assert found.multiplier == 100
    assert found.legs == (OrderLeg("AAPL241213C00250000", D(3)), OrderLeg("AAPL241213C00260000", D(-1)))


def test_a_leg_without_side_or_ratio_is_read_from_its_intent_and_quantity() -> None:
    legs = [{**leg, "side": "", "ratio_qty": None} for leg in MULTI_LEG["legs"]]
    (found,) = opened({**MULTI_LEG, "status": "new", "filled_qty": "0", "legs": legs})
    assert [leg.ratio for leg in found.legs] == [D(3), D(-1)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"side": "", "position_intent": None}, "a side"), ({"symbol": "TSLA", "asset_class": ""}, "an option")],
)
def test_a_leg_that_cannot_be_understood_is_a_fault(changes: dict[str, Any], field: str) -> None:
    legs = [{**MULTI_LEG["legs"][0], **changes}]
    with AlpacaServer(faults={ORDERS: fault.status(200)}) as server:
        server.faults[ORDERS] = fault.body(json.dumps([{**MULTI_LEG, "status": "new", "legs": legs}]))
        with pytest.raises(VenueError, match=rf"legs\[0\]: expected .*{field}"):
            connector(server.url).open_orders()


def test_a_bracket_is_reserved_once_by_its_entry() -> None:
    (found,) = opened(BRACKET)
    assert (found.order_id, found.side, found.limit_price) == (BRACKET["id"], Side.BUY, D(150))
    assert found.legs == ()


def test_a_bracket_without_a_group_id_is_reserved_once_too() -> None:
    bare = [{k: v for k, v in leg.items() if k != "group_id"} for leg in BRACKET["legs"]]
    (found,) = opened({k: v for k, v in BRACKET.items() if k != "group_id"} | {"legs": bare})
    assert found.order_id == BRACKET["id"]


def test_the_exits_of_a_filled_bracket_are_one_order_although_no_longer_rolled_up() -> None:
    profit, loss = BRACKET["legs"]
    with AlpacaServer(
        orders=[{**BRACKET, "status": "filled", "legs": [{**profit, "status": "new"}, loss]}]
    ) as server:
        found = connector(server.url).open_orders()
        assert sorted(seen.query["nested"] for seen in server.requests) == ["false", "true"]
    (exit_,) = found
    assert (exit_.order_id, exit_.side, exit_.limit_price) == (profit["id"], Side.SELL, D(170))


def test_two_brackets_are_two_orders() -> None:
    other = {**BRACKET, "id": order()["id"], "group_id": order()["id"], "legs": []}
    assert len(opened(BRACKET, other)) == 2


def test_a_trailing_stop_has_no_type_of_ours() -> None:
    (found,) = opened(order(type="trailing_stop", limit_price=None, stop_price="140", trail_percent="5"))
    assert (found.type, found.stop_price) == (None, D(140))


def test_every_documented_status_is_mapped() -> None:
    assert set(STATUSES) == set(document(TRADING)["components"]["schemas"]["OrderStatus"]["enum"])
    assert len(STATUSES) == 17


@pytest.mark.parametrize(
    ("text", "filled", "expected"),
    [
        ("new", "0", OrderStatus.OPEN),
        ("pending_cancel", "0", OrderStatus.OPEN),
        ("pending_cancel", "1", OrderStatus.PARTIALLY_FILLED),
        ("partially_filled", "1", OrderStatus.PARTIALLY_FILLED),
        ("filled", "2", OrderStatus.FILLED),
        ("canceled", "1", OrderStatus.CANCELED),
        ("replaced", "0", OrderStatus.CANCELED),
        ("expired", "0", OrderStatus.EXPIRED),
        ("rejected", "0", OrderStatus.REJECTED),
        ("done_for_day", "0", OrderStatus.OPEN),
        ("teleported", "0", OrderStatus.UNKNOWN),
    ],
)
def test_a_status_is_read_and_an_unknown_one_is_unknown(
    text: str, filled: str, expected: OrderStatus
) -> None:
    row = order(status=text, filled_qty=filled, client_order_id="qoc-1")
    with AlpacaServer() as server:
        server.faults[BY_CLIENT_ID] = fault.body(json.dumps(row))
        found = connector(server.url).order("qoc-1")
    assert found is not None
    assert found.status is expected


@pytest.mark.parametrize("count", [499, 500, 501, 1200])
def test_all_open_orders_are_read_once_over_any_number_of_pages(count: int) -> None:
    # Ten share each stamp, so that paging by time would lose or double some.
    rows = [order(submitted_at=f"2026-07-05T10:{n // 600:02d}:{n // 10 % 60:02d}Z") for n in range(count)]
    found = opened(*rows)
    assert len(found) == count
    assert {one.order_id for one in found} == {row["id"] for row in rows}


def test_pages_that_do_not_advance_are_a_fault_and_not_an_endless_loop() -> None:
    page = json.dumps([order() for _ in range(500)])
    with (
        AlpacaServer(faults={ORDERS: fault.body(page)}) as server,
        pytest.raises(VenueError, match="the pages do not advance"),
    ):
        connector(server.url).open_orders()


def test_an_order_is_found_by_our_id_or_not_there() -> None:
    with AlpacaServer(orders=[order(client_order_id="qoc/1 ä")]) as server:
        found = connector(server.url).order("qoc/1 ä")
        assert found is not None
        assert found.client_order_id == "qoc/1 ä"
        assert connector(server.url).order("qoc-2") is None


@pytest.mark.parametrize(
    "given",
    [
        fault.status(404, b"<html>not found</html>"),
        fault.status(404, b'{"message": "no Route matched with those values"}'),
        fault.status(404, b"[]"),
        fault.status(404, b""),
    ],
)
def test_a_404_of_something_in_between_does_not_make_an_order_disappear(given: fault.Fault) -> None:
    with AlpacaServer(faults={BY_CLIENT_ID: given}) as server, pytest.raises(VenueError, match="404"):
        connector(server.url).order("qoc-1")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"symbol": ""}, "a symbol and a side"),
        ({"side": ""}, "a symbol and a side"),
        ({"qty": None, "notional": None}, "qty or notional"),
        ({"filled_qty": None}, "filled_qty"),
        ({"submitted_at": "yesterday"}, "submitted_at"),
        ({"submitted_at": 7}, "submitted_at"),
        ({"id": ""}, "id"),
    ],
)
def test_an_order_that_cannot_be_understood_is_a_fault(changes: dict[str, Any], what: str) -> None:
    page = json.dumps([order(**changes)])
    with AlpacaServer(faults={ORDERS: fault.body(page)}) as server, pytest.raises(VenueError, match=what):
        connector(server.url).open_orders()


def test_a_leg_whose_ratio_is_nowhere_is_a_fault() -> None:
    legs = [{**MULTI_LEG["legs"][0], "ratio_qty": None, "qty": None}]
    page = json.dumps([{**MULTI_LEG, "status": "new", "legs": legs}])
    with (
        AlpacaServer(faults={ORDERS: fault.body(page)}) as server,
        pytest.raises(VenueError, match="ratio_qty"),
    ):
        connector(server.url).open_orders()


def test_a_done_order_in_the_open_list_binds_nothing() -> None:
    page = json.dumps([order(status="filled", filled_qty="2"), order(status="canceled")])
    with AlpacaServer(faults={ORDERS: fault.body(page)}) as server:
        assert connector(server.url).open_orders() == ()


def test_an_open_order_of_an_unknown_status_is_kept() -> None:
    page = json.dumps([order(status="teleported")])
    with AlpacaServer(faults={ORDERS: fault.body(page)}) as server:
        assert [one.status for one in connector(server.url).open_orders()] == [OrderStatus.UNKNOWN]


def test_an_answer_about_another_order_is_a_fault() -> None:
    with (
        AlpacaServer(faults={BY_CLIENT_ID: fault.body(json.dumps(order(client_order_id="other")))}) as server,
        pytest.raises(VenueError, match="about another order"),
    ):
        connector(server.url).order("qoc-1")


def test_an_order_is_sent_in_texts_with_our_id() -> None:
    with AlpacaServer() as server:
        found = connector(server.url).place(limit())
        assert server.orders_sent()[0].body == {
            "client_order_id": "qoc-1",
            "symbol": "AAPL",
            "side": "buy",
            "qty": "2",
            "type": "limit",
            "limit_price": "150.5",
            "time_in_force": "day",
        }
        assert len(server.orders_sent()) == 1
    assert (found.client_order_id, found.status, found.limit_price) == ("qoc-1", OrderStatus.OPEN, D("150.5"))


def test_a_multi_leg_order_is_sent_with_signed_sides_and_its_net_credit() -> None:
    request = limit(
        symbol="",
        limit_price=D("-1.25"),
        legs=(OrderLeg("AAPL241213C00250000", D(-1)), OrderLeg("AAPL241213C00260000", D(1))),
    )
    with AlpacaServer() as server:
        found = connector(server.url, VenueType.OPTIONS).place(request)
        sent = server.orders_sent()[0].body
    assert sent["order_class"] == "mleg"
    assert sent["limit_price"] == "-1.25"
    assert "symbol" not in sent
    assert "side" not in sent
    assert [(leg["side"], leg["ratio_qty"]) for leg in sent["legs"]] == [("sell", "1"), ("buy", "1")]
    assert found.legs == request.legs


@pytest.mark.parametrize(
    ("kind", "changes", "what"),
    [
        (VenueType.CRYPTO, {"type": OrderType.STOP, "time_in_force": "gtc"}, "order type stop"),
        (VenueType.CRYPTO, {"time_in_force": "day"}, "time in force day"),
        (VenueType.OPTIONS, {"type": OrderType.STOP_LIMIT}, "order type stop_limit"),
        (VenueType.OPTIONS, {"quantity": D("0.5")}, "fractional quantities"),
        (VenueType.EQUITIES, {"legs": (OrderLeg("A", D(1)),)}, "multi-leg orders"),
        (VenueType.EQUITIES, {"client_order_id": "x" * 129}, "this form of client order id"),
        (VenueType.EQUITIES, {"client_order_id": ""}, "this form of client order id"),
        (
            VenueType.OPTIONS,
            {
                "type": OrderType.STOP,
                "limit_price": None,
                "stop_price": D(1),
                "legs": (OrderLeg("A", D(1)),),
            },
            "type market and limit, not stop",
        ),
    ],
)
def test_what_the_venue_does_not_offer_is_refused_unsent(
    kind: VenueType, changes: dict[str, Any], what: str
) -> None:
    with AlpacaServer() as server:
        with pytest.raises(Unsupported, match=what):
            connector(server.url, kind).place(limit(**changes))
        assert server.requests == []


def test_a_refused_order_says_why() -> None:
    given = fault.status(403, b'{"code": 40310000, "message": "insufficient buying power"}')
    with (
        AlpacaServer(faults={ORDERS: given}) as server,
        pytest.raises(OrderRejected, match="insufficient buying power"),
    ):
        connector(server.url).place(limit())


def test_a_refusal_because_our_id_exists_means_that_the_order_may_exist() -> None:
    with (
        AlpacaServer(orders=[order(client_order_id="qoc-1")]) as server,
        pytest.raises(OrderUnknown, match="client_order_id must be unique"),
    ):
        connector(server.url).place(limit())


@pytest.mark.parametrize(
    "given",
    [
        fault.hang,
        fault.status(504),
        fault.body("{}"),
        fault.body('{"id": "1", "status": "new", "filled_qty": 0}'),
        fault.body("null"),
    ],
    ids=["hang", "504", "empty", "wrong type", "null"],
)
def test_a_sent_order_without_a_readable_answer_is_unknown_and_sent_once(given: fault.Fault) -> None:
    with AlpacaServer(faults={ORDERS: given}) as server:
        with pytest.raises(OrderUnknown, match=r"[Ll]ook"):
            connector(server.url, timeout_s=0.4).place(limit())
        assert len(server.orders_sent()) == 1


def test_an_answer_about_another_order_leaves_ours_unknown() -> None:
    with (
        AlpacaServer(faults={ORDERS: fault.body(json.dumps(order(client_order_id="other")))}) as server,
        pytest.raises(OrderUnknown, match="about another order"),
    ):
        connector(server.url).place(limit())


def test_a_cancel_looks_the_order_up_and_returns_it_as_it_then_stands() -> None:
    row = order(client_order_id="qoc-1")
    with AlpacaServer(orders=[row]) as server:
        assert connector(server.url).cancel("qoc-1").status is OrderStatus.CANCELED
        assert [(seen.method, seen.path) for seen in server.requests] == [
            ("GET", BY_CLIENT_ID),
            ("DELETE", f"{ORDERS}/{row['id']}"),
            ("GET", BY_CLIENT_ID),
        ]


def test_a_cancel_of_a_done_order_returns_it_as_it_is() -> None:
    with AlpacaServer(orders=[order(client_order_id="qoc-1", status="filled", filled_qty="2")]) as server:
        assert connector(server.url).cancel("qoc-1").status is OrderStatus.FILLED
        assert len(server.requests) == 1


def test_a_cancel_that_comes_too_late_returns_the_order_as_it_is() -> None:
    row = order(client_order_id="qoc-1")
    with AlpacaServer(orders=[row], faults={f"{ORDERS}/{row['id']}": fault.status(422)}) as server:
        assert connector(server.url).cancel("qoc-1").status is OrderStatus.OPEN


def test_a_cancel_of_an_unknown_id_says_so() -> None:
    with AlpacaServer() as server, pytest.raises(VenueError, match="no order with client order id qoc-9"):
        connector(server.url).cancel("qoc-9")
