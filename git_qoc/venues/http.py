"""The only network code: one request to one venue and its answer, by a deadline.

In go a method, a URL, headers that hold secrets and a body; out comes an `Answer`, or a
`Failure` in words that never hold a query string, a header or a body. What an answer means is
`client`'s matter.

Every exchange ends at its deadline, also when a name server hangs or a server drips bytes: it
runs in a daemon thread that is given up on, and cut off so that it lets go of its headers.
Redirects are never followed, ~/.netrc is never read; proxies and CA bundles of the environment
are honoured, but loopback is never proxied.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import certifi
import requests
import urllib3

from git_qoc import __version__
from git_qoc.desk.secrets import Secret
from git_qoc.venues import hosts
from git_qoc.venues.answers import Answer, Failure, NoCertificates, explain, retry_after_s, without_locals
from git_qoc.venues.line import Line
from git_qoc.venues.outgoing import Body

MAX_BYTES = 32 * 2**20
CHUNK_BYTES = 64 * 2**10
CONNECT_S = 10.0

HEADERS = {
    "User-Agent": f"git-qoc/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}

Params = Mapping[str, str]
Headers = Mapping[str, Secret | str]


@cache
def _trust(bundle: str) -> ssl.SSLContext:
    """One context a bundle for the whole process: to read certifi's takes 16 ms, a handshake one."""
    context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    folder = Path(bundle).is_dir()
    try:
        context.load_verify_locations(**{"capath" if folder else "cafile": bundle})
    except OSError:
        raise NoCertificates from None
    return context


class _Adapter(requests.adapters.HTTPAdapter):
    """Sends one request at a time. No session: so no redirects, cookies or ~/.netrc either."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Adds the shared context; `verify` is the environment's bundle, or true for certifi's."""
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, True, cert)
        if host["scheme"] == "https":
            pool["ssl_context"] = _trust(verify if isinstance(verify, str) else certifi.where())
        return host, pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the shared context has its certificates, and always verifies."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        return self.line.watch(pool)


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `deadline` in `time.monotonic` seconds. Only method and URL are in its repr."""

    method: str
    url: str
    deadline: float = field(repr=False)
    loopback: bool = field(repr=False)
    headers: Headers = field(repr=False)
    params: Params = field(repr=False)
    body: Body | None = field(repr=False)

    @property
    def where(self) -> str:
        """`GET https://host/path`, never with the query."""
        return f"{self.method} {self.url.partition('?')[0]}"

    @property
    def secrets(self) -> list[Secret]:
        return [text for text in self.headers.values() if isinstance(text, Secret)]


class Transport:
    """One venue's connections; several threads may use it at once.

    `own_hosts` are the adapter's own (see `hosts.check`), `timeout_s` bounds each call as a
    whole, `max_bytes` each answer.
    """

    def __init__(
        self,
        own_hosts: Collection[str],
        *,
        timeout_s: float,
        allowed_hosts: Collection[str] = (),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._own_hosts = tuple(own_hosts)
        self._allowed_hosts = tuple(allowed_hosts)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._idle: deque[_Adapter] = deque()
        self._environment: dict[str, dict[str, Any]] = {}

    def call(
        self, method: str, url: str, headers: Headers, params: Params | None = None, body: Body | None = None
    ) -> Call:
        """A request whose time runs from now.

        Raises:
            VenueError: secrets may not go there.
        """
        to = hosts.check(url.partition("?")[0], self._own_hosts, self._allowed_hosts)
        deadline = time.monotonic() + self._timeout_s
        return Call(method, url, deadline, to.is_loopback, headers, params or {}, body)

    def exchange(self, call: Call) -> Answer | Failure:
        """One request and its answer; a failure by the deadline at the latest."""
        late = Failure(f"no answer within {self._timeout_s:g} s", transient=False)
        adapter = self._adapter(call)
        result: Future[Answer | Failure] = Future()

        def run() -> None:
            try:
                result.set_result(self._send(adapter, call, late))
            except BaseException as exc:  # noqa: BLE001 - carried over to the caller's thread
                result.set_exception(without_locals(exc))

        threading.Thread(target=run, name="git-qoc-http", daemon=True).start()
        try:
            return result.result(timeout=max(0.0, call.deadline - time.monotonic()))
        except TimeoutError:
            adapter.line.cut()
            return late

    def _surroundings(self, call: Call) -> dict[str, Any]:
        """The environment's proxies and CA bundle for this host, looked up once."""
        origin = call.url.split("/", 3)[2]
        if origin not in self._environment:
            found = requests.Session().merge_environment_settings(call.url, {}, None, None, None)
            proxies = {} if call.loopback else found["proxies"]
            self._environment[origin] = {"proxies": proxies, "verify": found["verify"]}
        return self._environment[origin]

    def _send(self, adapter: _Adapter, call: Call, late: Failure) -> Answer | Failure:
        try:
            answer = self._stream(adapter, call)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as exc:
            adapter.close()
            return explain(exc, late)
        if not isinstance(answer, Answer):
            adapter.close()
            return answer or late
        self._idle.append(adapter)
        return answer

    def _adapter(self, call: Call) -> _Adapter:
        # An order never goes out on a kept connection: the venue may just have closed it,
        # and what was sent into it would be UNKNOWN for no need.
        if call.method == "GET":
            try:
                return self._idle.pop()
            except IndexError:
                pass
        return _Adapter()

    def _stream(self, adapter: _Adapter, call: Call) -> Answer | Failure | None:
        """The answer; None when the deadline passed while its body came in."""
        left = max(0.001, call.deadline - time.monotonic())
        request = requests.Request(call.method, call.url, params=call.params, data=call.body).prepare()
        request.headers.update(HEADERS)
        if call.body is not None:
            request.headers["Content-Type"] = call.body.content_type
        for name, text in call.headers.items():
            request.headers[name] = text.reveal() if isinstance(text, Secret) else text
        timeout = (min(left, CONNECT_S), left)
        with adapter.send(request, stream=True, timeout=timeout, **self._surroundings(call)) as response:
            body = bytearray()
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
                body += chunk
                if len(body) > self._max_bytes:
                    return Failure(f"the answer is larger than {self._max_bytes:,} bytes", transient=False)
                if time.monotonic() >= call.deadline:
                    return None
            return Answer(
                response.status_code, bytes(body), retry_after_s(response.headers.get("Retry-After"))
            )
