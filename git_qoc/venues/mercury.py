"""Mercury (cash accounts and Treasury): https://docs.mercury.com/reference.

Auth: `api_key` is the API token, with its prefix `secret-token:`. It trades nothing, so there
are no symbols. Amounts are dollars; times are UTC. Without `account` in desk.toml one
connector is all deposit and Treasury accounts of the organization, with it the one account of
that id, or of the deposit account number that ends in those digits. Cash is what is booked
(`currentBalance`); what is not available of it is in the open orders, so that it cannot be
spent. A Treasury account counts as cash at the value that Mercury states. Credit cards are
not read: what is paid to one has left.

A flow is dated when it is booked (`postedAt`). A card purchase is one, interest and fees are
not. Money between a deposit and a Treasury account is none where both are read; while it is
on its way it is in neither.

A transfer goes by ACH to a recipient that exists, named by id or by name. Where the
organization's rules want an approval, it stays pending until a person gives it in Mercury.

It cannot: trade, look a transfer up by client id, state balances of past days (statements are
PDFs of whole months), give the time of its clock, or date what moved inside Treasury.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Any, NoReturn

from git_qoc.asking import together
from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Account, Close, Fill, Flow, Order, OrderRequest, Position, Quote, Statement
from git_qoc.venues import mercury_account, mercury_flows, mercury_transfers
from git_qoc.venues.authorization import bearer
from git_qoc.venues.base import Settings
from git_qoc.venues.client import Client
from git_qoc.venues.mercury_account import Holdings
from git_qoc.venues.mercury_offers import CAPABILITIES
from git_qoc.venues.mercury_payloads import ACCOUNTS, RECIPIENTS, TRANSACTIONS, TREASURY, Listing, Row
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.outgoing import JSON

LIVE = "https://api.mercury.com/api/v1"
SANDBOX = "https://api-sandbox.mercury.com/api/v1"
HOSTS = ("api.mercury.com", "api-sandbox.mercury.com")
PAGE = 1000


class Mercury:
    """The accounts of one organization as a `Connector`; opening it asks the venue nothing.

    Raises:
        VenueError: no token, or one that no header can carry.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._token = settings.secrets["api_key"]
        except KeyError:
            raise VenueError("mercury needs api_key, the API token, in [connector.auth]") from None
        self._settings = settings
        base_url = settings.base_url.rstrip("/") if settings.base_url is not None else None
        self._api = base_url or (SANDBOX if settings.sandbox else LIVE)
        self._client = Client(
            HOSTS,
            {"Authorization": bearer(self._token)},
            timeout_s=settings.timeout_s,
            allowed_hosts=settings.allowed_hosts,
        )

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        """None once Mercury answers; it does not tell the time."""
        ACCOUNTS.rows(self._client.get_json(self._api + ACCOUNTS.path, {"limit": "1"}))
        return None

    def account(self) -> Account:
        return mercury_account.account(self._holdings())

    def positions(self) -> tuple[Position, ...]:
        return ()

    def open_orders(self) -> tuple[Order, ...]:
        """What is booked and cannot be spent: pending transfers, and what else the bank holds back."""
        asked: dict[str, Callable[[], Any]] = {
            "holdings": self._holdings,
            "pending": partial(self._list, TRANSACTIONS, {"status": "pending"}),
        }
        answers = together(asked, monotonic() + self._settings.timeout_s)
        return mercury_account.open_orders(answers["holdings"], answers["pending"])

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:  # noqa: ARG002 - the protocol's names
        self._no_orders()

    def order(self, client_order_id: str) -> Order | None:  # noqa: ARG002
        self._no_orders()

    def fills(self, since: datetime) -> Iterator[Fill]:  # noqa: ARG002
        return iter(())

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        """What was booked after `since` with anybody else; see `mercury_flows.flows`."""
        found = self._holdings()
        if not found.deposits and found.treasuries:
            raise Unsupported("mercury dates what moves in and out of Treasury by its day only")
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"postedStart": start, "order": "asc"}
        if not found.whole:
            query["accountId"] = found.deposits[0].id
        rows = self._list(TRANSACTIONS, query)
        return mercury_flows.flows((row for row in rows if row.postedAt and row.postedAt > since), found)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:  # noqa: ARG002
        raise Unsupported("mercury states no balances of past days")

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:  # noqa: ARG002
        self._no_orders()

    def place(self, request: OrderRequest) -> Order:  # noqa: ARG002
        self._no_orders()

    def cancel(self, client_order_id: str) -> Order:  # noqa: ARG002
        self._no_orders()

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:
        """Send by ACH to the recipient of this id or name, once per `client_id` (the idempotency key)."""
        found, recipients = self._holdings(), self._list(RECIPIENTS, {})
        asked = mercury_transfers.payment(amount, to, client_id, found, recipients)
        answer = self._client.answer(
            "POST", self._api + asked.path, {}, asked.body, content_type=JSON, once=True
        )
        return mercury_transfers.sent(answer, asked, [self._token])

    def _no_orders(self) -> NoReturn:
        raise Unsupported("mercury is a bank: it has no quotes and takes no orders")

    def _holdings(self) -> Holdings:
        asked: dict[str, Callable[[], Any]] = {
            "accounts": partial(self._list, ACCOUNTS, {}),
            "treasury": partial(self._list, TREASURY, {}),
        }
        answers = together(asked, monotonic() + self._settings.timeout_s)
        return mercury_account.holdings(answers["accounts"], answers["treasury"], self._settings.account)

    def _list(self, listing: Listing[Row], query: Mapping[str, str]) -> list[Row]:
        """All pages. A page that is not full is the last one."""
        found: dict[str, Row] = {}
        query = {**query, "limit": str(PAGE)}
        while True:
            rows = listing.rows(self._client.get_json(self._api + listing.path, query))
            fresh = {row.id: row for row in rows if row.id not in found}
            found.update(fresh)
            if len(rows) < PAGE:
                return list(found.values())
            if not fresh:
                raise VenueError(f"mercury {listing.path}: the pages do not advance")
            query["start_after"] = rows[-1].id
