"""A SimpleFIN answer as the model's values, and what a person must be told of its age. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Account, Cash, Flow, FlowKind, Order, OrderStatus
from git_qoc.money import ZERO
from git_qoc.venues.simplefin_payloads import AccountRow, TransactionRow
from git_qoc.venues.simplefin_store import INTERVAL, Answer, State

OLD = timedelta(hours=36)
"""The bridge asks the banks about once a day; a balance that is older is worth a word."""


def merged(
    old: Answer | None, time: datetime, start: datetime, body: dict[str, object], keep: timedelta
) -> Answer:
    """A new answer, with what the old ones knew.

    A transaction that is new in an account that was known was booked late, whatever day the
    bank puts on it: the balance has it only now. In an account that is new, it is as old as it says.
    """
    new = Answer(time, start, body, {}, frozenset())
    found = new.accounts
    before = dict(old.seen) if old else {}
    known = {account.id for account in old.accounts.accounts} if old else set()
    seen = {name: when for name, when in before.items() if when >= time - keep}
    for account in found.accounts:
        for row in filter(lambda row: row.is_booked, account.transactions):
            late = account.id in known or (old is not None and account.id in old.known)
            seen.setdefault(name_of(account, row), time if late else min(row.posted, time))
    ids = frozenset(account.id for account in found.accounts)
    return Answer(time, start, body, seen, ids | old.known if old and found.errors else ids)


def name_of(account: AccountRow, row: TransactionRow) -> str:
    return f"{account.id}/{row.id}"


def chosen(answer: Answer, wanted: str | None) -> list[AccountRow]:
    """All accounts, or the one whose id is `wanted`.

    Raises:
        VenueError: there is none, or one that was there is missing while the bridge has errors.
    """
    found = answer.accounts
    rows = [row for row in found.accounts if wanted in (None, row.id)]
    lost = sorted(answer.known - {row.id for row in found.accounts})
    lost = [name for name in lost if wanted in (None, name)]
    if found.errors and (lost or not rows):
        missing = f"account {lost[0]} is missing" if lost else "no account came"
        raise VenueError(f"simplefin: {missing}. The bridge says: {'; '.join(found.errors)}")
    if wanted is None and not rows:
        raise VenueError("simplefin: the bridge shows no account. Connect one to it")
    if wanted is not None and len(rows) != 1:
        raise VenueError(
            f'simplefin: {len(rows)} accounts have the id "{wanted}". Check account in desk.toml'
        )
    return rows


def account(rows: Sequence[AccountRow], notes: Sequence[str]) -> Account:
    """One account of all that is read: a balance for every currency, USD where that is one of them."""
    currencies = sorted({row.currency for row in rows})
    return Account(
        account_id="+".join(sorted(row.id for row in rows)),
        currency="USD" if "USD" in currencies or not currencies else currencies[0],
        cash=tuple(_cash(rows, currency) for currency in currencies),
        equity_usd=None,
        margin_usd=ZERO,
        notes=tuple(notes),
    )


def _cash(rows: Sequence[AccountRow], currency: str) -> Cash:
    amount = sum((row.balance for row in rows if row.currency == currency), ZERO)
    return Cash(currency, amount, amount if currency == "USD" else None)


def open_orders(rows: Sequence[AccountRow]) -> tuple[Order, ...]:
    """Per account what is booked and not available; a credit that is left is none."""
    return tuple(_held(row) for row in rows if row.available is not None and row.available < row.balance)


def _held(row: AccountRow) -> Order:
    held = row.balance - (row.available or ZERO)
    usd = row.currency == "USD"
    return Order(
        order_id=f"held:{row.id}",
        client_order_id=None,
        symbol="",
        side=None,
        quantity=None,
        filled_quantity=ZERO,
        type=None,
        status=OrderStatus.OPEN,
        notional=held,
        currency=row.currency,
        fx_usd=Decimal(1) if usd else None,
        margin_usd=held if usd else None,
    )


def flows(rows: Sequence[AccountRow], answer: Answer, since: datetime) -> tuple[Flow, ...]:
    """What came into an answer after `since`, oldest first, each once.

    Raises:
        Unsupported: some of it is older than the answer goes back, or is not in USD.
    """
    if rows and since < answer.start:
        raise Unsupported(
            f"simplefin was asked for transactions from {answer.start:%Y-%m-%d} on, "
            f"and they are wanted from {since:%Y-%m-%d}"
        )
    found = [flow for row in rows for flow in _flows(row, answer, since)]
    return tuple(sorted(found, key=lambda flow: (flow.time, flow.flow_id)))


def _flows(account: AccountRow, answer: Answer, since: datetime) -> Iterator[Flow]:
    for row in account.transactions:
        name = name_of(account, row)
        time = answer.seen.get(name, row.posted)
        if not row.is_booked or not row.amount or time <= since:
            continue
        if account.currency != "USD":
            raise Unsupported(
                f"simplefin: account {account.id}: a flow in another currency, without its worth in USD"
            )
        kind = FlowKind.DEPOSIT if row.amount > 0 else FlowKind.WITHDRAWAL
        yield Flow(name, time, kind, row.amount)


def notes(rows: Sequence[AccountRow], answer: Answer, state: State, now: datetime) -> list[str]:
    """What makes these balances less than today's: an old answer, an old balance, errors."""
    found = []
    if now - answer.time > INTERVAL:
        found.append(
            f"balances were read {hours(now - answer.time)} ago: the bridge's requests are used up, "
            f"the next is in {hours(state.wait(now))}"
        )
    old = [row for row in rows if now - row.balance_date > OLD]
    found += [f"balance of account {row.id} is as of {row.balance_date:%Y-%m-%d %H:%M} UTC" for row in old]
    return found + [f"the bridge says: {message}" for message in answer.accounts.errors]


def hours(span: timedelta) -> str:
    minutes = max(0, round(span.total_seconds() / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
