"""ccxt (https://docs.ccxt.com) as a knower of exchanges: it signs and reads, we send.

The only importer of ccxt. Of an exchange's class every request goes out by our `Client`: deadline,
host rule, pace, redaction; what an answer means is again ccxt's word, brought to our errors here.
Secrets stay in `Secret`s: the class has properties that reveal them while it signs (`ccxt_wired`).

The caller says whether a call may move money, never the HTTP method: Kraken reads by POST and
Deribit takes orders by GET.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import ccxt

from git_qoc.errors import OrderUnknown, QocError, Unsupported, VenueError
from git_qoc.venues.answers import Answer, one_line, without_locals
from git_qoc.venues.base import Settings
from git_qoc.venues.ccxt_errors import of_order, of_read, of_status, renewed
from git_qoc.venues.ccxt_reasons import reason
from git_qoc.venues.ccxt_wired import Wired
from git_qoc.venues.client import Client
from git_qoc.venues.outgoing import FORM
from git_qoc.venues.pace import Pace
from git_qoc.venues.shared import Shared

BURST = 15

_ORIGIN = re.compile(r"https?://[^/]+")


class Turn:
    """One call of a ccxt method in one thread, and what became of it."""

    def __init__(self, once: bool) -> None:
        self.once = once
        self.sent = False
        self.where = ""
        self.answer: Answer | None = None
        self.value: object = None
        self.trouble: QocError | None = None
        self.fault: type[BaseException] | None = None


class Exchange:
    """One account at one exchange that ccxt knows.

    `options` go into ccxt's configuration; `in_turn`: its requests carry a number that must grow, so
    they go one after the other; `posts_forms`: what ccxt writes into the query of a POST goes into its
    body, where the venue takes it too and where it can be held back.

    Raises:
        VenueError: ccxt has no such exchange, or `sandbox = true` and it has none.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        options: Mapping[str, object],
        *,
        in_turn: bool = False,
        posts_forms: bool = False,
    ) -> None:
        if name not in ccxt.exchanges:
            raise VenueError(f'ccxt {ccxt.__version__} has no exchange "{name}"')
        self._settings = settings
        self._posts_forms = posts_forms
        self._local = threading.local()
        self._loaded = Shared(self._load)
        self._ordered = threading.Lock() if in_turn else None
        self._name = name
        base = getattr(ccxt, name)
        self._ccxt = type(name, (Wired, base), {"line": self})(
            {"enableRateLimit": False, "number": str, **options}
        )
        if settings.sandbox:
            self._to_sandbox()
        own_hosts = _hosts(self._ccxt)
        if settings.base_url is not None:
            self._ccxt.urls["api"] = _moved(self._ccxt.urls["api"], settings.base_url.rstrip("/"))
        self._client = Client(
            own_hosts,
            {},
            timeout_s=settings.timeout_s,
            allowed_hosts=settings.allowed_hosts,
            pace=Pace(1000 / self._ccxt.rateLimit, BURST),
        )

    def _to_sandbox(self) -> None:
        if not self._ccxt.urls.get("test"):
            raise VenueError(f"{self._name} has no sandbox. Set sandbox = false")
        self._ccxt.set_sandbox_mode(True)

    @property
    def account_mark(self) -> str:
        """Tells accounts apart where the venue names none: the same key, the same account."""
        secret = next(iter(self._settings.secrets.values()))
        return f"{self._name}:{hashlib.sha256(secret.reveal().encode()).hexdigest()[:16]}"

    def markets(self) -> Mapping[str, Any]:
        """ccxt's market structures by unified symbol; asked of the venue once."""
        return self._loaded.get()

    def _load(self) -> Mapping[str, Any]:
        self._call(Turn(once=False), self._ccxt.load_markets, ())
        found: Mapping[str, Any] = self._ccxt.markets
        return found

    def ask(self, method: str, *args: Any) -> Any:
        """See `Ask`."""
        self.markets()
        return self._call(Turn(once=False), getattr(self._ccxt, method), args)

    def ask_at_once(self, method: str, *args: Any) -> Any:
        """As `ask`, for what needs no markets."""
        return self._call(Turn(once=False), getattr(self._ccxt, method), args)

    def send(self, method: str, *args: Any) -> Any:
        """What may move money: one request, once.

        Raises:
            Unsupported: ccxt refused it before it left.
            OrderRejected, OrderUnknown: as `Connector.place`.
        """
        self.markets()
        return self._call(Turn(once=True), getattr(self._ccxt, method), args)

    def _call(self, turn: Turn, method: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Errors are raised outside of `except`, so that no frame that saw a secret hangs on them."""
        self._local.turn = turn
        found: Any = None
        trouble: VenueError | None = None
        try:
            found = method(*args)
        except QocError as exc:
            turn.trouble = turn.trouble or exc
            without_locals(exc)
        except Exception as exc:  # noqa: BLE001 - ccxt's code raises what it likes on a strange answer
            turn.fault = turn.fault or type(exc)
            without_locals(exc)
        finally:
            self._local.turn = None
        # Some of ccxt's methods swallow errors and go on with what they did not learn.
        if turn.trouble is not None:
            trouble = renewed(turn.trouble)
        elif turn.fault is not None:
            trouble = self._error(turn.fault, turn)
        if trouble is not None:
            raise trouble
        return found

    def now_ms(self) -> int:
        return int(self._settings.clock().timestamp() * 1000)

    def secret(self, key: str) -> str | None:
        found = self._settings.secrets.get(key)
        return None if found is None else found.reveal()

    def ordered(self, request: Callable[[], Any]) -> Any:
        if self._ordered is None:
            return request()
        if not self._ordered.acquire(timeout=self._settings.timeout_s):
            raise VenueError(f"{self._name}: no turn within {self._settings.timeout_s:g} s")
        try:
            return request()
        finally:
            self._ordered.release()

    def fetch(self, url: str, method: str, headers: Mapping[str, Any], body: str | None) -> Any:
        """One request and the value of its JSON answer; an error of ours or of ccxt's otherwise."""
        turn: Turn = self._local.turn
        turn.where = f"{method} {url.partition('?')[0]}"
        try:
            turn.answer = self._exchange(turn, url, method, headers, body)
        except QocError as exc:
            turn.trouble = exc
            raise
        text = turn.answer.body.decode("utf-8", "replace")
        turn.value = _value(text)
        try:
            self._ccxt.handle_errors(turn.answer.status, "", url, method, {}, text, turn.value, headers, body)
        except Exception as exc:
            turn.fault = type(exc)
            raise
        if turn.value is None or not turn.answer.ok:
            turn.trouble = of_status(
                turn.where,
                turn.answer,
                self._reason(turn),
                once=turn.once,
                is_json=turn.value is not None,
            )
            raise turn.trouble
        return turn.value

    def _exchange(
        self, turn: Turn, url: str, method: str, headers: Mapping[str, Any], body: str | None
    ) -> Answer:
        if turn.once and turn.sent:
            raise OrderUnknown(
                f"{turn.where}: ccxt wants a second request for one order, and it was not sent. Look the "
                "order up, never send it again"
            )
        turn.sent = True
        if self._posts_forms and method == "POST" and body is None:
            url, _, body = url.partition("?")
        rest = {name: str(text) for name, text in headers.items() if name.lower() != "content-type"}
        kinds = [str(text) for name, text in headers.items() if name.lower() == "content-type"]
        kind = kinds[0] if kinds else FORM
        return self._client.answer(method, url, rest, body or None, content_type=kind, once=turn.once)

    def _error(self, kind: type[BaseException], turn: Turn) -> VenueError:
        names = [base.__name__ for base in kind.__mro__]
        where = turn.where or self._name
        if not turn.sent and (turn.once or issubclass(kind, ccxt.BaseError)):
            return Unsupported(f"{self._name}: ccxt refuses it ({kind.__name__}); nothing was sent")
        of_kind = of_order if turn.once else of_read
        return of_kind(names, where, turn.answer, self._reason(turn))

    def _reason(self, turn: Turn) -> str:
        return one_line(reason(turn.value), self._settings.secrets.values())


def _value(text: str) -> object:
    """The JSON value, numbers with a fraction as their own text; None when it is not JSON."""
    try:
        value: object = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value


def _hosts(exchange: Any) -> set[str]:
    """The hosts of the roots of an exchange's API, those with `{hostname}` in them filled in."""
    urls = [exchange.implode_hostname(url) for url in _texts(exchange.urls["api"])]
    return {urlsplit(url).netloc for url in urls if _ORIGIN.match(url)}


def _texts(urls: object) -> list[str]:
    if isinstance(urls, dict):
        return [text for part in urls.values() for text in _texts(part)]
    return [urls] if isinstance(urls, str) else []


def _moved(urls: Any, base_url: str) -> Any:
    if isinstance(urls, dict):
        return {name: _moved(part, base_url) for name, part in urls.items()}
    return _ORIGIN.sub(lambda _: base_url, urls, count=1) if isinstance(urls, str) else urls
