"""JSON to and from one venue: what its answers mean, and what may be asked again.

In go URLs and parameters, out come JSON values with Decimal numbers, or an error of
`git_qoc.errors` whose one line names method, URL without query, what was found and what to
do. A message never holds a query string, a header or a body; of a refused order it holds
the venue's own short reason, with secrets struck out.

Reads are retried while the deadline allows, with a growing pause and jitter; what may move
money leaves once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from git_qoc.desk.secrets import Secret
from git_qoc.errors import CredentialsRefused, OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.venues.answers import (
    ATTEMPTS,
    REMEDIES,
    Answer,
    Failure,
    holds,
    meaning,
    message_of,
    parse_json,
    reason_given,
    retry_pause_s,
)
from git_qoc.venues.http import MAX_BYTES, Call, Headers, Params, Transport
from git_qoc.venues.outgoing import FORM, JSON, Body
from git_qoc.venues.pace import Pace


class Client:
    """One venue's API; several threads may use it at once.

    `headers` go with every request and are secrets, `timeout_s` bounds each call as a whole,
    waiting for `pace` included, `max_bytes` each answer. `said` finds the venue's reason in
    the JSON of a refusal, None when there is none.

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
        pace: Pace | None = None,
        said: Callable[[object], str | None] = message_of,
    ) -> None:
        for name, secret in headers.items():
            if not secret.fits_a_header:
                raise VenueError(f"the secret for {name} holds characters that no header can carry")
        self._transport = Transport(
            own_hosts, timeout_s=timeout_s, allowed_hosts=allowed_hosts, max_bytes=max_bytes
        )
        self._headers = dict(headers)
        self._pace = pace
        self._said = said

    def get_json(
        self,
        url: str,
        params: Params | None = None,
        headers: Headers | None = None,
        *,
        attempts: int = ATTEMPTS,
    ) -> object:
        """The JSON value at `url`, numbers with a fraction as Decimal; asked `attempts` times at most.

        Raises:
            RateLimited: 429, and waiting as asked does not fit into the deadline.
            VenueError: every other way of not getting JSON.
        """
        call = self._call("GET", url, params, headers)
        return self._json(call, self._read(call, attempts))

    def find_json(
        self,
        url: str,
        params: Params,
        absent: Mapping[str, object],
        headers: Headers | None = None,
    ) -> object:
        """As `get_json`, but None where the venue says that there is none.

        That is a 404 whose JSON object holds all of `absent`: a gateway's own 404 must not
        make an order disappear.
        """
        call = self._call("GET", url, params, headers)
        answer = self._read(call)
        if answer.status == HTTPStatus.NOT_FOUND and holds(answer, absent):
            return None
        return self._json(call, answer)

    def ask_json(
        self,
        url: str,
        body: object = None,
        *,
        form: Mapping[str, Secret | str] | None = None,
        headers: Headers | None = None,
    ) -> object:
        """The JSON answer to a POST that moves no money (a token, a dry run): retried as a read is.

        `form` is sent as a form instead of `body` as JSON; either may hold secrets.

        Raises:
            RateLimited, VenueError: as `get_json`.
        """
        call = self._call("POST", url, None, headers, _form_body(form) if form else _json_body(body))
        return self._json(call, self._read(call))

    def post_json(self, url: str, body: object, headers: Headers | None = None) -> object:
        """Send an order (or other money-moving body) once and return the venue's JSON.

        Raises:
            OrderRejected: 4xx other than 408 and 429, with the venue's reason.
            OrderUnknown: the body left, and no clear answer came (also 408, 429, 5xx, not JSON).
            VenueError: it certainly never left.
        """
        call = self._call("POST", url, None, headers, _json_body(body))
        answer = self._once(call)
        if answer.ok:
            try:
                return parse_json(call.where, answer)
            except VenueError:
                raise _unknown(call, f"{answer.status}, but the answer is not JSON") from None
        if 400 <= answer.status < 500 and answer.status not in (408, 429):
            reason = reason_given(answer, call.secrets, self._said)
            raise OrderRejected(f"{call.where}: {answer.status} ({reason or 'refused, no reason given'})")
        raise _unknown(call, f"{answer.status} ({meaning(answer.status)})")

    def delete(self, url: str, headers: Headers | None = None) -> bool:
        """Ask once for a deletion: False when there is nothing (left) to delete (404, 409, 422).

        Raises:
            OrderUnknown: no clear answer came.
            VenueError: the venue refused.
        """
        call = self._call("DELETE", url, None, headers)
        outcome = self._exchange(call)
        if isinstance(outcome, Failure):
            raise _unknown(call, outcome.what)
        if outcome.status in (404, 409, 422):
            return False
        if not outcome.ok:
            raise self._refused(call, outcome)
        return True

    def answer(
        self, method: str, url: str, headers: Headers, body: str | None, *, content_type: str, once: bool
    ) -> Answer:
        """The answer as it came, whatever its status, for a library that knows what it means.

        `url` may hold a query. `once`: it may move money, so it leaves once.

        Raises:
            OrderUnknown: `once`, it left, and no answer came.
            VenueError: no answer.
        """
        payload = None if body is None else Body(body.encode(), content_type)
        call = self._call(method, url, None, headers, payload)
        return self._once(call) if once else self._read(call)

    def _call(
        self,
        method: str,
        url: str,
        params: Params | None = None,
        headers: Headers | None = None,
        body: Body | None = None,
    ) -> Call:
        return self._transport.call(method, url, {**self._headers, **(headers or {})}, params, body)

    def _exchange(self, call: Call) -> Answer | Failure:
        """Raises RateLimited, and nothing was sent, when the turn of this request comes too late."""
        late_s = None if self._pace is None else self._pace.wait(call.deadline)
        if late_s is not None:
            raise RateLimited(f"{call.where}: asked too often; its turn is in {late_s:.0f} s", late_s)
        return self._transport.exchange(call)

    def _once(self, call: Call) -> Answer:
        outcome = self._exchange(call)
        if isinstance(outcome, Answer):
            return outcome
        if call.body is not None and call.body.hold():
            raise VenueError(f"{call.where}: {outcome.what}. Nothing was sent")
        raise _unknown(call, outcome.what)

    def _read(self, call: Call, attempts: int = ATTEMPTS) -> Answer:
        attempt = 0
        while True:
            attempt += 1
            outcome = self._exchange(call)
            pause = retry_pause_s(outcome, attempt) if attempt < attempts else None
            if pause is not None and time.monotonic() + pause < call.deadline:
                time.sleep(pause)
                if call.body is not None:
                    call.body.seek(0)
            elif isinstance(outcome, Failure):
                raise VenueError(f"{call.where}: {outcome.what}")
            else:
                return outcome

    def _json(self, call: Call, answer: Answer) -> object:
        if not answer.ok:
            raise self._refused(call, answer)
        return parse_json(call.where, answer)

    def _refused(self, call: Call, answer: Answer) -> VenueError:
        message = f"{call.where}: {answer.status} ({meaning(answer.status)})"
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(message, answer.retry_after_s)
        kind = CredentialsRefused if answer.status == HTTPStatus.UNAUTHORIZED else VenueError
        return kind(message + REMEDIES.get(answer.status, ""))


def _json_body(value: object) -> Body:
    return Body(json.dumps(value, default=_revealed).encode(), JSON)


def _revealed(value: object) -> str:
    """For JSON, which knows no secrets."""
    return value.reveal() if isinstance(value, Secret) else ""


def _form_body(fields: Mapping[str, Secret | str]) -> Body:
    plain = {name: text.reveal() if isinstance(text, Secret) else text for name, text in fields.items()}
    return Body(urlencode(plain).encode(), FORM)


def _unknown(call: Call, what: str) -> OrderUnknown:
    return OrderUnknown(
        f"{call.where}: {what}. It may have been done: look the order up, never send it again"
    )
