"""What asking a store for a secret comes to."""

from __future__ import annotations

from typing import NamedTuple

from git_qoc.desk.secrets import Secret


class Trouble(NamedTuple):
    """Why a reference does not resolve, or should not be kept as it is.

    `state` is for a table (`not set`), `message` for a line that begins with the connector's
    name (`needs EQ_API_KEY, which is not set. Export it`). Neither holds a secret.
    """

    state: str
    message: str


class Found(NamedTuple):
    """A secret, and what is wrong with where it is kept."""

    secret: Secret
    doubts: tuple[Trouble, ...] = ()
