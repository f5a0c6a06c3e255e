"""What a random generator wrote, and what a person wrote."""

from __future__ import annotations

import pytest

from git_qoc.checks.detector.chance import is_opaque
from tests.checks.keys import ALNUM, HEX, UPPER, made_of

RANDOM = [(ALNUM, 24), (ALNUM, 32), (ALNUM, 40), (ALNUM, 64), (UPPER, 32), (HEX, 32), (HEX.upper(), 32)]
RANDOM += [(ALNUM + "+/", 56), (ALNUM + "+/", 88), (ALNUM + "-_", 43), (UPPER[:26] + "234567", 32)]
WRITTEN = [
    "EQUITIES_ALPACA_PAPER_TRADING_ACCOUNT_NUMBER_TWO_API_SECRET",
    "InteractiveBrokersGatewayPaperAccountAdapter",
    "daily-close-snapshot-of-main-equities-and-crypto-spot-2026",
    "Kapitalertragsteuerbescheinigung2026",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "GOOGL260116C00200000",
    "BTC-27JUN26-100000-C-USDT",
    "BNBUSDT-ETHUSDT-XRPUSDT-1000PEPEUSDT",
    "research/2026/07/2026-07-05T16-00-00Z-retrospective",
    "TheQuickBrownFoxJumpsOverTheLazyDog",
    "AWSVPCFlowLogsServiceRolePolicy",
    "quoter-7d9f8b6c5d-zptkx",
    "iShares-Core-MSCI-World-UCITS-ETF-USD-Acc-IE00B4L5Y983",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "1234567890123456789012345678901234567890",
    "9f86d081884c7d65",
]


@pytest.mark.parametrize(("alphabet", "length"), RANDOM)
def test_random_token_reads_as_random(alphabet: str, length: int) -> None:
    tokens = [made_of(alphabet, length, seed) for seed in range(2000)]
    assert sum(not is_opaque(token) for token in tokens) <= (2 if length >= 32 else 20)


@pytest.mark.parametrize("token", WRITTEN)
def test_what_a_person_wrote_does_not(token: str) -> None:
    assert not is_opaque(token)
