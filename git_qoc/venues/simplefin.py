"""SimpleFIN (cash accounts at thousands of banks, read-only): https://www.simplefin.org/protocol.html.

Auth: `access_url` is the URL that claiming a setup token printed, with its user and password.
It goes to the bridge (bridge.simplefin.org, beta-bridge.simplefin.org); another server's host
has to be allowed in git config (`qoc.allowedHost`). There are no symbols. Amounts are in each
account's currency, an ISO code or the URL of a custom one; only USD has a worth in USD. Times
are UTC. Without `account` in desk.toml one connector is all accounts that the bridge shares,
with it the one of that id. A loan or a card is a negative balance.

The bridge takes 24 requests a day, so its answer is kept for 72 minutes (`simplefin_store`).
When its requests are used up, an answer of up to six hours is shown with its age, then the
account is not read. A bank's balance may itself be a day old or more: what is older than 36
hours is said. A transaction is a flow from when it is first in an answer, as that is when the
balance has it; those of a new account from when the bank booked them. Interest and fees
cannot be told from deposits and withdrawals. Pending ones are none.

It cannot: move money, trade, state past balances, or transactions of more than 45 days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import NoReturn

from git_qoc.errors import RateLimited, Unsupported, VenueError
from git_qoc.model import Account, Close, Fill, Flow, Order, OrderRequest, Position, Quote, Statement
from git_qoc.venues import simplefin_account
from git_qoc.venues.answers import one_line
from git_qoc.venues.base import Settings
from git_qoc.venues.client import Client
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.simplefin_access import Access, access
from git_qoc.venues.simplefin_offers import CAPABILITIES
from git_qoc.venues.simplefin_payloads import reduced
from git_qoc.venues.simplefin_store import INTERVAL, Answer, State, Store

HOSTS = ("bridge.simplefin.org", "beta-bridge.simplefin.org")
WINDOW = timedelta(days=45)
STALE = timedelta(hours=6)


class SimpleFin:
    """What one access URL shares as a `Connector`; opening it asks the bridge nothing.

    Raises:
        VenueError: no access URL, a setup token in its place, or a setting that it has no use for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._access = _access(settings)
        self._client = Client(
            HOSTS,
            {"Authorization": self._access.authorization},
            timeout_s=settings.timeout_s,
            allowed_hosts=settings.allowed_hosts,
        )
        self._store = Store(settings.state_dir / "simplefin", self._access.key)
        self._failure: tuple[float, VenueError] | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        """None once there is an answer; the bridge does not tell the time."""
        self._kept()
        return None

    def account(self) -> Account:
        """Balances as the banks last told the bridge; `notes` says what is old about them."""
        answer, state = self._kept()
        rows = simplefin_account.chosen(answer, self._settings.account)
        told = simplefin_account.notes(rows, answer, state, self._settings.clock())
        return simplefin_account.account(rows, told)

    def positions(self) -> tuple[Position, ...]:
        return ()

    def open_orders(self) -> tuple[Order, ...]:
        """What the banks hold back: booked, and not available."""
        answer, _ = self._kept()
        return simplefin_account.open_orders(simplefin_account.chosen(answer, self._settings.account))

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:  # noqa: ARG002 - the protocol's names
        self._read_only()

    def order(self, client_order_id: str) -> Order | None:  # noqa: ARG002
        self._read_only()

    def fills(self, since: datetime) -> Iterator[Fill]:  # noqa: ARG002
        return iter(())

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        """What was booked since, by when it was first in an answer."""
        answer, _ = self._kept()
        rows = simplefin_account.chosen(answer, self._settings.account)
        return simplefin_account.flows(rows, answer, since)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:  # noqa: ARG002
        raise Unsupported("simplefin states no balances of past days")

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:  # noqa: ARG002
        self._read_only()

    def place(self, request: OrderRequest) -> Order:  # noqa: ARG002
        self._read_only()

    def cancel(self, client_order_id: str) -> Order:  # noqa: ARG002
        self._read_only()

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:  # noqa: ARG002
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise Unsupported(
            "simplefin shows what banks hold: it has no quotes, takes no orders and moves no money"
        )

    def _kept(self) -> tuple[Answer, State]:
        """The bridge's answer, asked for again when it is too old, and not right after a failure.

        Raises:
            RateLimited: its requests are used up, and the last answer is too old to be shown.
            VenueError: it did not answer.
        """
        with self._store.held():
            now = self._settings.clock()
            state = self._store.load()
            answer = state.answer
            if answer is not None and timedelta(0) <= now - answer.time < INTERVAL:
                return answer, state
            if self._failure is not None and monotonic() < self._failure[0]:
                raise self._failure[1]
            wait = state.wait(now)
            if wait > timedelta(0):
                if answer is None or not timedelta(0) <= now - answer.time <= STALE:
                    raise _used_up(answer, wait)
                return answer, state
            return self._asked(state, now)

    def _asked(self, state: State, now: datetime) -> tuple[Answer, State]:
        """Ask the bridge, which counts from before it is asked."""
        state = state.asked(now)
        self._store.save(state)
        start = (now - WINDOW).replace(microsecond=0)
        try:
            query = {"start-date": str(int(start.timestamp()))}
            data = self._client.get_json(f"{self._access.url}/accounts", query, attempts=1)
            body = reduced(data, lambda text: one_line(text, self._access.struck))
        except VenueError as exc:
            self._failure = monotonic() + self._settings.timeout_s, exc
            raise
        answer = simplefin_account.merged(state.answer, now, start, body, 2 * WINDOW)
        state = State(state.due, answer)
        self._store.save(state)
        self._failure = None
        return answer, state


def _access(settings: Settings) -> Access:
    if "access_url" not in settings.secrets:
        raise VenueError("simplefin needs access_url in [connector.auth]")
    if settings.base_url is not None or settings.sandbox:
        raise VenueError("simplefin: its access URL says where it is. Remove base_url and sandbox")
    found = access(settings.secrets["access_url"])
    if isinstance(found, str):
        raise VenueError(found)
    return found


def _used_up(answer: Answer | None, wait: timedelta) -> RateLimited:
    when = None if answer is None else f"{answer.time:%Y-%m-%d %H:%M} UTC"
    last = "there is no answer yet" if when is None else f"the last answer is of {when}"
    return RateLimited(
        f"simplefin: the bridge's requests of this day are used up and {last}. "
        f"It can be asked in {simplefin_account.hours(wait)}",
        wait.total_seconds(),
    )
