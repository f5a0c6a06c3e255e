from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Cash, Position, VenueType
from git_qoc.venues.alpaca_account import positions as read_positions
from git_qoc.venues.base import Connector
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_api import DATA, TRADING, document
from tests.venues.alpaca_bodies import KEY, NOON, SECRET, account, connector, payload, position
from tests.venues.alpaca_faults import Fault
from tests.venues.alpaca_server import AlpacaServer

D = Decimal


def test_a_margin_account_has_negative_cash_and_positive_equity() -> None:
    with AlpacaServer() as server:
        found = connector(server.url).account()
    assert found.cash == (Cash("USD", D("-23140.2"), D("-23140.2")),)
    assert found.equity_usd == D("103820.56")
    assert found.margin_usd == D("63480.38")
    assert found.venue_buying_power_usd == D("262113.632")
    assert found.account_id == "e6fe16f3-64a4-4921-8928-cadf02f92f98"
    assert found.blocked == ""


def published_accounts() -> list[dict[str, Any]]:
    operation = document(TRADING)["paths"]["/v2/account"]["get"]["responses"]["200"]
    return [account(), operation["content"]["application/json"]["example"]]


@pytest.mark.parametrize("body", published_accounts(), ids=["multiplier 4", "multiplier 2"])
def test_leverage_explains_the_published_reg_t_and_options_buying_power(body: dict[str, Any]) -> None:
    with AlpacaServer(account=body) as server:
        stocks = connector(server.url).account()
        options = connector(server.url, VenueType.OPTIONS).account()
    assert stocks.equity_usd is not None
    assert stocks.margin_usd is not None
    excess = stocks.equity_usd - stocks.margin_usd
    # Their second example is a few cents off its own formula.
    assert stocks.leverage is not None
    assert options.leverage is not None
    assert abs(excess * stocks.leverage - D(body["regt_buying_power"])) < D("0.02")
    assert abs(excess * options.leverage - D(body["options_buying_power"])) < D("0.02")


@pytest.mark.parametrize(
    ("multiplier", "kind", "leverage"),
    [
        ("1", VenueType.EQUITIES, None),
        ("2", VenueType.EQUITIES, 2),
        ("4", VenueType.EQUITIES, 2),
        ("8", VenueType.EQUITIES, None),
        ("4", VenueType.CRYPTO, None),
        ("4", VenueType.OPTIONS, 1),
    ],
)
def test_leverage_is_the_overnight_one_and_none_where_only_cash_can_be_spent(
    multiplier: str, kind: VenueType, leverage: int | None
) -> None:
    with AlpacaServer(account=account(multiplier=multiplier)) as server:
        assert connector(server.url, kind).account().leverage == leverage


def test_the_deprecated_portfolio_value_stands_in_for_equity() -> None:
    body = account()
    del body["equity"]
    with AlpacaServer(account=body) as server:
        assert connector(server.url).account().equity_usd == D("103820.56")


def test_what_the_venue_does_not_say_is_none_and_never_zero() -> None:
    promised = {"id": account()["id"], "status": "ACTIVE", "currency": "USD"}
    with AlpacaServer(account=promised) as server:
        found = connector(server.url).account()
    assert found.cash is None
    assert found.equity_usd is None
    assert found.margin_usd is None
    assert found.venue_buying_power_usd is None
    assert found.leverage is None


def test_a_local_currency_account_has_no_usd_figures() -> None:
    with AlpacaServer(account=account(currency="JPY", cash="1500000", equity="2500000")) as server:
        found = connector(server.url).account()
    assert found.currency == "JPY"
    assert found.cash == (Cash("JPY", D(1500000), None),)
    assert (found.equity_usd, found.margin_usd, found.venue_buying_power_usd) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account_blocked": True}, "the account is blocked"),
        ({"trading_blocked": True}, "trading is blocked"),
        ({"trade_suspended_by_user": True}, "trading is suspended in the account's settings"),
        ({"status": "ACCOUNT_UPDATED"}, "the account is ACCOUNT_UPDATED, not ACTIVE"),
        (
            {"status": "ONBOARDING", "trading_blocked": True},
            "trading is blocked; the account is ONBOARDING, not ACTIVE",
        ),
    ],
)
def test_an_account_that_may_not_trade_is_readable_and_says_why(changes: dict[str, Any], reason: str) -> None:
    with AlpacaServer(account=account(**changes)) as server:
        found = connector(server.url).account()
    assert found.blocked == reason
    assert found.equity_usd == D("103820.56")


