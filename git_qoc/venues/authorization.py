"""The Authorization header of a venue whose secret is only a part of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from git_qoc.desk.secrets import Secret


class Derived(Secret):
    """A text made from a secret whenever it is needed, so that it is forgotten with it.

    `make` must not raise: its frame holds the secret.
    """

    __slots__ = ("_make", "_source")

    def __init__(self, source: Secret, make: Callable[[str], str]) -> None:
        super().__init__("")
        self._source = source
        self._make = make

    def reveal(self) -> str:
        return self._make(self._source.reveal())

    @property
    def is_empty(self) -> bool:
        return self._source.is_empty

    @property
    def fits_a_header(self) -> bool:
        text = self.reveal()
        return not self.is_empty and text.isascii() and text.isprintable()


def bearer(token: Secret) -> Secret:
    """RFC 6750."""
    return Derived(token, lambda text: f"Bearer {text}")


def basic(source: Secret, pair: Callable[[str], str]) -> Secret:
    """RFC 7617; `pair` finds `user:password` in the secret's text."""
    return Derived(source, lambda text: "Basic " + b64encode(pair(text).encode("utf-8", "replace")).decode())
