"""What positions add to NAV. Numbers by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from git_qoc.account.realized import realized_pnl
from git_qoc.account.uta import unify
from git_qoc.account.valuation import contribution, unrealized_pnl
from git_qoc.checks.footing import misfits
from git_qoc.model import Account, Cash, Fill, Health, HealthStatus, Position, Side, VenueState, VenueType
from git_qoc.snapshots.capture import capture
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.toml import dumps
from tests.account.test_realized import NOON

D = Decimal
INVERSE = Position(
    # 1,000 contracts of 10 USD, long from 40,000, now 50,000: 10,000 USD × (1/40,000 − 1/50,000)
    # = 0.25 − 0.2 = 0.05 BTC, at 50,000 USD a BTC 2,500 USD.
    "BTC-PERPETUAL",
    D(1000),
    D(40_000),
    D(50_000),
    multiplier=D(10),
    currency="BTC",
    fx_usd=D(50_000),
    margined=True,
    inverse=True,
)
FUTURE = Position(
    # Two E-minis from 5,000, paid in cash up to 5,010, now 5,008: 2 × 50 × −2 = −200 is not paid yet,
    # 2 × 50 × 8 = 800 was made since the trade.
    "/ESZ6",
    D(2),
    D(5000),
    D(5008),
    multiplier=D(50),
    margined=True,
    settle_price=D(5010),
)


def test_an_inverse_contract_gains_coins() -> None:
    assert unrealized_pnl(INVERSE) == contribution(INVERSE) == D(2500)


@pytest.mark.parametrize("price", [D(0), None])
def test_an_inverse_contract_without_a_price_has_no_value(price: Decimal | None) -> None:
    assert unrealized_pnl(Position("X", D(1), D(1), price, inverse=True, margined=True)) is None


def test_only_what_was_not_paid_yet_adds_to_nav() -> None:
    assert contribution(FUTURE) == D(-200)
    assert unrealized_pnl(FUTURE) == D(800)


def test_a_future_and_an_inverse_contract_foot_in_a_snapshot_and_come_back_from_it() -> None:
    account = Account("a", "USD", (Cash("USD", D(10_000), D(10_000)),), None, D(0))
    state = VenueState(
        "f",
        VenueType.FUTURES,
        "x",
        Health(HealthStatus.OK),
        as_of=NOON,
        account=account,
        positions=(INVERSE, FUTURE),
        open_orders=(),
    )
    snapshot = capture(unify([state]), {}, NOON)
    assert snapshot.nav_usd == D(10_000) + D(2500) - D(200)
    assert snapshot.unrealized_pnl == D(3300)
    again = loads(dumps(snapshot))
    assert list(misfits(again)) == []
    assert dumps(again) == dumps(snapshot)
    assert (again.positions[0].inverse, again.positions[1].settle_price) == (True, D(5010))


def test_a_gain_in_coins_is_not_claimed_in_dollars() -> None:
    """Opened and closed between two snapshots: no position is left that tells the currency."""
    sides = (Side.BUY, D(40_000)), (Side.SELL, D(50_000))
    fills = [Fill("f", "o", "X", side, D(1), price, NOON, currency="BTC") for side, price in sides]
    assert realized_pnl({}, fills, []) is None
    inverse = [Fill("f", "o", "X", side, D(1), price, NOON, inverse=True) for side, price in sides]
    assert realized_pnl({}, inverse, []) is None
