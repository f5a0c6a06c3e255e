"""Which balances are cash: national currencies and coins that are meant to be worth one. Pure.

A stablecoin is cash because it is what orders are paid with; it is worth what the venue's rate says,
never one for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from git_qoc.model import Cash
from git_qoc.money import ZERO
from git_qoc.venues.ccxt_ask import Balance

# fmt: off
FIAT = frozenset(
    {
        "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EUR",
        "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "KZT", "MXN", "MYR", "NGN", "NOK",
        "NZD", "PEN", "PHP", "PLN", "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD",
        "VND", "ZAR",
    }
)
# fmt: on
# fmt: off
STABLE = frozenset(
    {
        "AEUR", "BUSD", "DAI", "EURC", "EURI", "EUROP", "EURQ", "EURR", "EURT", "FDUSD", "GUSD",
        "PYUSD", "RLUSD", "TUSD", "USD1", "USDC", "USDD", "USDE", "USDG", "USDP", "USDQ", "USDR",
        "USDS", "USDT", "XSGD",
    }
)
# fmt: on


def is_cash(code: str) -> bool:
    return code in FIAT or code in STABLE


def by_code(balances: Iterable[Balance]) -> dict[str, list[Balance]]:
    """The balances of all wallets by currency."""
    found: dict[str, list[Balance]] = {}
    for balance in balances:
        found.setdefault(balance.code, []).append(balance)
    return found


def cash_of(code: str, rows: list[Balance], rates: Mapping[str, Decimal]) -> Cash:
    """One currency's cash; its worth is None as soon as a part's is not known."""
    amount = sum((row.amount for row in rows), ZERO)
    worth = [row.usd if row.usd is not None else _worth(row, rates) for row in rows]
    known = [usd for usd in worth if usd is not None]
    return Cash(code, amount, sum(known, ZERO) if len(known) == len(worth) else None)


def _worth(row: Balance, rates: Mapping[str, Decimal]) -> Decimal | None:
    rate = rates.get(row.code)
    return None if rate is None else row.amount * rate
