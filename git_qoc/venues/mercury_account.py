"""Mercury's accounts as one cash account, and what its bank holds back. Pure.

`currentBalance` is what is booked and `availableBalance` what may be spent. Cash is the first;
what lies between them is on its way out, and stands among the open orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from git_qoc.errors import VenueError
from git_qoc.model import Account, Cash, Order, OrderStatus
from git_qoc.money import ZERO
from git_qoc.venues.mercury_payloads import AccountRow, HoldingRow, TransactionRow

OWN = "mercury"
LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Holdings:
    """The accounts that one connector reads; `whole` when these are all there are."""

    deposits: tuple[AccountRow, ...]
    treasuries: tuple[HoldingRow, ...]
    whole: bool

    @property
    def rows(self) -> tuple[HoldingRow, ...]:
        return (*self.deposits, *self.treasuries)

    @property
    def deposit_ids(self) -> frozenset[str]:
        return frozenset(row.id for row in self.deposits)


def holdings(
    accounts: Iterable[AccountRow], treasuries: Iterable[HoldingRow], wanted: str | None
) -> Holdings:
    """All accounts held at Mercury, or the one whose id is `wanted` or whose number ends in it.

    Raises:
        VenueError: there is none, or `wanted` names none of them or more than one.
    """
    own = tuple(row for row in accounts if row.type == OWN)
    if wanted is None:
        everything = Holdings(own, tuple(treasuries), whole=True)
        if not everything.rows:
            raise VenueError("mercury: the token shows no account. Check what it may read")
        return everything
    by_number = wanted.isdigit() and len(wanted) >= LAST_DIGITS
    deposits = tuple(
        row for row in own if row.id == wanted or (by_number and row.accountNumber.endswith(wanted))
    )
    found = Holdings(deposits, tuple(row for row in treasuries if row.id == wanted), whole=False)
    if len(found.rows) != 1:
        raise VenueError(
            f'mercury: account = "{wanted}" fits {len(found.rows)} accounts. '
            "Write an account's id, or four or more last digits of its number, in desk.toml"
        )
    return found


def account(found: Holdings) -> Account:
    """One account of all that is held; its cash is the sum, as a desk has one balance a currency."""
    cash = sum((row.currentBalance for row in found.rows), ZERO)
    return Account(
        account_id="+".join(sorted(row.id for row in found.rows)),
        currency="USD",
        cash=(Cash("USD", cash, cash),),
        equity_usd=None,
        margin_usd=ZERO,
        venue_buying_power_usd=sum((row.availableBalance for row in found.rows), ZERO),
        blocked=_blocked(found.rows),
    )


def _blocked(rows: Sequence[HoldingRow]) -> str:
    if any(row.status == "active" for row in rows):
        return ""
    return f"the account is {rows[0].status}, not active"


def open_orders(found: Holdings, pending: Iterable[TransactionRow]) -> tuple[Order, ...]:
    """Transfers that are on their way out, then per account what else its bank holds back."""
    leaving = [row for row in pending if row.accountId in found.deposit_ids and row.amount < 0]
    return (*(_transfer(row) for row in leaving), *_held(found, leaving))


def _transfer(row: TransactionRow) -> Order:
    return _order(row.id, -row.amount)


def _held(found: Holdings, leaving: Sequence[TransactionRow]) -> Iterator[Order]:
    for holding in found.rows:
        known = sum((-row.amount for row in leaving if row.accountId == holding.id), ZERO)
        rest = holding.currentBalance - holding.availableBalance - known
        if rest > 0:
            yield _order(f"held:{holding.id}", rest)


def _order(order_id: str, amount: Decimal) -> Order:
    return Order(
        order_id=order_id,
        client_order_id=None,
        symbol="",
        side=None,
        quantity=None,
        filled_quantity=ZERO,
        type=None,
        status=OrderStatus.OPEN,
        notional=amount,
        margin_usd=amount,
    )
