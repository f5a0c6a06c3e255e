"""What OKX, Binance, Deribit and Hyperliquid say, as our values.

Expected numbers are worked by hand from `ccxt/`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from git_qoc.account.valuation import contribution
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, Side, VenueType
from tests.venues.ccxt_connectors import connector, served
from tests.venues.ccxt_server import payloads

D = Decimal
FUTURES = VenueType.FUTURES
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
THIS_YEAR = datetime(2026, 6, 1, tzinfo=UTC)


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
    # 1.75 BTC × 61500.5
    assert account.equity_usd == D("107625.875")
    assert account.margin_usd == D("7687.5625")
    assert account.cash == (Cash("BTC", D("1.5"), D("92250.75")),)


def with_usdc(**totals: object) -> dict[str, object]:
    body = payloads("deribit")[SUMMARIES]
    rows = body["result"]["summaries"]
    rows[1] |= {"balance": 1000.0, "equity": 1000.0}
    rows[:] = [{**row, **totals} for row in rows]
    return {SUMMARIES: body}


SUMMARIES = "GET /api/v2/private/get_account_summaries"


def test_deribit_equity_is_unknown_where_a_coin_has_no_index() -> None:
    with served("deribit", **with_usdc()) as server:
        account = connector("deribit", server.url, FUTURES).account()
    assert account.equity_usd is None
    assert account.cash == (Cash("BTC", D("1.5"), D("92250.75")), Cash("USDC", D(1000), None))


def test_deribit_states_the_equity_of_one_pool_of_collateral() -> None:
    totals = {
        "cross_collateral_enabled": True,
        "total_equity_usd": 108625.5,
        "total_initial_margin_usd": 7687.5,
    }
    with served("deribit", **with_usdc(**totals)) as server:
        account = connector("deribit", server.url, FUTURES).account()
    assert (account.equity_usd, account.margin_usd) == (D("108625.5"), D("7687.5"))


def test_deribits_inverse_contracts_are_counted_in_dollars_and_linear_ones_in_coin() -> None:
    with served("deribit") as server:
        inverse, linear = connector("deribit", server.url, FUTURES).positions()
    assert (inverse.quantity, inverse.multiplier) == (D(-5000), D(1))
    # −5000 × (1/50000 − 1/62500) = −0.02 BTC: Deribit's own `total_profit_loss`.
    worth = contribution(inverse)
    assert worth is not None
    assert worth / D("61500.5") == D("-0.02")
    # 0.0125 × (61500 − 60000) = 18.75 USDC, which have no rate.
    assert contribution(replace(linear, fx_usd=D(1))) == D("18.75")
    assert contribution(linear) is None


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
