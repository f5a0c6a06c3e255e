"""Which balances are cash: national currencies and coins that are meant to be worth one. Pure.

A stablecoin is cash because it is what orders are paid with; it is worth what the venue's rate says,
never one for one.
"""

from __future__ import annotations

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
