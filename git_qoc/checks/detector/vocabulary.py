"""Words that say of a value what it is: a secret, something about one, or something public.

Small letters; English, and the words for "password" of the languages that desks are kept in.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _with(ending: str, words: str) -> tuple[str, ...]:
    return tuple(word + ending for word in words.split())


SECRETS = (
    *_with(
        "key",
        """api priv private access signing signer secret encryption client master account consumer app
        deploy hmac webhook agent storage service wallet withdraw withdrawal trading trade owner hot
        cold auth kraken alpaca binance coinbase okx bybit deribit xapi""",
    ),
    *_with("token", "access refresh auth bearer api session bot id personal deploy push webhook app"),
    *_with("pass", "ssh pg db mysql user smtp mail ftp proxy redis root admin login gateway store key my"),
    *_with(
        "",
        """secret password passwd passphrase passcode pgpassword sshpassword dbpassword passwort kennwort
        geheimnis motdepasse contrasena contraseña senha wachtwoord hasło haslo пароль секрет 密码 密钥
        authorization pwd psk seed seedphrase recoveryphrase backupphrase seedword recoveryword
        backupword totp 2fa mfa""",
    ),
)
"""How the joined words of a secret's name end, but for a plural's s."""

STEMS = (
    *_with("key", "api private priv access signing shared"),
    *_with("token", "access refresh auth bearer api session bot"),
    *_with("", "secret passw passphrase seedphrase"),
)
"""What stands somewhere in the joined words of a name that has to do with a secret."""

WEAK = _words(
    """key keys token tokens pass pw pin auth bearer credential credentials cred creds otp jwt cookie
    session sessionid sk code login private priv"""
)
"""Last words of names under which a secret may stand; the value decides."""

WHOLE = ("pw", "pass", "pwd", "creds")
"""Names of a secret when they stand alone."""

PINS = _words("pin otp pw pass login")
"""Names of their own under which even a short number is a secret."""

ABOUT = _words(
    """sha1 sha256 sha512 md5 hash digest checksum fingerprint signature hint file path dir folder url uri
    endpoint name env var variable type kind method policy provider store backend manager vault rotation
    rotated rotate days age expiry expires expiration ttl count length len limit max min format prefix
    suffix scope scopes role location source symbol decimals address addresses header field label
    description note notes comment owner enabled required version algorithm alg id ids status state date
    time at by from ref reference keyring command helper service host user username"""
)
"""Last words that make of a secret's name the name of something about it."""

NOT_SECRET = _words(
    """page paging pagination next continuation cursor request public pub pubkey verify verifying
    idempotency partition sort primary foreign cache routing host known fingerprint publishable max min
    total input output prompt completion recv gpg pgp trusted authorized random rng shuffle bootstrap
    simulation carlo faker"""
)
"""Words that make any name that of something public, or of a number."""

NOTHING = _words(
    """none null nil true false yes no on off env file keyring vault unset empty required optional secret
    password passphrase token basic bearer oauth oauth2 hmac rsa ed25519 ecdsa prompt ask manual auto
    default disabled enabled n/a tbd missing hidden masked redacted here there below above rotated
    revoked expired string str number bytes text value same different unknown sha256 sha512 hs256 rs256
    es256 eddsa read write trade admin keychain bitwarden lastpass 1password gopass keepass environment
    git-credential literal reference base16 base32 base58 base64 utf8 utf-8 x509 p256 secp256k1 sha1 md5
    aes128 aes256 argon2 argon2id bcrypt scrypt pbkdf2"""
)
"""Values that are no secret under any name."""

HASHES = _words(
    """traceparent xid serial modulus sha sha1 sha2 sha256 sha384 sha512 md5 blake2 blake3 keccak hash
    hashes digest checksum sum commit rev revision blob tree oid git tx txid txn transaction block
    blockhash order image docker container layer lock lockfile integrity fingerprint fpr gpg pgp merkle
    root proof parent head base since build release version snapshot id uid uuid guid etag object pinned
    cid artifact condition market position trace span request correlation funded funding deposit
    withdrawal withdraw address addresses addr account contract pubkey public certificate cert signature
    sig signed wallet payout treasury recipient destination beneficiary vault pool validator sender
    receiver spender run job batch experiment trial trade exec execution fill transfer settlement tag
    ref upstream mirror submodule model dataset schema strategy config reproducible verified attestation
    provenance sbom cosign prüfsumme transaktion empreinte somme topic event log receipt nft asset"""
)
"""Words around hexadecimal digits that make them a hash or an id."""

TRADES = _words("uti usi utis lei emir trade trades mifid")
"""Words around a trade's identifier, which begins with the LEI of a firm."""

NODES = _words("rpc quiknode infura alchemy ankr getblock chainstack drpc")
"""Words of the addresses of blockchain nodes, whose paths are keys."""

PUBLIC_KEYS = _words(
    """pubkey public publickey verify verifying fingerprint fpr signature sig signed hash digest checksum
    sha256 sha384 sha512 blake2 blake3 integrity hostkey known etag cid certificate cert spki minisign
    cosign sigstore cursor icon logo png jpeg gif webp favicon thumbnail picture image arweave ar dkim
    ton"""
)
"""Words around base64 that make it a digest, a signature, a public key or a picture."""

ADDRESSES = _words(
    """address addr wallet mint contract program payout pubkey public txid tx transaction signature hash
    validator node peer pool vault account btc bitcoin ltc litecoin doge dogecoin tron trx xrp ripple
    solana sol polkadot dot kusama monero xmr cardano stellar xlm ton tezos algorand algo deposit
    withdrawal withdraw treasury recipient destination beneficiary near eos filecoin ipfs bch zcash dash
    symbol token denom asset coin currency market pair spl owner authority delegate staker voter nft"""
)
"""Words around base58 and base32 that make it an address, also without a checksum."""

PICTURES = _words("icon logo png jpeg gif webp favicon thumbnail cursor")

ORDERS = _words(
    """id order trade exec execution fill request clordid correlation trace ticket run job batch deployment
    ref reference"""
)
"""Words around a token of up to 36 characters that make it somebody's id."""

ADDRESS_PREFIXES = _words(
    """lno lni lnr bc tb bcrt ltc addr addr_test stake pool script drep npub note nprofile nevent age zs u
    erd bnb thor fetch one zil avax fuji flow lnbc kaspa cosmos cosmosvaloper osmo inj terra celestia
    sei dydx kava akash juno axelar neutron evmos stars noble persistence agoric band iaa regen umee
    secret"""
)
"""What bech32 texts begin with that are public: addresses, validators, Nostr's notes, invoices."""
