from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.account.realized import Cost, realized_pnl
from git_qoc.model import Fill, Position, Side

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)


def fill(side: str, quantity: str, price: str, symbol: str = "A", fee: str | None = None) -> Fill:
    return Fill(
        "f",
        "o",
        symbol,
        Side(side),
        Decimal(quantity),
        Decimal(price),
        NOON,
        None if fee is None else Decimal(fee),
    )


def held(quantity: str, symbol: str = "A") -> Position:
    return Position(symbol, Decimal(quantity), Decimal(1), Decimal(1))


def cost(quantity: str, average: str | None) -> dict[str, Cost]:
    return {"A": Cost(Decimal(quantity), None if average is None else Decimal(average))}


@pytest.mark.parametrize(
    ("before", "fills", "after", "expected"),
    [
        (cost("10", "5"), [], "10", "0"),
        (cost("10", "5"), [fill("sell", "4", "7")], "6", "8"),
        (cost("10", "5"), [fill("sell", "10", "4")], "0", "-10"),
        ({}, [fill("buy", "10", "5"), fill("sell", "10", "6")], "0", "10"),
        (cost("10", "5"), [fill("buy", "10", "7"), fill("sell", "10", "6")], "10", "0"),
        (cost("-10", "5"), [fill("buy", "4", "3")], "-6", "8"),
        (cost("10", "5"), [fill("sell", "15", "6")], "-5", "10"),  # through zero: the rest opens a short
        (
            cost("10", "5"),
            [fill("sell", "15", "6"), fill("buy", "5", "4")],
            "0",
            "20",
        ),
        (cost("10", "5"), [fill("sell", "4", "7", fee="1.5")], "6", "6.5"),
    ],
)
def test_average_cost_by_hand(before: dict[str, Cost], fills: list[Fill], after: str, expected: str) -> None:
    result = realized_pnl(before, fills, [held(after)] if after != "0" else [])
    assert result is not None
    assert sum(result.values()) == Decimal(expected)


def test_a_contract_counts_its_multiplier() -> None:
    sold = Fill("f", "o", "A", Side.SELL, Decimal(2), Decimal("1.5"), NOON, multiplier=Decimal(100))
    assert realized_pnl(cost("2", "1"), [sold], []) == {"A": Decimal(100)}


def test_each_symbol_has_its_own_gain() -> None:
    before = {"A": Cost(Decimal(10), Decimal(5)), "B": Cost(Decimal(-2), Decimal(50))}
    fills = [
        Fill("1", "o", "A", Side.SELL, Decimal(10), Decimal(7), NOON),
        Fill("2", "o", "B", Side.BUY, Decimal(2), Decimal(60), NOON, fee=Decimal(1)),
    ]
    assert realized_pnl(before, fills, []) == {"A": Decimal(20), "B": Decimal(-21)}


@pytest.mark.parametrize(
    ("before", "fills", "after"),
    [
        (cost("10", None), [fill("sell", "4", "7")], "6"),  # no cost was stated
        (cost("10", "5"), [], "20"),  # a split
        (cost("10", "5"), [], "0"),  # a transfer in kind, an expiry
        (cost("10", "5"), [fill("sell", "4", "7")], "5"),  # a fill is missing
    ],
)
def test_what_fills_do_not_explain_is_unknown(before: dict[str, Cost], fills: list[Fill], after: str) -> None:
    assert realized_pnl(before, fills, [held(after)] if after != "0" else []) is None


@given(st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 500)), max_size=12))
def test_realized_plus_unrealized_is_what_the_trades_earned(trades: list[tuple[int, int]]) -> None:
    """Cash in, plus the position at the last price, is the P&L, whatever the path."""
    fills = [fill("buy" if q > 0 else "sell", str(abs(q)), str(p)) for q, p in trades]
    position = sum(q for q, _ in trades)
    flat = [
        *fills,
        *([fill("sell" if position > 0 else "buy", str(abs(position)), "7")] if position else []),
    ]
    cash = sum((f.quantity * f.price * (1 if f.side is Side.SELL else -1) for f in flat), Decimal(0))
    result = realized_pnl({}, flat, [])
    assert result is not None
    assert abs(sum(result.values()) - cash) < Decimal("1e-40")


def test_a_gain_in_another_currency_is_not_taken_for_dollars() -> None:
    # Opened and half closed since the last look: 5 × (110 − 100) euros, at a rate nobody told.
    left = Position("A", Decimal(5), Decimal(100), Decimal(110), currency="EUR", fx_usd=Decimal("1.08"))
    assert realized_pnl({}, [fill("buy", "10", "100"), fill("sell", "5", "110")], [left]) is None
    # What only adds to it realized nothing, in any currency.
    assert realized_pnl({}, [fill("buy", "5", "100")], [left]) == {"A": Decimal(0)}
