"""Every form of key material, generated from a seed, in a sentence."""

from __future__ import annotations

import pytest

from git_qoc.checks.detector.shapes import known_shapes, known_token
from tests.checks.desks import BASE64URL, SECRETS, parts
from tests.checks.keys import ALNUM, HEX, HEX_32, UPPER, base64_of, made_of

BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
NUMBER = made_of("123456789", 10)
UUID = "-".join(made_of(HEX, count, count) for count in (8, 4, 4, 4, 12))
FORMS = {
    "AWS": "ASIA" + made_of(UPPER, 16),
    "Bedrock": "ABSK" + base64_of(90),
    "Mercury": "secret-token:" + "mercury_production_wma_" + made_of(ALNUM, 40),
    "Mercury without its scheme": "mercury_" + "sandbox_" + made_of(ALNUM, 40),
    "GitHub": "gho_" + made_of(ALNUM, 36),
    "GitHub, fine-grained": "github_" + "pat_" + made_of(ALNUM, 82),
    "Stripe": "rk_" + "test_" + made_of(ALNUM, 24),
    "Stripe webhook": "whsec_" + made_of(ALNUM, 32),
    "JWT": SECRETS["tastytrade"](5),
    "Coinbase": SECRETS["Coinbase name"](5),
    "Coinbase in JSON": SECRETS["Coinbase name"](5).replace("/", "\\/"),
    "GitLab": "glpat-" + made_of(BASE64URL, 20),
    "GitLab runner": "glrt-" + made_of(BASE64URL, 20),
    "Slack": f"xoxp-{NUMBER}-{NUMBER}-{made_of(HEX, 32)}",
    "Google": "AIza" + made_of(BASE64URL, 35),
    "Google OAuth": "GOCSPX-" + made_of(BASE64URL, 28),
    "OpenAI": "sk-" + "proj-" + made_of(BASE64URL, 74),
    "Anthropic": "sk-" + "ant-api03-" + made_of(BASE64URL, 93) + "AA",
    "Hugging Face": "hf_" + made_of(ALNUM, 34),
    "npm": "npm_" + made_of(ALNUM, 36),
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + made_of(BASE64URL, 80),
    "Docker Hub": "dckr_" + "pat_" + made_of(BASE64URL, 27),
    "DigitalOcean": "dop_" + "v1_" + made_of(HEX, 64),
    "Shopify": "shpat_" + made_of(HEX, 32),
    "Grafana": "glsa_" + made_of(ALNUM, 32) + "_" + made_of(HEX, 8),
    "SendGrid": SECRETS["SendGrid"](5),
    "Twilio": "SK" + made_of(HEX, 32),
    "Mailchimp": made_of(HEX, 32) + "-us12",
    "Square": "sq0" + "atp-" + made_of(BASE64URL, 22),
    "Vault": "hvs." + made_of(BASE64URL, 95),
    "1Password": "A3-" + "-".join(made_of(UPPER, count, count) for count in (6, 11, 5, 5, 5)),
    "Azure": "AccountKey=" + base64_of(64),
    "MEXC": "mx0" + made_of(ALNUM, 20),
    "Plaid": f"access-production-{UUID}",
    "xprv": SECRETS["xprv"](5),
    "nsec": "nsec1" + made_of(BECH32, 58),
    "Sui": "suiprivkey1" + made_of(BECH32, 59),
    "Tezos": "edsk" + made_of(ALNUM.translate(str.maketrans("", "", "0OIl")), 50),
    "age": "AGE-SECRET-KEY-1" + made_of(BECH32.upper(), 58),
    "one-time password": "otpauth://totp/Kraken:ada?secret=" + made_of(UPPER[:26] + "234567", 32),
    "Slack webhook": "hooks.slack.com/services/" + "/".join((UPPER[3:12], UPPER[5:16], made_of(ALNUM, 24))),
    "Discord webhook": f"https://discord.com/api/webhooks/{NUMBER}{NUMBER}/{made_of(BASE64URL, 68)}",
    "Teams webhook": f"https://desk.webhook.office.com/webhookb2/{UUID}@{UUID}/IncomingWebhook/{HEX_32}",
    "Google Chat webhook": f"https://chat.googleapis.com/v1/spaces/AAAA/messages?key={made_of(ALNUM, 39)}",
    "Zapier": f"https://hooks.zapier.com/hooks/catch/{NUMBER}/{made_of(ALNUM, 7)}/",
    "Telegram": f"{NUMBER}:AA{made_of(BASE64URL, 33)}",
    "PEM": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{base64_of(48)}\n-----END OPENSSH PRIVATE KEY-----",
    "SSH2": f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{base64_of(48)}\n---- END",
    "PuTTY": "PuTTY-User-Key-File-3: ssh-ed25519\n",
    "Solana": f"secret = {[number * 91 % 256 for number in range(64)]}",
}
TOKENS = {
    "Alpaca": "PK" + made_of(UPPER, 17) + "7",
    "Alpaca 26": "CK" + made_of(UPPER, 23) + "7",
    "HTX": "-".join(made_of(HEX, count, count) for count in (8, 8, 8, 5)),
    "Gemini": "account-" + made_of(ALNUM, 20),
    "Stellar": "SA" + made_of(UPPER[:26] + "234567", 54),
    "WIF": SECRETS["WIF"](5),
    "PKCS #8 body": "MC4CAQAwBQYDK2VwBCIEI" + base64_of(30),
    "SEC 1 body": "MHcCAQEEI" + base64_of(60),
    "PKCS #1 body": "MIIEpAIBAAKCAQEA" + base64_of(60),
    "OpenSSH body": "b3BlbnNzaC1rZXktdjE" + base64_of(60),
}
NAMED_ONLY = {
    "prefix in prose": "keys begin with sk-, npm_ or secret-token:mercury_production_.",
    "words after a prefix": "npm_install_global_yarn_does_not_work and glpat-something-like-this-here",
    "documented": "AKIAIOSFODNN7EXAMPLE",
    "crosses": "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "public key": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
    "weights": f"weights = {[number * 91 % 256 for number in range(64)]}",
}


@pytest.mark.parametrize("secret", FORMS.values(), ids=FORMS)
def test_form_is_known_in_a_sentence(secret: str) -> None:
    spans = list(known_shapes(f"see {secret} there"))
    assert spans
    start, end, what = spans[0]
    assert start < 4 + len(secret)
    assert end <= 5 + len(secret)
    assert not parts(secret) & parts(what)


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS)
def test_form_of_a_whole_token_is_known(secret: str) -> None:
    assert known_token(secret)


@pytest.mark.parametrize("text", NAMED_ONLY.values(), ids=NAMED_ONLY)
def test_talk_of_a_form_is_none(text: str) -> None:
    assert list(known_shapes(text)) == []
