"""Where a secret may go: the rule, without any network code.

A URL comes from a cloned desk's `base_url`, which is not trusted. A secret goes only to the
adapter's own hosts over https, to loopback, or over https to a host that the user allowed
in git config (`qoc.allowedHost`, `host` for port 443 or `host:port`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from git_qoc.errors import VenueError

# Narrower than RFC 3986 on purpose: whatever two URL parsers could read differently
# (userinfo, backslashes, white space, fragments, queries) does not match.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(/[A-Za-z0-9._~:%+@,-]*)*)",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The scheme, host (lower case, without brackets) and port of a URL."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True for localhost, 127.0.0.0/8 and ::1; a name that only resolves there is not."""
        if self.host == "localhost":
            return True
        try:
            ip = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return ip.is_loopback and (ip.version == 4 or ip == ipaddress.IPv6Address("::1"))


def address(url: str) -> Address:
    """The address a URL names; the URL itself is never repeated, as it may hold a password.

    Raises:
        VenueError: not an http(s) URL of host, port and path alone.
    """
    authority = url.partition("://")[2].partition("/")[0]
    if "@" in authority:
        raise VenueError("base_url holds a user name or password. Keep secrets in [connector.auth]")
    match = _URL.fullmatch(url)
    if match is None:
        raise VenueError("base_url is not a plain URL. Write https://HOST[:PORT][/PATH]")
    scheme = match["scheme"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise VenueError(f"base_url has port {port}. A port is between 1 and 65535")
    return Address(scheme, match["host"].lower().strip("[]"), port)


def check(url: str, own: Collection[str], allowed: Collection[str]) -> Address:
    """The address of `url` when secrets may go there.

    `own` and `allowed` hold `host` (port 443) or `host:port`, in any case.

    Raises:
        VenueError: they may not; the message names the host and the way to allow it.
    """
    to = address(url)
    if to.is_loopback:
        return to
    known = {entry.lower().removesuffix(":443") for entry in (*own, *allowed)}
    if str(to) not in known:
        raise VenueError(
            f"secrets are not sent to {to}, which is not a host of this venue. "
            f"If you trust it: git config --add qoc.allowedHost {to}"
        )
    if to.scheme != "https":
        raise VenueError(f"secrets are not sent to {to} over http. Write https://")
    return to
