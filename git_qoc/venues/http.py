"""The only network code: JSON over HTTP(S) to one venue, with secrets in headers.

In go URLs and parameters, out come JSON values with Decimal numbers, or an error of
`git_qoc.errors` whose one line names method, URL without query, what was found and what to
do. A message never holds a query string, a header or a body; of a refused order it holds
the venue's own short reason, with secrets struck out.

Every call ends at its deadline, also when a name server hangs or a server drips bytes: the
exchange runs in a daemon thread that is given up on, and cut off so that it lets go of its
headers. Reads are retried while the deadline allows; a POST or DELETE leaves once. Redirects
are never followed, ~/.netrc is never read; proxies and CA bundles of the environment are
honoured, but loopback is never proxied.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from git_qoc.desk.secrets import Secret
from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.venues import hosts
from git_qoc.venues.answers import (
    REMEDIES,
    Answer,
    Failure,
    explain,
    holds,
    meaning,
    parse_json,
    reason_given,
    retry_after_s,
    retry_pause_s,
    without_locals,
)
from git_qoc.venues.line import Line
from git_qoc.venues.outgoing import Body

MAX_BYTES = 32 * 2**20
CHUNK_BYTES = 64 * 2**10

Params = Mapping[str, str]


class _Auth(requests.auth.AuthBase):
    """Puts the secret headers on a request; its presence keeps requests from reading ~/.netrc."""

    def __init__(self, headers: Mapping[str, Secret]) -> None:
        self._headers = headers

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers.update({name: secret.reveal() for name, secret in self._headers.items()})
        return r


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        return self._line.watch(pool)


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(self.line))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, always: not even a redirect's body is read, nor its target prepared."""


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    deadline: float
    params: Params = field(repr=False)
    body: Body | None
    loopback: bool

    @property
    def where(self) -> str:
        return f"{self.method} {self.url}"


