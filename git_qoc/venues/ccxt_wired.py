"""What goes before an exchange's class of ccxt's: its network, clock and keys are ours. Pure.

ccxt's own throttle, its log, its memory of the last request and what it would sign besides an order
(hyperliquid: a referral and a builder's fee) are off. Secrets are properties that reveal them while it signs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

# Our keys of [connector.auth] and ccxt's attributes.
ATTRIBUTES = {
    "api_key": "apiKey",
    "api_secret": "secret",
    "password": "password",
    "uid": "uid",
    "account_id": "accountId",
    "login": "login",
    "twofa": "twofa",
    "private_key": "privateKey",
    "wallet_address": "walletAddress",
    "token": "token",
}


class Line(Protocol):
    """What the class leads to."""

    def fetch(self, url: str, method: str, headers: Mapping[str, Any], body: str | None) -> Any: ...

    def ordered(self, request: Callable[[], Any]) -> Any: ...

    def now_ms(self) -> int: ...

    def secret(self, key: str) -> str | None: ...


class Wired:
    """Goes before an exchange's class: what of ccxt's base touches the network, the clock and keys."""

    line: Line
    headers: Mapping[str, Any] | None

    def fetch(
        self, url: str, method: str = "GET", headers: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        return self.line.fetch(url, method, {**(self.headers or {}), **(headers or {})}, body)

    def fetch2(self, *args: Any, **kwargs: Any) -> Any:
        request: Callable[..., Any] = super().fetch2  # type: ignore[misc]
        return self.line.ordered(lambda: request(*args, **kwargs))

    def throttle(self, cost: object = None) -> None:
        """Our `Pace` counts."""

    def set_last_request(self, request: object) -> None:
        """ccxt would keep headers that hold the key."""

    def initialize_client(self) -> bool:
        """ccxt would sign a referral and a builder's fee (hyperliquid) before the first order."""
        return True

    def log(self, *args: object) -> None:
        """ccxt prints."""

    def milliseconds(self) -> int:
        return self.line.now_ms()

    def seconds(self) -> int:
        return self.line.now_ms() // 1000

    def microseconds(self) -> int:
        return self.line.now_ms() * 1000


def _revealing(key: str) -> property:
    def get(self: Wired) -> str | None:
        return self.line.secret(key)

    return property(get)


for _key, _attribute in ATTRIBUTES.items():
    setattr(Wired, _attribute, _revealing(_key))
