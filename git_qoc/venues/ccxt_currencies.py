"""Which balances are cash: national currencies and coins that are meant to be worth one. Pure.

A stablecoin is cash because it is what orders are paid with; it is worth what the venue's rate says,
never one for one.
"""

from __future__ import annotations

FIAT = frozenset(
    "USD EUR GBP CAD AUD JPY CHF NZD SEK NOK DKK PLN CZK HUF TRY BRL MXN ARS ZAR INR KRW SGD HKD CNY CNH TWD "
    "THB IDR PHP MYR VND AED SAR ILS UAH RON NGN KZT COP CLP PEN".split()
)
STABLE = frozenset(
    "USDT USDC DAI FDUSD TUSD USDP PYUSD USDS USDE USDG RLUSD GUSD BUSD USDD USD1 USDQ USDR EURC EURT EURR EURI "
    "EURQ EUROP AEUR XSGD".split()
)


def is_cash(code: str) -> bool:
    return code in FIAT or code in STABLE