def test_a_crypto_connector_is_blocked_where_crypto_is_not_active() -> None:
    with AlpacaServer(account=account(crypto_status="INACTIVE")) as server:
        assert (
            connector(server.url, VenueType.CRYPTO).account().blocked.startswith("crypto trading is INACTIVE")
        )
        assert connector(server.url).account().blocked == ""


def test_a_key_of_another_account_is_noticed() -> None:
    with AlpacaServer() as server:
        assert connector(server.url, account="010203ABCD").account().equity_usd is not None
        with pytest.raises(VenueError, match='another account than the one expected, "999"'):
            connector(server.url, account="999").account()


def test_positions_of_every_kind() -> None:
    with AlpacaServer(positions=payload("positions")) as server:
        found = connector(server.url).positions()
    assert found == (
        Position("AAPL", D("12.345678901"), D("198.4200000000000001"), D("211.4")),
        Position("TSLA", D(-10), D(300), D("310.5")),
        Position("AAPL260918C00220000", D(2), D("3.1"), D("4.25"), multiplier=D(100)),
        Position("BTCUSD", D("0.000000001"), D(58400), D(61200)),
    )
    values = [p.quantity * p.mark * p.multiplier for p in found if p.mark is not None]
    stated = [D(row["market_value"]) for row in payload("positions")]
    assert values == stated


def test_a_short_position_is_negative_whether_the_venue_signs_its_quantity_or_not() -> None:
    rows = [position(qty="-3", side="short"), position(qty="3", side="short")]
    with AlpacaServer(positions=rows) as server:
        assert [p.quantity for p in connector(server.url).positions()] == [D(-3), D(-3)]


def test_a_quantity_that_belies_its_side_is_a_fault() -> None:
    with (
        AlpacaServer(positions=[position(), position(qty="-3", side="long")]) as server,
        pytest.raises(VenueError, match=r"^alpaca /v2/positions: \[1\]\.qty: "),
    ):
        connector(server.url).positions()


def test_no_positions_are_an_empty_tuple() -> None:
    with AlpacaServer() as server:
        assert connector(server.url).positions() == ()


@pytest.mark.parametrize(
    "row",
    [{**position(), "current_price": None}, {k: v for k, v in position().items() if k != "current_price"}],
)
def test_a_position_without_a_price_has_no_mark(row: dict[str, Any]) -> None:
    assert read_positions([row])[0].mark is None


def test_a_perpetual_is_margined() -> None:
    with AlpacaServer(positions=[position("BTC-PERP", asset_class="crypto_perp")]) as server:
        assert connector(server.url).positions()[0].margined


def test_a_position_of_a_local_currency_account_is_taken_in_usd() -> None:
    # The documented example of USD values; 100 and 120 are then lira at 1.4 and 1.5 a dollar.
    properties = document(TRADING)["components"]["schemas"]["USDPositionValues"]["properties"]
    usd = {name: schema["example"] for name, schema in properties.items()}
    row = position(avg_entry_price="100", current_price="120", swap_rate="1.5", usd=usd)
    with AlpacaServer(positions=[row]) as server:
        assert connector(server.url).positions() == (Position("AAPL", D(5), D("71.43"), D("80.0")),)
    with (
        AlpacaServer(positions=[position(swap_rate="1.5")]) as server,
        pytest.raises(VenueError, match=r"\[0\]\.usd: "),
    ):
        connector(server.url).positions()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"positions": []}', "body: Input should be a valid list"),
        ("null", "body: Input should be a valid list"),
        ('[{"symbol": "AAPL"}]', "[0].asset_class: Field required"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "long", "avg_entry_price": "1", "qty": 5}]',
         "[0].qty: expected a decimal number as text, found int"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "long", "avg_entry_price": "1", "qty": 5.5}]',
         "[0].qty: expected a decimal number as text, found Decimal"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "long", "avg_entry_price": "1", "qty": "NaN"}]',
         "[0].qty: expected a finite number, found NaN"),
        ('[{"symbol": "A", "asset_class": "x", "side": "long", "avg_entry_price": "1", "qty": "1e9999"}]',
         "[0].qty: expected at most 24 digits before and 36 after the decimal point"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "long", "avg_entry_price": "1", "qty": "five"}]',
         "[0].qty: expected a decimal number, found other text"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "both", "avg_entry_price": "1", "qty": "5"}]',
         "[0].side: Input should be 'long' or 'short'"),
        ('[{"symbol": "A", "asset_class": "crypto", "side": "long", "avg_entry_price": null, "qty": "5"}]',
         "[0].avg_entry_price: expected a decimal number as text, found nothing"),
        ('[{"symbol": 7, "asset_class": "crypto", "side": "long", "avg_entry_price": "1", "qty": "5"}]',
         "[0].symbol: Input should be a valid string"),
    ],
)  # fmt: skip
def test_a_body_of_the_wrong_shape_names_the_field(text: str, place: str) -> None:
    with (
        AlpacaServer(faults={"/v2/positions": fault.body(text)}) as server,
        pytest.raises(VenueError) as caught,
    ):
        connector(server.url).positions()
    assert str(caught.value) == f"alpaca /v2/positions: {place}"


