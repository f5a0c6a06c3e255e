"""What Kraken and Kraken Futures say, as our values. Expected numbers are worked by hand from `ccxt/`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from git_qoc.account.valuation import contribution
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, Fill, Flow, FlowKind, OrderStatus, OrderType, Position, Side, VenueType
from tests.venues.ccxt_connectors import NOON, connector, served
from tests.venues.ccxt_server import Seen

D = Decimal
FUTURES = VenueType.FUTURES
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
THIS_YEAR = datetime(2026, 6, 1, tzinfo=UTC)


def once(body: object) -> object:
    """The first page; later ones are empty, as Kraken says by `ofs`."""

    def page(seen: Seen) -> object:
        empty = {"error": [], "result": {"trades": {}, "ledger": {}, "count": 0}}
        return body if seen.params.get("ofs") == "0" else empty

    return page


# --- Kraken ---


def test_kraken_cash_is_money_and_stablecoins_at_krakens_own_rates() -> None:
    with served("kraken") as server:
        account = connector("kraken", server.url).account()
    # EUR and USDT between bid and ask: 1.1 and 0.9998.
    assert account.cash == (
        Cash("USD", D("25435.2100"), D("25435.2100")),
        Cash("EUR", D(100), D(110)),
        Cash("USDT", D(1000), D("999.8")),
    )
    assert account.equity_usd is None
    assert account.margin_usd == 0
    assert account.leverage is None


def test_kraken_coins_are_positions_without_cost_and_what_earns_counts_as_the_coin() -> None:
    with served("kraken") as server:
        positions = connector("kraken", server.url).positions()
    # 1.2435 BTC and 0.0065 in Auto Earn, at the middle of 61190 and 61210.
    assert positions == (Position("BTC/USD", D("1.25"), None, D(61200)),)
    assert contribution(positions[0]) == D(76500)


def test_kraken_orders_keep_their_prices_and_userref_is_no_client_order_id() -> None:
    with served("kraken") as server:
        limit, stop = connector("kraken", server.url).open_orders()
    assert (stop.type, stop.stop_price, stop.limit_price) == (OrderType.STOP_LIMIT, D(55000), D(54900))
    assert stop.client_order_id is None
    assert limit.client_order_id == "8f2d4c1e9b7a40d3a5c6e8f0b1d2c3e4"
    assert (limit.status, limit.quantity, limit.filled_quantity) == (
        OrderStatus.PARTIALLY_FILLED,
        D("1.25"),
        D("0.375"),
    )


def test_kraken_fills_have_their_exact_time_and_a_fee_only_where_it_is_in_usd() -> None:
    with served("kraken") as server:
        body = server.routes["POST /0/private/TradesHistory"]
        server.routes["POST /0/private/TradesHistory"] = once(body)
        fills = list(connector("kraken", server.url).fills(THIS_YEAR))
    assert fills == [
        Fill(
            "TCWJEG-FL4SZ-3FKGH6",
            "OQCLML-BW3P3-BUCMWY",
            "BTC/USDT",
            Side.SELL,
            D("0.01"),
            D(60100),
            NOON - timedelta(seconds=149.5),
            fee=None,
            currency="USDT",
        ),
        Fill(
            "THVRQM-33VKH-UCI7BS",
            "OQCLML-BW3P3-BUCMWZ",
            "BTC/USD",
            Side.BUY,
            D("0.375"),
            D(60000),
            NOON - timedelta(seconds=100) + timedelta(microseconds=305223),
            fee=D(36),
        ),
    ]


def test_kraken_flows_are_deposits_less_their_fee_and_never_trades() -> None:
    with served("kraken") as server:
        server.routes["POST /0/private/Ledgers"] = once(server.routes["POST /0/private/Ledgers"])
        flows = connector("kraken", server.url).flows(THIS_YEAR)
    time = datetime(2026, 7, 5, 15, 56, 40, 178400, tzinfo=UTC)
    assert flows == (Flow("L4UESK-KG3EQ-UFO4T5", time, FlowKind.DEPOSIT, D(4995)),)


def test_a_deposit_of_coins_makes_krakens_flows_unknown_and_not_zero() -> None:
    coins = {"time": 1783267000.5, "type": "deposit", "asset": "XXBT", "amount": "1.0", "fee": "0.0"}
    body = {"error": [], "result": {"ledger": {"LAAAAA-BBBBB-CCCCCC": coins}}}
    with (
        served("kraken", **{"POST /0/private/Ledgers": once(body)}) as server,
        pytest.raises(Unsupported, match="whose worth in USD is not stated"),
    ):
        connector("kraken", server.url).flows(THIS_YEAR)


def test_kraken_margin_positions_are_refused_and_not_taken_for_none() -> None:
    body = {"error": [], "result": {"TGUFMY-FLESJ-VYIX3J": {"pair": "ETHUSDT", "vol": "0.02000000"}}}
    with (
        served("kraken", **{"POST /0/private/OpenPositions": body}) as server,
        pytest.raises(VenueError, match="positions on margin"),
    ):
        connector("kraken", server.url).positions()


def test_a_coin_without_a_price_has_none() -> None:
    body = {"error": [], "result": {"XETH": {"balance": "2.0", "hold_trade": "0"}}}
    with served("kraken", **{"POST /0/private/BalanceEx": body}) as server:
        positions = connector("kraken", server.url).positions()
    assert positions == (Position("ETH/USD", D(2), None, None),)


# --- Kraken Futures ---


def test_krakenfutures_equity_and_margin_are_the_flexible_wallets_and_coins_are_collateral() -> None:
    with served("krakenfutures") as server:
        account = connector("krakenfutures", server.url, FUTURES).account()
    assert account.equity_usd == D("12291.77")
    assert account.margin_usd == D("240.5")
    assert account.cash == (
        Cash("BTC", D("0.1185308247"), D("7255.30")),
        Cash("USD", D(5000), D(5000)),
        Cash("USDT", D("24.98878873"), D("24.98")),
    )


def test_krakenfutures_states_no_equity_where_another_wallet_holds_something_too() -> None:
    with served("krakenfutures") as server:
        server.routes["GET /derivatives/api/v3/accounts"]["accounts"]["cash"]["balances"]["xbt"] = "0.5"
        account = connector("krakenfutures", server.url, FUTURES).account()
    assert account.equity_usd is None
    # 0.1185308247 at Kraken's 7255.30, and half a coin at the index, 61210.25: 30605.125.
    assert account.cash is not None
    assert account.cash[0] == Cash("BTC", D("0.6185308247"), D("37860.425"))


def test_krakenfutures_positions_get_the_tickers_mark_and_inverse_ones_their_own_formula() -> None:
    with served("krakenfutures") as server:
        linear, inverse = connector("krakenfutures", server.url, FUTURES).positions()
    assert linear == Position("PF_LTCUSD", D("0.1"), D("68.54"), D("70.54"), margined=True, mark_time=NOON)
    assert contribution(linear) == D("0.2")
    assert (inverse.currency, inverse.inverse, inverse.quantity) == ("BTC", True, D(-100))
    # −100 USD × (1/50000 − 1/60000) = −1/3000 BTC, at 61210.25 USD.
    worth = contribution(inverse)
    assert worth is not None
    assert abs(worth - D("-61210.25") / 3000) < D("1e-40")


def test_krakenfutures_limit_prices_are_read_where_ccxt_leaves_them_out() -> None:
    with served("krakenfutures") as server:
        limit, stop = connector("krakenfutures", server.url, FUTURES).open_orders()
    assert (limit.limit_price, limit.quantity, limit.filled_quantity) == (D(50), D("0.1"), D("0.03"))
    assert limit.status is OrderStatus.PARTIALLY_FILLED
    assert (stop.type, stop.stop_price, stop.limit_price) == (OrderType.STOP, D(55000), None)


def test_krakenfutures_fills_of_inverse_contracts_have_their_size_and_no_invented_fee() -> None:
    with served("krakenfutures") as server:
        inverse, linear = connector("krakenfutures", server.url, FUTURES).fills(LONG_AGO)
    assert (inverse.quantity, inverse.fee, inverse.currency, inverse.inverse) == (D(100), None, "BTC", True)
    assert (linear.quantity, linear.price, linear.fee, linear.inverse) == (D("0.1"), D("68.54"), None, False)


def test_an_order_that_is_done_is_found_in_krakenfutures_history() -> None:
    with served("krakenfutures") as server:
        venue = connector("krakenfutures", server.url, FUTURES)
        found, missing = venue.order("ours-2"), venue.order("ours-3")
        asked = server.sent("GET /derivatives/api/v3/orders/status")
    assert [seen.params["cliOrdIds"] for seen in asked] == ["ours-2", "ours-3"]
    assert found is not None
    assert (found.status, found.quantity, found.filled_quantity) == (OrderStatus.FILLED, D("0.1"), D("0.1"))
    assert missing is None


def test_krakenfutures_flows_are_what_came_from_outside_and_never_funding_or_trades() -> None:
    with served("krakenfutures") as server:
        flows = connector("krakenfutures", server.url, FUTURES).flows(THIS_YEAR)
    time = datetime(2026, 7, 4, 19, 47, 59, 88000, tzinfo=UTC)
    assert flows == (Flow("9571a1b8-2dec-4e07-a24c-d5a411d69987", time, FlowKind.TRANSFER, D("25.5")),)


@pytest.mark.parametrize(
    ("change", "match"),
    [({"asset": "usdt"}, "worth in USD is not stated"), ({"info": "gift"}, "not known here")],
    ids=["another currency", "a new kind of entry"],
)
def test_a_krakenfutures_entry_that_is_not_understood_makes_flows_unknown(
    change: dict[str, str], match: str
) -> None:
    with served("krakenfutures") as server:
        server.routes["GET /api/history/v3/account-log"]["logs"][0].update(change)
        with pytest.raises(Unsupported, match=match):
            connector("krakenfutures", server.url, FUTURES).flows(THIS_YEAR)


def test_krakenfutures_history_without_its_list_makes_no_order_absent() -> None:
    with served("krakenfutures") as server:
        for route in [name for name in server.routes if "/history/" in name]:
            server.routes[route] = {"len": 0}
        with pytest.raises(VenueError, match="elements: expected a list"):
            connector("krakenfutures", server.url, FUTURES).order("ours-3")


def test_krakenfutures_tickers_that_are_no_objects_are_unreadable() -> None:
    with served("krakenfutures") as server:
        server.routes["GET /derivatives/api/v3/tickers"]["tickers"].append(["PF_XBTUSD"])
        with pytest.raises(VenueError, match="tickers: expected a list of objects"):
            connector("krakenfutures", server.url, FUTURES).positions()
