"""Public addresses by checksum: published examples pass, the same with a wrong character does not."""

from __future__ import annotations

import pytest

from git_qoc.checks.detector.addresses import base58check, is_public_address
from tests.checks.desks import SECRETS

PUBLISHED = {
    "Bitcoin (its genesis block)": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "Bitcoin script (BIP-16)": "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    "bech32 (BIP-173)": "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "bech32m (BIP-350)": "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "Ripple": "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    "Tron": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "Polkadot": "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
    "Stellar": "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7",
    "IPFS": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
    "IBAN": "GB82WEST12345698765432",
    "LEI": "5493001KJTIIGC8Y1R12",
}
OTHERS = {
    "Ethereum": "0x52908400098527886E0F7030069857D2E4169EE7",
    "ULID": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "FIGI": "BBG000BLNNH6",
    "git describe": "g9f86d081884c7d65",
}


@pytest.mark.parametrize("address", [*PUBLISHED.values(), *OTHERS.values()], ids=[*PUBLISHED, *OTHERS])
def test_published_address_is_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize("address", PUBLISHED.values(), ids=PUBLISHED)
def test_address_with_a_wrong_character_is_not(address: str) -> None:
    at = len(address) // 2
    wrong = address[:at] + ("2" if address[at] != "2" else "3") + address[at + 1 :]
    if not address.startswith("Qm"):  # a content id holds a hash and no checksum
        assert not is_public_address(wrong)


@pytest.mark.parametrize("name", ["WIF", "nsec", "Alpaca secret", "Binance", "Kraken secret"])
def test_secret_is_no_public_address(name: str) -> None:
    assert not any(is_public_address(SECRETS[name](seed)) for seed in range(300))


def test_private_key_has_its_checksum_and_is_private_all_the_same() -> None:
    key = SECRETS["WIF"](3)
    assert base58check(key) is not None
    assert not is_public_address(key)