READS = ["health", "account", "positions", "open_orders"]


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize(
    "given",
    [fault.status(401), fault.status(500), fault.hang, fault.body("<html>"), fault.body("[1, 2]"), fault.cut],
    ids=["401", "500", "hang", "html", "shape", "cut"],
)
def test_every_read_ends_in_a_venue_error_and_never_in_an_empty_answer(method: str, given: Fault) -> None:
    with AlpacaServer(faults={"*": given}) as server:
        venue = connector(server.url, timeout_s=0.3)
        with pytest.raises(VenueError) as caught:
            getattr(venue, method)()
    assert SECRET not in repr(caught.value)
    assert KEY not in repr(caught.value)


def test_health_is_none_when_the_clocks_agree() -> None:
    with AlpacaServer(clock="2026-07-05T12:00:59.999999999-04:00") as server:
        assert connector(server.url).health() is None


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        ("2026-07-05T12:01:15-04:00", "the venue's clock is 75 s ahead of ours. Set this machine's clock"),
        ("2026-07-05T15:58:00Z", "the venue's clock is 120 s behind ours. Set this machine's clock"),
    ],
)
def test_clocks_apart_are_a_reason_not_to_trust_the_venue(clock: str, line: str) -> None:
    with AlpacaServer(clock=clock) as server:
        assert connector(server.url).health() == line


def test_what_cannot_be_opened_says_why() -> None:
    with pytest.raises(Unsupported, match="alpaca serves equities, options and crypto, not futures"):
        connector(None, VenueType.FUTURES)
    with pytest.raises(VenueError, match=r"alpaca needs api_key in \[connector.auth\]"):
        connector(None, secrets={})


def test_a_base_url_of_a_cloned_desk_gets_no_secret() -> None:
    for url in (
        "https://evil.example.com",
        "https://api.alpaca.markets.evil.example.com/",
        "http://10.0.0.1",
    ):
        venue = connector(url)
        for read in (venue.account, venue.positions, venue.health, lambda v=venue: v.quotes(["AAPL"])):
            with pytest.raises(VenueError, match="secrets are not sent to"):
                read()


def test_a_trailing_slash_of_base_url_does_not_matter() -> None:
    with AlpacaServer() as server:
        assert connector(server.url + "/").account().currency == "USD"


def test_transfers_are_unsupported_and_undeclared() -> None:
    venue = connector(None)
    assert not venue.capabilities.transfers
    with pytest.raises(Unsupported):
        venue.transfer(D(1), "bank", "id")


def test_data_and_trading_hosts_of_the_documents_are_the_adapters_own() -> None:
    from git_qoc.venues import alpaca

    trading = {row["url"] for row in document(TRADING)["servers"]}
    assert {alpaca.LIVE, alpaca.SANDBOX} == trading
    assert alpaca.DATA in {row["url"] for row in document(DATA)["servers"]}
    assert {f"https://{host}" for host in alpaca.HOSTS} == {alpaca.LIVE, alpaca.SANDBOX, alpaca.DATA}


def test_all_reads_at_once_from_threads_give_what_they_give_one_by_one() -> None:
    with AlpacaServer(positions=payload("positions"), latency_s=0.05) as server:
        venue: Connector = connector(server.url)
        reads: list[Callable[[], object]] = [venue.account, venue.positions, venue.open_orders, venue.health]
        with ThreadPoolExecutor(8) as pool:
            at_once = [future.result() for future in [pool.submit(read) for read in reads * 4]]
        assert at_once == [read() for read in reads] * 4


def test_the_clock_that_health_compares_with_is_the_one_passed_in() -> None:
    with AlpacaServer() as server:
        assert connector(server.url, clock=lambda: NOON + timedelta(hours=1)).health() is not None
