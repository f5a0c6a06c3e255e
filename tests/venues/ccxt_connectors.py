"""Connectors to exchanges of ccxt's for tests: generated keys, the clock at `NOON`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from git_qoc.desk.secrets import Secret
from git_qoc.model import VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.ccxt_connector import CcxtConnector
from git_qoc.venues.ccxt_offers import PROFILES
from git_qoc.venues.registry import open_connector
from tests.checks.keys import HEX_40, HEX_64, KRAKEN_KEY, KRAKEN_SECRET, made_of
from tests.venues.ccxt_server import CcxtServer, payloads

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
PASSPHRASE = made_of("abcdefgh", 12)
SECRETS = {
    "api_key": KRAKEN_KEY,
    "api_secret": KRAKEN_SECRET,
    "password": PASSPHRASE,
    "wallet_address": f"0x{HEX_40}",
    "private_key": f"0x{HEX_64}",
}


def keys(name: str) -> dict[str, Secret]:
    return {key: Secret(SECRETS[key]) for key in PROFILES[name].auth}


def connector(
    name: str,
    url: str | None,
    kind: VenueType = VenueType.CRYPTO,
    state_dir: Path = Path("/nonexistent"),
    **changes: Any,
) -> CcxtConnector:
    settings: dict[str, Any] = {
        "name": "main",
        "type": kind,
        "secrets": keys(name),
        "clock": lambda: NOON,
        "state_dir": state_dir,
        "timeout_s": 5.0,
        "base_url": url,
    }
    found = open_connector(name, Settings(**{**settings, **changes}))
    assert isinstance(found, CcxtConnector)
    return found


def served(name: str, **routes: Any) -> CcxtServer:
    """The exchange with its recorded answers, some of them replaced."""
    return CcxtServer({**payloads(name), **routes})
