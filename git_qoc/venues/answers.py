"""What an HTTP answer, or the lack of one, means in one line; JSON text to values.

Pure: no network and no library for it. Nothing of an answer's body or headers gets into a
message, and of an exception only its kind.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NoReturn

from git_qoc.desk.secrets import Secret, struck
from git_qoc.errors import VenueError
from git_qoc.money import to_decimal

ATTEMPTS = 4
FIRST_PAUSE_S = 0.1
REASON_MAX = 200
BUSY = frozenset({502, 503, 504})
REMEDIES = {
    401: ". Check the key and secret",
    403: ". Check the key and secret",
    404: ". Check base_url and account",
}
_MEANINGS = {
    401: "credentials refused",
    403: "credentials refused",
    404: "not found",
    408: "the venue gave up waiting",
    429: "too many requests",
}
_BUNDLE = "the CA bundle cannot be read. Check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE"
_JITTER = random.SystemRandom()


class NoCertificates(OSError):
    """The bundle of certificates that the environment names cannot be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after_s` is the venue's own figure, None when it gave none in seconds.

    The body is in no repr, because a venue may echo what was sent.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after_s: float | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer: `what` happened, in words; `transient` when a read may be tried again."""

    what: str
    transient: bool


def meaning(status: int) -> str:
    """A status in words: `credentials refused`, `the venue is not available`."""
    if status in _MEANINGS:
        return _MEANINGS[status]
    if 300 <= status < 400:
        return "a redirect, which is not followed: secrets stay with this host"
    if status >= 500:
        return "the venue is not available"
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "an unknown status"


def explain(exc: BaseException, late: Failure) -> Failure:
    """What an exception of the transport means; `late` when it is a timeout."""
    links = tuple(_chain(exc))
    if any(type(link).__name__ == "ProxyError" for link in links):
        return Failure("the proxy does not let it through. Check https_proxy", transient=False)
    for kind, failure in (
        (NoCertificates, Failure(_BUNDLE, transient=False)),
        (ssl.SSLError, Failure(_tls(links), transient=False)),
        (socket.gaierror, Failure("the host name is not known. Check it and the network", transient=True)),
        (ConnectionRefusedError, Failure("connection refused", transient=True)),
        (TimeoutError, late),
        (http.client.IncompleteRead, Failure("the answer broke off", transient=True)),
        (ConnectionError, Failure("the connection broke off", transient=True)),
        (http.client.HTTPException, Failure("the answer is not HTTP", transient=False)),
    ):
        if any(isinstance(link, kind) for link in links):
            return failure
    return Failure(f"no answer ({type(exc).__name__})", transient=False)


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """The exception and all it was made from, each once: causes, contexts, arguments, reasons."""
    todo: list[object] = [exc]
    seen: set[int] = set()
    while todo:
        link = todo.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def without_locals(exc: BaseException) -> BaseException:
    """The exception, its frames emptied: some of them hold headers, and so secrets."""
    for link in _chain(exc):
        traceback.clear_frames(link.__traceback__)
    exc.__cause__ = exc.__context__ = None
    return exc


def _tls(links: tuple[BaseException, ...]) -> str:
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"TLS failed: certificate not accepted ({link.verify_message})"
    return "TLS failed"


def parse_json(where: str, answer: Answer) -> object:
    """The value of a JSON body; numbers with a fraction or exponent are Decimal.

    Raises:
        VenueError: not JSON in UTF-8, or holding NaN or an infinity.
    """
    value = _value(answer)
    if value is _NOT_JSON:
        raise VenueError(f"{where}: the answer is not JSON")
    return value


_NOT_JSON = object()


def _value(answer: Answer) -> object:
    """Does not raise: the frame that holds the body must be in no traceback."""
    try:
        text = answer.body.decode("utf-8")
        value: object = json.loads(text, parse_float=to_decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _NOT_JSON
    return value


def holds(answer: Answer, fields: Mapping[str, object]) -> bool:
    """True when the body is a JSON object that has these fields with these values."""
    found = _value(answer)
    return isinstance(found, dict) and all(found.get(name) == value for name, value in fields.items())


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def retry_after_s(text: str | None) -> float | None:
    """Seconds of a Retry-After header; None for none, a date or nonsense."""
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        return None
    return float(text[:9])


def retry_pause_s(outcome: Answer | Failure, attempt: int) -> float | None:
    """Seconds to wait before the same read is tried again; None when it should not be."""
    if attempt >= ATTEMPTS:
        return None
    if isinstance(outcome, Answer) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
        return outcome.retry_after_s
    again = outcome.transient if isinstance(outcome, Failure) else outcome.status in BUSY
    return FIRST_PAUSE_S * 2.0 ** (attempt - 1) * _JITTER.uniform(0.5, 1.5) if again else None


def message_of(body: object) -> str | None:
    """The `message` of an error body, as many venues put it; None when there is none."""
    text = body.get("message") if isinstance(body, dict) else None
    return text if isinstance(text, str) else None


def reason_given(
    answer: Answer,
    secrets: Iterable[Secret],
    said: Callable[[object], str | None] = message_of,
) -> str:
    """The venue's reason as one short line, secrets struck out; "" when there is none."""
    text = said(_value(answer))
    return "" if text is None else one_line(text, secrets)


def one_line(text: str, secrets: Iterable[Secret]) -> str:
    """What a venue said as one short printable line, secrets struck out."""
    text = struck(text, secrets)
    text = " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())
    return text if len(text) <= REASON_MAX else text[:REASON_MAX] + "…"
