"""Where in an error's JSON an exchange puts its reason. Pure.

Kraken `{"error": ["EOrder:Insufficient funds"]}`, Kraken Futures `{"error": "apiLimitExceeded"}` or
`{"sendStatus": {"status": "insufficientAvailableFunds"}}`, OKX `{"msg": "", "data": [{"sMsg": …}]}`,
Binance `{"code": -2010, "msg": …}`, Deribit `{"error": {"message": …}}`, Hyperliquid `{"response": …}`.
"""

from __future__ import annotations

from collections.abc import Iterator

_KEYS = ("sMsg", "msg", "message", "error", "errors", "status", "response", "reason")
_CARRIERS = ("data", "sendStatus", "cancelStatus", "statuses")
_OK = frozenset({"success", "ok", "placed", "error", "err"})


def reason(value: object) -> str:
    """The first short text of an error's body that says why, "" when none does."""
    return next((text for text in _texts(value, 0) if text and text not in _OK), "")


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > 5:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value[:5]:
            yield from _texts(part, depth + 1)
    elif isinstance(value, dict):
        for key in (*_CARRIERS, *_KEYS):
            if key in value:
                yield from _texts(value[key], depth + 1)