class Client:
    """One venue's HTTP side; several threads may use it at once.

    `own_hosts` are the adapter's own (see `hosts.check`), `headers` go with every request,
    `timeout_s` bounds each call as a whole, `max_bytes` each answer.

    Raises:
        VenueError: a secret holds what no header can carry.
    """

    def __init__(
        self,
        own_hosts: Collection[str],
        headers: Mapping[str, Secret],
        *,
        timeout_s: float,
        allowed_hosts: Collection[str] = (),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        for name, secret in headers.items():
            if not secret.fits_a_header:
                raise VenueError(f"the secret for {name} holds characters that no header can carry")
        self._own_hosts = tuple(own_hosts)
        self._allowed_hosts = tuple(allowed_hosts)
        self._headers = dict(headers)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._idle: deque[_Session] = deque()

    def get_json(self, url: str, params: Params | None = None) -> object:
        """The JSON value at `url`, numbers with a fraction as Decimal.

        Raises:
            RateLimited: 429, and waiting as asked does not fit into the deadline.
            VenueError: every other way of not getting JSON.
        """
        call, answer = self._read(url, params)
        if not answer.ok:
            raise self._refused(call, answer)
        return parse_json(call.where, answer)

    def find_json(self, url: str, params: Params, absent: Mapping[str, object]) -> object:
        """As `get_json`, but None where the venue says that there is none.

        That is a 404 whose JSON object holds all of `absent`: a gateway's own 404 must not
        make an order disappear.
        """
        call, answer = self._read(url, params)
        if answer.status == HTTPStatus.NOT_FOUND and holds(answer, absent):
            return None
        if not answer.ok:
            raise self._refused(call, answer)
        return parse_json(call.where, answer)

    def post_json(self, url: str, body: object) -> object:
        """Send an order (or other money-moving body) once and return the venue's JSON.

        Raises:
            OrderRejected: 4xx other than 408 and 429, with the venue's reason.
            OrderUnknown: the body left, and no clear answer came (also 408, 429, 5xx, not JSON).
            VenueError: it certainly never left.
        """
        outgoing = Body(json.dumps(body).encode())
        call = self._call("POST", url, body=outgoing)
        outcome = self._exchange(call)
        if isinstance(outcome, Failure):
            if outgoing.hold():
                raise VenueError(f"{call.where}: {outcome.what}. Nothing was sent")
            raise _unknown(call, outcome.what)
        if outcome.ok:
            try:
                return parse_json(call.where, outcome)
            except VenueError:
                raise _unknown(call, f"{outcome.status}, but the answer is not JSON") from None
        if 400 <= outcome.status < 500 and outcome.status not in (408, 429):
            reason = reason_given(outcome, self._headers.values())
            raise OrderRejected(f"{call.where}: {outcome.status} ({reason or 'refused, no reason given'})")
        raise _unknown(call, f"{outcome.status} ({meaning(outcome.status)})")

    def delete(self, url: str) -> bool:
        """Ask once for a deletion: False when there is nothing (left) to delete (404, 409, 422).

        Raises:
            OrderUnknown: no clear answer came.
            VenueError: the venue refused.
        """
        call = self._call("DELETE", url)
        outcome = self._exchange(call)
        if isinstance(outcome, Failure):
            raise _unknown(call, outcome.what)
        if outcome.status in (404, 409, 422):
            return False
        if not outcome.ok:
            raise self._refused(call, outcome)
        return True

    def _call(self, method: str, url: str, params: Params | None = None, body: Body | None = None) -> _Call:
        to = hosts.check(url, self._own_hosts, self._allowed_hosts)
        deadline = time.monotonic() + self._timeout_s
        return _Call(method, url, deadline, params or {}, body, to.is_loopback)

    def _read(self, url: str, params: Params | None) -> tuple[_Call, Answer]:
        call = self._call("GET", url, params)
        attempt = 0
        while True:
            attempt += 1
            outcome = self._exchange(call)
            pause = retry_pause_s(outcome, attempt)
            if pause is not None and time.monotonic() + pause < call.deadline:
                time.sleep(pause)
            elif isinstance(outcome, Failure):
                raise VenueError(f"{call.where}: {outcome.what}")
            else:
                return call, outcome

    def _exchange(self, call: _Call) -> Answer | Failure:
        """One request and its answer; a failure by the deadline at the latest."""
        late = Failure(f"no answer within {self._timeout_s:g} s", transient=False)
        session = self._session(call)
        result: Future[Answer | Failure] = Future()

        def run() -> None:
            try:
                result.set_result(self._send(session, call, late))
            except BaseException as exc:  # noqa: BLE001 - carried over to the caller's thread
                result.set_exception(without_locals(exc))

        threading.Thread(target=run, name="git-qoc-http", daemon=True).start()
        try:
            return result.result(timeout=max(0.0, call.deadline - time.monotonic()))
        except TimeoutError:
            session.line.cut()
            return late

    def _send(self, session: _Session, call: _Call, late: Failure) -> Answer | Failure:
        try:
            answer = self._stream(session, call)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as exc:
            session.close()
            return explain(exc, late)
        if not isinstance(answer, Answer):
            session.close()
            return answer or late
        self._idle.append(session)
        return answer

    def _session(self, call: _Call) -> _Session:
        # An order never goes out on a kept connection: the venue may just have closed it,
        # and what was sent into it would be UNKNOWN for no need.
        if call.method == "GET":
            try:
                return self._idle.pop()
            except IndexError:
                pass
        session = _Session()
        session.auth = _Auth(self._headers)
        session.headers.update(
            {"User-Agent": "git-qoc", "Accept": "application/json", "Accept-Encoding": "identity"}
        )
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

    def _stream(self, session: _Session, call: _Call) -> Answer | Failure | None:
        """The answer; None when the deadline passed while its body came in."""
        left = max(0.001, call.deadline - time.monotonic())
        with session.request(
            call.method,
            call.url,
            params=call.params,
            data=call.body,
            headers={"Content-Type": "application/json"} if call.body else None,
            timeout=(left, left),
            allow_redirects=False,
            proxies={"http": "", "https": "", "all": ""} if call.loopback else None,
            stream=True,
        ) as response:
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

    def _refused(self, call: _Call, answer: Answer) -> VenueError:
        message = f"{call.where}: {answer.status} ({meaning(answer.status)})"
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(message, answer.retry_after_s)
        return VenueError(message + REMEDIES.get(answer.status, ""))


def _unknown(call: _Call, what: str) -> OrderUnknown:
    return OrderUnknown(
        f"{call.where}: {what}. It may have been done: look the order up, never send it again"
    )
