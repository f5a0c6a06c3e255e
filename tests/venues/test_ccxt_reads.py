"""What six exchanges say, as our values. Expected numbers are worked by hand from `ccxt/*.json`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

import pytest

from git_qoc.account.collect import Opened, collect
from git_qoc.account.valuation import contribution, value
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, Fill, Flow, FlowKind, OrderStatus, OrderType, Position, Quote, Side, VenueType
from git_qoc.venues.ccxt_offers import PROFILES
from tests.venues.ccxt_connectors import NOON, connector, served
from tests.venues.ccxt_server import Seen, raw

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
    assert account.margin_usd == D("120.5")
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
    assert found is not None
    assert (found.status, found.quantity, found.filled_quantity) == (OrderStatus.FILLED, D("0.1"), D("0.1"))
    assert missing is None


# --- OKX ---


def test_okx_states_equity_and_margin_in_usd_and_cash_is_without_open_gains() -> None:
    with served("okx") as server:
        account = connector("okx", server.url).account()
    assert account.account_id == "44705892343619584"
    assert account.equity_usd == D("203591.84019105993")
    assert account.margin_usd == D("170.66093041794787")
    # `cashBal`, not `eq`, at OKX's index USDT-USD: 3000.5 × 1.0004.
    assert account.cash == (Cash("USDT", D("3000.5"), D("3001.7002")),)


def test_okx_contracts_are_counted_in_contracts_of_their_size() -> None:
    with served("okx") as server:
        linear, inverse, coin = connector("okx", server.url).positions()
    # 2 × 0.01 BTC × (117805.5 − 117000.5) = 16.1 USDT, at 1.0004.
    assert contribution(linear) == D("16.10644")
    # −3 × 100 USD × (1/100000 − 1/125000) = −0.0006 BTC: OKX's own `upl`.
    assert inverse.multiplier == 100
    worth = contribution(inverse)
    assert worth is not None
    assert worth / D("117870.98") == D("-0.0006")
    assert (coin.symbol, coin.quantity, coin.currency) == ("BTC-USDT", D("1.06126645222"), "USDT")
    assert coin.fx_usd == D("1.0004")


def test_okx_fills_are_told_apart_by_bill_as_trade_ids_repeat_between_markets() -> None:
    with served("okx") as server:
        fills = list(connector("okx", server.url).fills(THIS_YEAR))
    assert [(fill.fill_id, fill.symbol) for fill in fills] == [
        ("317321390265368576", "BTC-USDT"),
        ("317321390265368577", "BTC-USD-SWAP"),
    ]
    assert (fills[1].currency, fills[1].inverse, fills[1].multiplier) == ("BTC", True, D(100))


def test_okx_is_not_asked_for_more_than_it_keeps() -> None:
    with served("okx") as server, pytest.raises(Unsupported, match="90 days"):
        connector("okx", server.url).fills(LONG_AGO)


# --- Binance ---


def test_binances_three_wallets_are_one_account_at_its_own_indices() -> None:
    with served("binance") as server:
        account = connector("binance", server.url).account()
    # 1000 of spot and 23.72469206 of USDⓈ-M, at USDTUSD 0.9997.
    assert account.cash == (Cash("USDT", D("1023.72469206"), D("1023.417574652382")),)
    assert account.equity_usd is None
    # 2.3956 USDT × 0.9997 + 0.002 BTC × 61500.
    assert account.margin_usd == D("125.39488132")
    assert account.account_id == "354937868"


def test_binances_spot_and_perpetual_of_one_id_have_symbols_of_their_own() -> None:
    with served("binance") as server:
        linear, inverse, coin = connector("binance", server.url).positions()
    assert [linear.symbol, inverse.symbol, coin.symbol] == ["BTC/USDT:USDT", "BTCUSD_PERP", "BTCUSDT"]
    # −0.005 × (61510.2 − 61000.5) = −2.5485 USDT: Binance's own `unRealizedProfit`.
    assert contribution(linear) == D("-2.5485") * D("0.9997")
    assert (inverse.multiplier, inverse.inverse, inverse.currency) == (D(100), True, "BTC")
    assert coin.quantity == D("0.75268058")
    assert coin.mark == D(61520)


def test_binances_orders_of_all_wallets_are_open_orders() -> None:
    with served("binance") as server:
        spot, linear = connector("binance", server.url).open_orders()
    assert (spot.symbol, spot.client_order_id, spot.limit_price) == ("BTCUSDT", "myOrder1", D(50000))
    assert (linear.symbol, linear.filled_quantity) == ("BTC/USDT:USDT", D("0.002"))


def test_binance_has_no_list_of_executions_over_all_markets() -> None:
    with served("binance") as server:
        venue = connector("binance", server.url)
        assert not venue.capabilities.fills
        with pytest.raises(Unsupported):
            venue.fills(THIS_YEAR)


# --- Deribit ---


def test_deribit_equity_is_coin_at_deribits_index() -> None:
    with served("deribit") as server:
        account = connector("deribit", server.url, FUTURES).account()
    # 1.75 BTC × 61500.5 + 1000 USDC × 0.9998.
    assert account.equity_usd == D("108625.675")
    assert account.margin_usd == D("7687.5625")
    assert account.cash == (Cash("BTC", D("1.5"), D("92250.75")), Cash("USDC", D(1000), D("999.8")))


def test_deribit_equity_is_unknown_where_a_coin_has_no_index() -> None:
    refusal = {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params"}}
    with served("deribit", **{"GET /api/v2/public/get_index_price?usdc_usd": refusal}) as server:
        account = connector("deribit", server.url, FUTURES).account()
    assert account.equity_usd is None
    assert account.cash is not None
    assert account.cash[1] == Cash("USDC", D(1000), None)


def test_deribits_inverse_contracts_are_counted_in_dollars_and_linear_ones_in_coin() -> None:
    with served("deribit") as server:
        inverse, linear = connector("deribit", server.url, FUTURES).positions()
    assert (inverse.quantity, inverse.multiplier) == (D(-5000), D(1))
    # −5000 × (1/50000 − 1/62500) = −0.02 BTC: Deribit's own `total_profit_loss`.
    worth = contribution(inverse)
    assert worth is not None
    assert worth / D("61500.5") == D("-0.02")
    # 0.0125 × (61500 − 60000) = 18.75 USDC, at 0.9998.
    assert contribution(linear) == D("18.74625")


def test_deribit_options_are_refused_and_not_guessed() -> None:
    option = {
        "instrument_name": "BTC-25SEP26-52000-P",
        "size": 0.5,
        "average_price": 0.05,
        "mark_price": 0.06,
    }
    body = {"jsonrpc": "2.0", "result": [option]}
    with (
        served("deribit", **{"GET /api/v2/private/get_positions": body}) as server,
        pytest.raises(VenueError, match=r"BTC-25SEP26-52000-P \(option\)"),
    ):
        connector("deribit", server.url, FUTURES).positions()


def test_deribits_label_is_our_id_and_both_places_are_asked_for_fills() -> None:
    with served("deribit") as server:
        venue = connector("deribit", server.url, FUTURES)
        (order,) = venue.open_orders()
        (fill,) = venue.fills(THIS_YEAR)
        asked = server.sent("GET /api/v2/private/get_user_trades_by_currency_and_time")
    assert (order.client_order_id, order.quantity, order.filled_quantity) == ("ours-1", D(40), D(10))
    assert (fill.fill_id, fill.quantity, fill.fee, fill.inverse) == ("34066", D(5000), None, True)
    assert {seen.params["historical"] for seen in asked} == {"true", "false"}


# --- Hyperliquid ---


def test_hyperliquid_states_its_equity_and_its_stablecoin_has_no_rate() -> None:
    with served("hyperliquid") as server:
        account = connector("hyperliquid", server.url).account()
    assert account.equity_usd == D("142.66")
    assert account.margin_usd == D("24.88097")
    # 142.66 less what the position lost, −57.34.
    assert account.cash == (Cash("USDC", D(200), None),)


def test_hyperliquid_states_no_equity_of_a_spot_wallet_that_holds_something() -> None:
    body = {"balances": [{"coin": "PURR", "hold": "0.0", "total": "999.65004"}]}
    with served("hyperliquid", **{"POST /info?spotClearinghouseState": body}) as server:
        venue = connector("hyperliquid", server.url)
        assert venue.account().equity_usd is None
        assert [position.symbol for position in venue.positions()] == ["ETH", "PURR/USDC"]


def test_hyperliquid_positions_orders_and_fills_bear_its_coins_names() -> None:
    with served("hyperliquid") as server:
        venue = connector("hyperliquid", server.url)
        (position,), (order,), (fill,) = venue.positions(), venue.open_orders(), venue.fills(THIS_YEAR)
        missing = venue.order("f" * 32)
    assert (position.symbol, position.quantity, position.avg_cost) == ("ETH", D("-0.2"), D("2213.9"))
    # 500.12 / 0.2
    assert position.mark == D("2500.6")
    assert position.fx_usd is None
    assert (order.symbol, order.client_order_id) == ("BTC", "1234567890abcdef1234567890abcdef")
    assert (order.quantity, order.filled_quantity) == (D(5), D(2))
    assert (fill.symbol, fill.side, fill.currency, fill.fee) == ("ETH", Side.SELL, "USDC", None)
    assert missing is None


@pytest.mark.parametrize("mode", ["unifiedAccount", "portfolioMargin"])
def test_hyperliquid_accounts_whose_figures_mean_something_else_are_refused(mode: str) -> None:
    with (
        served("hyperliquid", **{"POST /info?userAbstraction": mode}) as server,
        pytest.raises(Unsupported, match=mode),
    ):
        connector("hyperliquid", server.url).account()


# --- all ---


QUOTES = [
    ("kraken", "BTC/USD", Quote("BTC/USD", NOON, D(61190), D(61210), D("61200.5"))),
    ("krakenfutures", "PF_XBTUSD", Quote("PF_XBTUSD", NOON, D(61200), D(61201), D("61200.5"))),
    (
        "okx",
        "BTC-USDT",
        Quote("BTC-USDT", NOON - timedelta(milliseconds=877), D(117799), D(117801), D("117800.1")),
    ),
    ("binance", "BTCUSDT", Quote("BTCUSDT", NOON - timedelta(seconds=1), D(61519), D(61521), D(61520))),
    (
        "deribit",
        "BTC-PERPETUAL",
        Quote("BTC-PERPETUAL", NOON - timedelta(milliseconds=850), D("61499.5"), D("61500.5"), D(61500)),
    ),
    ("hyperliquid", "BTC", Quote("BTC", NOON, D(61500), D(61501), D("61500.5"))),
]


@pytest.mark.parametrize(("name", "symbol", "quote"), QUOTES, ids=[name for name, _, _ in QUOTES])
def test_quotes_have_the_venues_time_and_unknown_symbols_are_left_out(
    name: str, symbol: str, quote: Quote
) -> None:
    with served(name) as server:
        found = connector(name, server.url).quotes([symbol, "NOSUCH"])
    assert found == {symbol: quote}


NAVS = [
    # 25435.21 + 110 + 999.8 of cash and 76500 of bitcoin.
    ("kraken", D("103045.01")),
    ("krakenfutures", D("12291.77")),
    ("okx", D("203591.84019105993")),
    ("deribit", D("108625.675")),
    ("hyperliquid", D("142.66")),
]


@pytest.mark.parametrize(("name", "nav"), NAVS, ids=[name for name, _ in NAVS])
def test_an_account_is_collected_in_threads_and_its_nav_foots(name: str, nav: Decimal) -> None:
    kind = next(iter(PROFILES[name].offers))
    with served(name) as server:
        opened = Opened("main", kind, name, connector(name, server.url, kind))
        (state,) = collect([opened], lambda: NOON, 5.0)
    assert state.health.ok, state.health.reason
    assert state.account is not None
    found = value(state.account, state.positions)
    assert not isinstance(found, str)
    assert found.nav_usd == nav


def test_binances_nav_is_the_sum_of_what_it_states() -> None:
    with served("binance") as server:
        opened = Opened("main", VenueType.CRYPTO, "binance", connector("binance", server.url))
        (state,) = collect([opened], lambda: NOON, 5.0)
    assert state.account is not None
    found = value(state.account, state.positions)
    assert not isinstance(found, str)
    # USDT: cash 1023.72469206, coins 0.75268058 × 61520, the perpetual −2.5485; all at 0.9997.
    tethered = (D("1023.72469206") + D("0.75268058") * 61520 - D("2.5485")) * D("0.9997")
    # 2 contracts of 100 USD: 200 × (1/37643.10000021 − 1/38103.05510455) BTC, which Binance cuts to 0.00006413.
    coined = (found.nav_usd - tethered) / 61500
    assert coined.quantize(D("0.00000001"), ROUND_DOWN) == D("0.00006413")


def test_all_digits_of_json_numbers_survive() -> None:
    body = """{"result": "success", "serverTime": "2026-07-05T16:00:00Z", "accounts": {"flex": {
        "currencies": {"USD": {"quantity": 1000000000000000.123456789012345678,
                               "value": 1000000000000000.123456789012345678}},
        "initialMargin": 1e-18, "portfolioValue": 1000000000000000.000000000000000001}}}"""
    with served("krakenfutures", **{"GET /derivatives/api/v3/accounts": lambda _: raw(body)}) as server:
        account = connector("krakenfutures", server.url, FUTURES).account()
    digits = D("1000000000000000.123456789012345678")
    assert account.cash == (Cash("USD", digits, digits),)
    assert account.margin_usd == D("0.000000000000000001")
    assert account.equity_usd == D("1000000000000000.000000000000000001")


def test_the_markets_are_asked_for_once() -> None:
    with served("krakenfutures") as server:
        venue = connector("krakenfutures", server.url, FUTURES)
        venue.account()
        venue.positions()
        venue.quotes(["PF_XBTUSD"])
        assert len(server.sent("GET /derivatives/api/v3/instruments")) == 1


def test_health_asks_neither_for_markets_nor_balances() -> None:
    with served("kraken") as server:
        assert connector("kraken", server.url).health() is None
        paths = {seen.path for seen in server.requests}
    assert paths == {"/0/public/SystemStatus", "/0/public/Time"}


def test_an_exchange_in_maintenance_says_so() -> None:
    body = {"error": [], "result": {"status": "maintenance", "timestamp": "2026-07-05T16:00:00Z"}}
    with served("kraken", **{"GET /0/public/SystemStatus": body}) as server:
        assert connector("kraken", server.url).health() == "Kraken is in maintenance"


def test_a_long_and_a_short_of_one_contract_are_refused() -> None:
    row = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "pos": "1", "avgPx": "1", "markPx": "1"}
    rows = [{**row, "posSide": "long"}, {**row, "posSide": "short"}]
    body = {"code": "0", "msg": "", "data": rows}
    with (
        served("okx", **{"GET /api/v5/account/positions": body}) as server,
        pytest.raises(VenueError, match="twice, long and short"),
    ):
        connector("okx", server.url).positions()


def test_the_account_that_is_expected_is_checked_where_the_venue_names_one() -> None:
    with served("okx") as server:
        found = connector("okx", server.url, account="44705892343619584").account()
        assert found.account_id == "44705892343619584"
        with pytest.raises(VenueError, match="opens another account"):
            connector("okx", server.url, account="1").account()
    with served("kraken") as server, pytest.raises(VenueError, match="does not say which account"):
        connector("kraken", server.url, account="1").account()
