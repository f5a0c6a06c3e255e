"""The standard interface of a connector (spec/accounts-and-brokers.txt, "Venues and connectors").

An adapter translates between one venue's API and the values of `git_qoc.model`. It sums
nothing, caches nothing and never sends an order twice. Every method raises `VenueError`
(or a leaf of it) and nothing else; what a venue cannot do raises `Unsupported` before
anything is sent. Adapters import this module, `client` and `offers`, never each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from git_qoc.desk.secrets import Secret
from git_qoc.model import (
    Account,
    Clock,
    Close,
    Fill,
    Flow,
    Order,
    OrderRequest,
    Position,
    Quote,
    Statement,
    VenueType,
)
from git_qoc.venues.offers import Capabilities


@dataclass(frozen=True, slots=True)
class Settings:
    """What an adapter is opened with.

    `secrets` maps the keys of `[connector.auth]` to unprintable values. `allowed_hosts` are
    hosts, beyond the adapter's own and loopback, to which the user lets secrets go (git
    config `qoc.allowedHost`). `state_dir` is a folder under the git common dir that is never
    history. `timeout_s` bounds one whole read of the venue.
    """

    name: str
    type: VenueType
    secrets: Mapping[str, Secret]
    clock: Clock
    state_dir: Path
    timeout_s: float
    base_url: str | None = None
    sandbox: bool = False
    account: str | None = None
    allowed_hosts: frozenset[str] = frozenset()


class Connector(Protocol):
    """One open account at one venue. Reads may be called from several threads at once."""

    @property
    def capabilities(self) -> Capabilities: ...

    def health(self) -> str | None:
        """Ask the venue's cheapest question: None when all is well, else one line why not.

        For what makes the venue's answers unusable (its clock far from ours, maintenance);
        an account that is readable but may not trade says so in `Account.blocked`.
        """
        ...

    def account(self) -> Account:
        """Balances now: cash by currency, the venue's own equity, margin."""
        ...

    def positions(self) -> tuple[Position, ...]:
        """Every open position, () when there are none."""
        ...

    def open_orders(self) -> tuple[Order, ...]:
        """Every order that can still be filled, multi-leg orders as one."""
        ...

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        """The latest quote by symbol (in this connector's symbol form); unknown ones are left out."""
        ...

    def order(self, client_order_id: str) -> Order | None:
        """The one order with our id; None when the venue has none."""
        ...

    def fills(self, since: datetime) -> Iterator[Fill]:
        """Executions after `since`, oldest first, each once."""
        ...

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        """Deposits, withdrawals and transfers booked after `since`, oldest first."""
        ...

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        """What the account was at past instants (ascending); `Statement.time` is the instant asked for.

        Instants it cannot say are left out.
        """
        ...

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:
        """Daily closes from `since` to `until`, both included, oldest first, each day once.

        Only days that are over, by the exchange's own dates; () for a symbol it does not know. Asked
        only where `Capabilities.closes` says so: an adapter without it may lack the method.

        Raises:
            Unsupported: the venue does not offer them, or not of such a symbol; nothing was sent.
        """
        ...

    def place(self, request: OrderRequest) -> Order:
        """Send the order once, its quantity cut down to the venue's increment.

        Raises:
            Unsupported: the venue does not offer it; nothing was sent.
            OrderRejected: the venue refused it.
            OrderUnknown: no clear answer came; the order may exist.
        """
        ...

    def cancel(self, client_order_id: str) -> Order:
        """Ask for the cancel and return the order as it then stands; a done order is returned as it is."""
        ...

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:
        """Move cash (`amount` > 0) out to the named counterparty of the venue, once per `client_id`.

        Raises:
            Unsupported: the venue moves no money.
            OrderRejected: the venue refused it.
            OrderUnknown: no clear answer came; it may have been done. Asking again with the same
                `client_id` moves nothing twice.
        """
        ...


SKEW_MAX_S = 60


def skew(venue_time: datetime, clock: Clock) -> str | None:
    """What `health` says of a venue whose clock is more than a minute from ours; None otherwise."""
    ahead_s = (venue_time - clock()).total_seconds()
    if abs(ahead_s) <= SKEW_MAX_S:
        return None
    side = "ahead of" if ahead_s > 0 else "behind"
    return f"the venue's clock is {abs(ahead_s):.0f} s {side} ours. Set this machine's clock"
