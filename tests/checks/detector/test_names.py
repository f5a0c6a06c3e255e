"""What a name says of its value."""

from __future__ import annotations

import pytest

from git_qoc.checks.detector.names import names_secret_value, secret_before
from tests.checks.keys import ALNUM, UUID, made_of

OPAQUE = made_of(ALNUM, 32)
SECRET = [
    ("api_key", "hunter2", "quoted"),
    ("apiKey", "hunter2", "quoted"),
    ("API-SECRET", "hunter2", "quoted"),
    ("kraken.api_secret_2", "hunter2", "quoted"),
    ("passwords", "hunter2", "quoted"),
    ("client_secret", UUID, "quoted"),
    ("PGPASSWORD", "swordfish", "="),
    ("Passwort", "hunter2", ":"),
    ("motDePasse", "hunter2", ":"),
    ("пароль", "hunter2", ":"),
    ("密码", "hunter2", ":"),
    ("totp", "JBSWY3DPEHPK3PXP", "quoted"),
    ("pin", "4815", "="),
    ("session_token", OPAQUE, "quoted"),
    ("x_cookie", OPAQUE, "quoted"),
    ("CX_API_SECRET", "hunter2", ":-"),
]
NONE = [
    ("api_key_file", "keys/eq.key", "quoted"),
    ("api_key_env", "CX_API_KEY", "quoted"),
    ("password_hint", "the old desk's", "quoted"),
    ("password_hash", OPAQUE, "quoted"),
    ("api_key", "${CX_API_KEY}", "quoted"),
    ("api_key", "<your key>", "quoted"),
    ("api_key", "cx-api-key", "quoted"),
    ("api_key", "op://desk/cx/key", "quoted"),
    ("private_key", "signer.pem", "quoted"),
    ("public_key", OPAQUE, "quoted"),
    ("next_page_token", OPAQUE, "quoted"),
    ("max_tokens", "128000", "="),
    ("sort_key", "quantity_desc", "quoted"),
    ("random_seed", "20260705", "="),
    ("seed", "20_260_705", "="),
    ("token", "USDC", "quoted"),
    ("token", "So11111111111111111111111111111111111111112", "quoted"),
    ("password", "rotated", ":"),
    ("password", "none", "quoted"),
    ("secrets", "1795576936.7", ":"),
    ("error_code", "EC2ThrottledException", "quoted"),
]


@pytest.mark.parametrize(("name", "value", "written"), SECRET)
def test_name_makes_its_value_a_secret(name: str, value: str, written: str) -> None:
    assert names_secret_value(name, value, written)


@pytest.mark.parametrize(("name", "value", "written"), NONE)
def test_name_or_value_makes_it_none(name: str, value: str, written: str) -> None:
    assert not names_secret_value(name, value, written)


@pytest.mark.parametrize(("before", "says"), [
    ("my api key is ", True),
    ("client_secret = ", True),
    ("the key of the ledger: ", False),
    ("api_key_id = ", False),
    ("public key ", False),
])  # fmt: skip
def test_words_before_say_secret(before: str, says: bool) -> None:
    assert secret_before(before) is says
