"""tastytrade's access token: fetched with the refresh token, kept for its fifteen minutes, never written."""

from __future__ import annotations

from time import monotonic

from git_qoc.desk.secrets import Secret
from git_qoc.errors import VenueError
from git_qoc.venues.authorization import Derived
from git_qoc.venues.client import Client
from git_qoc.venues.shared import Shared

EARLY_S = 60.0
LASTS_MAX_S = 7 * 86_400


class Login:
    """The Authorization header of one connector; several threads may ask for it at once."""

    def __init__(self, client: Client, url: str, refresh_token: Secret, client_secret: Secret) -> None:
        self._client = client
        self._url = url
        self._refresh_token = refresh_token
        self._client_secret = client_secret
        self._token = Shared(self._granted)
        self._dropped: Secret | None = None

    def headers(self) -> dict[str, Secret]:
        """As `Client` takes them; asks for a new token when the old one is about to end.

        Raises:
            VenueError: the venue gives none.
        """
        header, _ = self._token.get(self._good)
        return {"Authorization": header}

    def drop(self, headers: dict[str, Secret]) -> None:
        """Let what the venue no longer takes be asked for anew."""
        self._dropped = headers["Authorization"]

    def _good(self, token: tuple[Secret, float]) -> bool:
        return token[0] is not self._dropped and monotonic() < token[1]

    def _granted(self) -> tuple[Secret, float]:
        """The header, and until when it is used, in `monotonic` seconds."""
        asked = monotonic()
        grant = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_secret": self._client_secret,
        }
        answer = _read(self._client.ask_json(self._url, grant), self._refresh_token)
        if answer is None:
            raise VenueError("tastytrade /oauth/token: expected access_token and expires_in")
        header, lasts_s = answer
        return header, asked + lasts_s - EARLY_S


def _read(data: object, source: Secret) -> tuple[Secret, float] | None:
    """The header and for how many seconds; does not raise, because its frame holds the token.

    The header is forgotten with the refresh token that it was granted for.
    """
    if not isinstance(data, dict):
        return None
    token, lasts = data.get("access_token"), data.get("expires_in")
    if (
        not isinstance(token, str)
        or not isinstance(lasts, int)
        or not 0 < lasts <= LASTS_MAX_S
        or not token.isascii()
        or not token.isprintable()
    ):
        return None
    return Derived(source, lambda _: f"Bearer {token}"), float(lasts)
