"""Key material that is known by its form: what venues, banks, clouds and wallets hand out.

A form is looked for only where its fixed part stands in the text, and compiled only then:
most desks hold none. Sources are the venues' own API pages and, for tokens with a prefix,
their issuers' (GitHub, GitLab, Slack, Stripe, AWS, …): Alpaca (PK…/AK…/CK…), Coinbase
(organizations/…/apiKeys/… and a PEM or Ed25519 key), Mercury (secret-token:mercury_…), HTX
(8-8-8-5), MEXC (mx0…), tastytrade and others (JWT), Stellar (S…), Bitcoin (WIF, xprv),
Nostr (nsec). Kraken's, Binance's, Bybit's and OKX's have no form: `chance` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from git_qoc.checks.detector.chance import mean_bits

# fmt: off
# (what it is, the fixed parts of which one must be there, the form)
_FORMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("an AWS access key id", ("AKIA", "ASIA", "ABIA", "ACCA"),
     r"A(?:[KS]I|BI|CC)A[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("an Amazon Bedrock key", ("ABSK",), r"ABSK[A-Za-z0-9+/]{100,}"),
    ("a bank's API token", ("secret-token:",), r"secret-token:(?=[^\s\"']{0,60}[0-9])[^\s\"']{8,}"),
    ("a bank's API token", ("mercury_",), r"mercury_(?:production|sandbox)_[\w-]{16,}"),
    ("a GitHub token", ("gho_", "ghp_", "ghs_", "ghu_", "ghr_"), r"gh[opsur]_[A-Za-z0-9]{20,}"),
    ("a code host's token", ("github_pat_",), r"github_pat_\w{20,}"),
    ("a Stripe key", ("k_live_", "k_test_", "k_prod_"), r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{8,}"),
    ("a hook's signing key", ("whsec_",), r"whsec_[A-Za-z0-9+/]{16,}"),
    ("a JSON web token", ("eyJ",), r"eyJ[\w-]{8,400}\.[\w-]{8,}(?:\.[\w-]+)?"),
    ("an encoded JSON web token", ("ZXlK",), r"ZXlK[A-Za-z0-9+/]{30,}"),
    ("a Coinbase key name", ("apiKeys/", "apiKeys\\/", "apiKeys%2F"),
     r"organizations(?:\\?/|%2F)[0-9a-fA-F-]{36}(?:\\?/|%2F)apiKeys(?:\\?/|%2F)[0-9a-fA-F-]{36}"),
    ("a GitLab token",
     ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-", "glsoat-", "glft-", "glimt-", "glagent-"),
     r"gl(?:pat|dt|rt|cbt|ptt|oas|soat|ft|imt|agent)-[\w-]{20,}"),
    ("a Slack token", ("xox", "xapp-"), r"(?:xox[abeoprs]|xapp)[-.][A-Za-z0-9-]{10,}"),
    ("a Google API key", ("AIza",), r"AIza[\w-]{35}"),
    ("a Google OAuth secret", ("GOCSPX-",), r"GOCSPX-[\w-]{20,}"),
    ("a Google OAuth token", ("ya29.",), r"ya29\.[\w-]{20,}"),
    ("an AI provider's key", ("sk-",), r"sk-(?=[A-Za-z_-]{0,40}[0-9])[\w-]{20,}"),
    ("an AI provider's key", ("pplx-", "gsk_", "xai-", "r8_"), r"(?:pplx-|gsk_|xai-|r8_)[A-Za-z0-9]{32,}"),
    ("an access token", ("hf_", "npm_", "pypi-", "dckr_pat_", "dckr_oat_"),
     r"(?:hf_|npm_)[A-Za-z0-9]{30,}|(?:pypi-|dckr_[po]at_)[\w-]{20,}"),
    ("an access token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{32,}"),
    ("an access token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("an access token",
     ("lin_api_", "ntn_", "glsa_", "glc_", "dapi", "sntryu_", "sntrys_", "rubygems_", "pul-", "PMAK-"),
     r"(?:lin_api_|ntn_|glsa_|glc_|dapi(?=[0-9a-f]{32})|sntry[su]_|rubygems_|pul-|PMAK-)[\w-]{30,}"),
    ("a SendGrid key", ("SG.",), r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("a Twilio key", ("SK",), r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("a mail service's key", ("-us", "key-"),
     r"[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])|key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("a Square token", ("sq0", "EAAA"), r"(?:sq0[a-z]{3}-|EAAA)[\w-]{22,}"),
    ("a vault's token", ("hvs.", "hvb."), r"hv[bs]\.[\w-]{24,}"),
    ("a vault's key", ("A3-",),
     r"A3-[A-Z0-9]{6}-[A-Z0-9]{6}-?[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    ("a vault's token", ("ops_eyJ",), r"ops_eyJ[A-Za-z0-9+/]{40,}"),
    ("an OpenShift token", ("sha256~",), r"sha256~[\w-]{43}"),
    ("an Azure key", ("AccountKey=", "SharedAccessKey="), r"(?:Account|SharedAccess)Key=[A-Za-z0-9+/=]{20,}"),
    ("an Azure key", ("Q~",), r"[\w~.]{3}[0-9]Q~[\w~.-]{31,34}"),
    ("a MEXC key", ("mx0",), r"mx0[A-Za-z0-9]{14,}"),
    ("a Plaid token", ("access-sandbox-", "access-production-", "access-development-"),
     r"access-(?:sandbox|production|development)-[0-9a-f-]{36}"),
    ("a wallet's private key", ("xprv", "yprv", "zprv", "tprv", "uprv", "vprv"),
     r"[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{50,}"),
    ("a wallet's private key", ("nsec1", "NSEC1"), r"(?:nsec1[a-z0-9]{50,}|NSEC1[A-Z0-9]{50,})"),
    ("a wallet's private key", ("suiprivkey1",), r"suiprivkey1[a-z0-9]{50,}"),
    ("a wallet's private key", ("edsk", "spsk", "p2sk"), r"(?:edsk|spsk|p2sk)[1-9A-HJ-NP-Za-km-z]{50,}"),
    ("an age identity", ("AGE-SECRET-KEY-", "age-secret-key-"),
     r"(?i:AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{40,})"),
    ("a one-time code's seed", ("otpauth:", "otpauth%3A", "otpauth-migration:"),
     r"otpauth(?:-migration)?(?::|%3A)[^\s\"'<>]{12,}"),
    ("a chat hook", ("hooks.slack.com", "hooks.slack-gov.com"),
     r"hooks\.slack(?:-gov)?\.com\\?/(?:services|workflows|triggers)[A-Za-z0-9+/\\_-]{10,}"),
    ("a chat hook", ("api/webhooks/", "api\\/webhooks\\/"),
     r"api\\?/webhooks\\?/[0-9]{6,}\\?/[\w-]{16,}"),
    ("a chat hook", ("webhook.office.com",),
     r"webhook\.office\.com\\?/webhookb?2?\\?/[^\s\"'<>]{16,}"),
    ("a chat hook", ("chat.googleapis.com",),
     r"chat\.googleapis\.com\\?/v1\\?/spaces\\?/[^\s\"'<>]{16,}"),
    ("a hook", ("hooks.zapier.com",), r"hooks\.zapier\.com\\?/hooks\\?/[^\s\"'<>]{16,}"),
    ("a hook", ("maker.ifttt.com",), r"maker\.ifttt\.com\\?/[\w/\\{}]{1,60}key\\?/[\w-]{16,}"),
    ("a hook", ("logic.azure.com",),
     r"logic\.azure\.com[:/\\\w-]{1,80}triggers\\?/[^\s\"'<>]{16,}"),
    ("a chat bot's token", (":AA", "%3AAA"), r"(?:bot)?[0-9]{6,12}(?::|%3A)AA[\w-]{30,}"),
    ("an SSH key", ("PuTTY-User-Key-File",), r"PuTTY-User-Key-File-[23]:[^\n]{0,80}"),
)
# Of forms that nothing fixed announces: (what, first letters, lengths, form of the whole token).
_TOKENS = (
    ("an Alpaca key id", "PAC", (20, 26), r"[PAC]K(?=[A-Z]*[0-9])[A-Z0-9]+"),
    ("an HTX key", "", (32, 34), r"(?:[0-9a-f]{8}|[a-z0-9]{10})-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{5}"),
    ("a Gemini key", "am", (27, 28), r"(?:account|master)-[A-Za-z0-9]{20}"),
    ("a Stellar seed", "S", (56,), r"S[A-D][A-Z2-7]{54}"),
)
# fmt: on
_WIF = r"[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}"
# DER of PKCS #8 (RSA; Ed25519; elliptic curves), PKCS #1 and SEC 1, and OpenSSH's own: the body of a PEM key
_DER = (
    r"(?:MII[A-Za-z0-9+/]{3}IBA(?:AK|DAN)|MC4CAQAwBQYDK2Vw|MI[GH][A-Za-z0-9]{0,2}AgEAM"
    r"|MEECAQAw|MHcCAQEE|b3BlbnNzaC1rZXktdjE)[A-Za-z0-9+/]*={0,2}"
)
# The 64 bytes of a Solana key, as its tools write them.
_KEYPAIR = r"\[\s{0,20}(?:[0-9]{1,3}\s{0,20},\s{0,20}){63}[0-9]{1,3}(?![0-9])(?!\s{0,9},\s{0,9}[0-9])"
_KEYPAIR_NAMES = ("key", "secret", "private", "wallet", "signer", "seed", "solana")
_LONGEST_PEM = 10_000


def known_shapes(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what) of everything in `text` that has a form with a fixed part."""
    yield from _private_keys(text)
    if text.count(",") >= 63:
        yield from _keypairs(text)
    for what, parts, form in _FORMS:
        if any(part in text for part in parts):
            for match in re.compile(f"(?<![A-Za-z0-9])(?:{form})", re.ASCII).finditer(text):
                if _is_made(match[0]):
                    yield match.start(), match.end(), what


def _is_made(token: str) -> bool:
    """By a generator, and not written to show a form or to name something."""
    if len(set(token[4:])) < 6 or "EXAMPLE" in token or "XXXXXXXX" in token.upper():
        return False
    return any(map(str.isdigit, token)) or mean_bits(token) > 4.8


def known_token(token: str) -> str:
    """What a whole token of letters, digits and `+/_-=` is by its form; empty when it has none."""
    if "EXAMPLE" in token:  # as AWS writes in its documents
        return ""
    for what, first, lengths, form in _TOKENS:
        if len(token) in lengths and (not first or token[0] in first) and re.fullmatch(form, token):
            return what
    if len(token) in (51, 52) and re.fullmatch(_WIF, token):
        from git_qoc.checks.detector.addresses import base58check

        return "a wallet's private key (WIF)" if base58check(token) is not None else ""
    return "a private key's body" if token[:1] in ("M", "b") and re.fullmatch(_DER, token) else ""


def _private_keys(text: str) -> Iterator[tuple[int, int, str]]:
    sign = "---BEGIN " if "---BEGIN " in text else "-- BEGIN "
    at = text.find(sign)
    while at >= 0:
        end = at + 60
        if "PRIVATE KEY" in text[at:end]:
            closing = text.find("END ", end, at + _LONGEST_PEM)
            end = closing if closing >= 0 else end
            yield at, end, "a key in PEM"
        at = text.find(sign, end)


def _keypairs(text: str) -> Iterator[tuple[int, int, str]]:
    for match in re.finditer(_KEYPAIR, text):
        before = text[max(0, match.start() - 40) : match.start()].lower().rpartition("\n")[2]
        if len(set(match[0].split(","))) > 30 and any(word in before for word in _KEYPAIR_NAMES):
            yield match.start(), match.end(), "a wallet's key as a list of bytes"
