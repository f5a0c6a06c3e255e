"""Do the rows of a snapshot add up to its totals? Pure: a snapshot in, faults as values out.

A row or a key that is not there says nothing, so a file with fewer rows is held to fewer rules;
unknown is never taken for zero. Our own files hold every digit, to `DIGITS_AFTER`, and are held
to it. In another tool's each number may have been rounded to the digits it is written with, so
that a sum may be off by half a unit of the last digit of each of its parts (by half a cent
where it has fewer than two decimals).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from git_qoc.money import CENT, DIGITS_AFTER, DIGITS_BEFORE, ZERO, market_value, open_pnl, shown, total
from git_qoc.snapshots.snapshot import AccountRow, CashRow, PositionRow, Snapshot

Key = tuple[str | int, ...]
"""Where in the file: ("meta", "nav_usd") or ("account", 0, "cash_usd")."""
HALF = Decimal("0.5")
LAST_DIGIT = Decimal(1).scaleb(-DIGITS_AFTER)
RELATIVE = Decimal("1E-55")
"""A product has PRECISION digits: what a few of them may be off by, times their size."""


class Misfit(NamedTuple):
    at: Key
    message: str


def misfits(snapshot: Snapshot) -> Iterator[Misfit]:
    """Everything in one snapshot that does not hold together, totals first."""
    yield from _names(snapshot)
    if snapshot.accounts:
        yield from _totals(snapshot)
    elif snapshot.flows and snapshot.net_flow_usd is not None:
        yield from _sum(
            ("meta", "net_flow_usd"),
            snapshot.net_flow_usd,
            [f.amount_usd for f in snapshot.flows],
            "[[flow]]",
            exact=_ours(snapshot),
        )
    for number, row in enumerate(snapshot.accounts):
        yield from _account(snapshot, number, row)
    for number, position in enumerate(snapshot.positions):
        yield from _open_pnl(number, position, exact=_ours(snapshot))
    for number, balance in enumerate(snapshot.cash):
        yield from _dollars(number, balance, exact=_ours(snapshot))


def _ours(snapshot: Snapshot) -> bool:
    return snapshot.schema is not None


def _totals(snapshot: Snapshot) -> Iterator[Misfit]:
    """`realized_pnl` and `net_flow_usd` leave out connectors that have no "since" yet."""
    rows, ours = snapshot.accounts, _ours(snapshot)
    navs = [row.nav_usd for row in rows]
    yield from _sum(("meta", "nav_usd"), snapshot.nav_usd, navs, "[[account]]", exact=ours)
    whole = (
        ("cash_usd", snapshot.cash_usd, [row.cash_usd for row in rows]),
        ("unrealized_pnl", snapshot.unrealized_pnl, [row.unrealized_pnl for row in rows]),
    )
    for key, value, parts in whole:
        yield from _sum(("meta", key), value, parts, "[[account]]", exact=ours, whole=ours)
    since = (
        ("realized_pnl", snapshot.realized_pnl, [r.realized_pnl for r in rows if r.since or r.realized_pnl]),
        ("net_flow_usd", snapshot.net_flow_usd, [r.net_flow_usd for r in rows if r.since or r.net_flow_usd]),
    )
    for key, value, parts in since:
        # A foreign file may tell the total and no part.
        if parts or ours:
            yield from _sum(("meta", key), value, parts, "[[account]]", exact=ours, whole=ours)


def _account(snapshot: Snapshot, number: int, row: AccountRow) -> Iterator[Misfit]:
    name, ours = row.connector, _ours(snapshot)
    at = ("account", number)
    cash = [c.amount_usd for c in snapshot.cash if c.connector == name]
    flows = [f.amount_usd for f in snapshot.flows if f.connector == name]
    held = [p for p in snapshot.positions if p.connector == name]
    gains = [r.pnl_usd for r in snapshot.realized if r.connector == name]
    open_pnls = [p.pnl_open for p in held]
    for key, value, parts, of, complete in (
        ("cash_usd", row.cash_usd, cash, "[[cash]]", ours),
        ("net_flow_usd", row.net_flow_usd, flows, "[[flow]]", ours),
        ("realized_pnl", row.realized_pnl, gains, "[[realized]]", ours and row.since),
        ("unrealized_pnl", row.unrealized_pnl, open_pnls, "pnl_open", ours),
    ):
        if parts or complete:
            yield from _sum((*at, key), value, parts, f'the {of} of "{name}"', exact=ours)
    # Without a position row, only an open P&L of zero says that there is no position.
    if held or (ours and row.unrealized_pnl is not None):
        yield from _nav(at, row, held, exact=ours)


def _nav(at: Key, row: AccountRow, held: Sequence[PositionRow], *, exact: bool) -> Iterator[Misfit]:
    """NAV = cash + what positions add + what the venue's equity has beyond it."""
    worth = total(_contribution(position) for position in held)
    if row.cash_usd is None or worth is None:
        return
    found = row.cash_usd + worth + (row.unreconciled_usd or ZERO)
    prices = sum((_price_slack(position, exact) for position in held), ZERO)
    numbers = (row.nav_usd, row.cash_usd, row.unreconciled_usd, *map(_contribution, held))
    slack = prices + (_slack(numbers, exact) if exact else CENT + _slack(numbers[:2], exact))
    if abs(found - row.nav_usd) > slack:
        parts = "cash, positions and unreconciled_usd" if row.unreconciled_usd else "cash and positions"
        yield Misfit(
            (*at, "nav_usd"),
            f'"{row.connector}": nav_usd is {_digits(row.nav_usd, found)}, but its {parts} add up to '
            f"{_digits(found, row.nav_usd)}",
        )


def _contribution(position: PositionRow) -> Decimal | None:
    """As git_qoc.account.valuation has it: value, or open P&L where the position is margined."""
    if position.margined:
        return position.pnl_open if position.settle_price is None else _gain(position, position.settle_price)
    if position.mark is None or position.fx_usd is None:
        return None
    return market_value(position.quantity, position.mark, position.multiplier, position.fx_usd)


def _open_pnl(number: int, row: PositionRow, *, exact: bool) -> Iterator[Misfit]:
    found = None if row.avg_cost is None else _gain(row, row.avg_cost)
    if row.pnl_open is None or found is None:
        return
    if abs(found - row.pnl_open) > _slack((row.pnl_open, found), exact) + 2 * _price_slack(row, exact):
        yield Misfit(
            ("position", number, "pnl_open"),
            f'"{row.connector}" {row.symbol}: pnl_open is {_digits(row.pnl_open, found)}, but '
            f"{'(1/avg_cost − 1/mark)' if row.inverse else '(mark − avg_cost)'} × quantity × multiplier × fx "
            f"is {_digits(found, row.pnl_open)}",
        )


def _gain(row: PositionRow, price: Decimal) -> Decimal | None:
    """As git_qoc.account.valuation has it: P&L in USD from this price to the mark."""
    if row.mark is None or row.fx_usd is None or (row.inverse and not (price and row.mark)):
        return None
    return open_pnl(row.quantity, price, row.mark, row.multiplier, row.fx_usd, inverse=row.inverse)


def _dollars(number: int, row: CashRow, *, exact: bool) -> Iterator[Misfit]:
    if row.currency != "USD" or row.amount_usd is None:
        return
    if abs(row.amount - row.amount_usd) > _slack((row.amount, row.amount_usd), exact):
        yield Misfit(
            ("cash", number, "amount_usd"),
            f'"{row.connector}": amount_usd is {_digits(row.amount_usd, row.amount)}, but its amount is '
            f"{_digits(row.amount, row.amount_usd)} USD",
        )


def _names(snapshot: Snapshot) -> Iterator[Misfit]:
    listed = frozenset(snapshot.connectors)
    for name, count in Counter(snapshot.connectors).items():
        if count > 1:
            yield Misfit(("meta", "connectors"), f'"{name}" is listed {count} times')
    for name in sorted(listed & frozenset(snapshot.degraded)):
        yield Misfit(("meta", "degraded"), f'"{name}" contributed and could not be read: it cannot be both')
    named = [row.connector for row in snapshot.accounts]
    for number, name in enumerate(named):
        if name in named[:number]:
            yield Misfit(("account", number, "connector"), f'"{name}" has two [[account]] rows')
    if not listed:
        return
    if named:
        for name in sorted(listed - set(named)):
            yield Misfit(("meta", "connectors"), f'"{name}" is listed and has no [[account]] row')
    yield from _strangers(snapshot, listed)
    yield from _repeated(snapshot.positions)


def _strangers(snapshot: Snapshot, listed: frozenset[str]) -> Iterator[Misfit]:
    tables: tuple[tuple[str, Iterable[str]], ...] = (
        ("account", [row.connector for row in snapshot.accounts]),
        ("cash", [row.connector for row in snapshot.cash]),
        ("flow", [row.connector for row in snapshot.flows]),
        ("realized", [row.connector for row in snapshot.realized]),
        ("position", [row.connector for row in snapshot.positions]),
        ("fill", [row.connector for row in snapshot.fills]),
    )
    for table, names in tables:
        for number, name in enumerate(names):
            if name not in listed:
                yield Misfit((table, number, "connector"), f'"{name}" is not in connectors')


def _repeated(positions: Sequence[PositionRow]) -> Iterator[Misfit]:
    """A venue may tell the lots of a symbol apart; two rows that are equal in all are one told twice."""
    seen: set[PositionRow] = set()
    for number, row in enumerate(positions):
        if row in seen:
            yield Misfit(
                ("position", number, "symbol"), f'"{row.connector}" {row.symbol}: the same row twice'
            )
        seen.add(row)


def _sum(
    at: Key,
    value: Decimal | None,
    parts: Sequence[Decimal | None],
    of: str,
    *,
    exact: bool,
    whole: bool = False,
) -> Iterator[Misfit]:
    """`whole`: a total must be unknown when a part is."""
    key = at[-1]
    if value is None:
        return
    found = total(parts)
    if found is None:
        if whole:
            yield Misfit(at, f"{key} is {shown(value)}, but not every part of it is known in {of}")
    elif abs(found - value) > _slack((value, *parts), exact):
        yield Misfit(at, f"{key} is {_digits(value, found)}, but {of} add up to {_digits(found, value)}")


def _digits(number: Decimal, other: Decimal) -> str:
    """In cents, or in full where that would show two equal numbers."""
    if max(number.adjusted(), other.adjusted()) >= DIGITS_BEFORE:
        return f"{number:.6E}"
    return shown(number) if shown(number) != shown(other) else f"{number:,f}"


def _slack(numbers: Iterable[Decimal | None], exact: bool) -> Decimal:
    return sum((HALF * _unit(number, exact) for number in numbers if number is not None), ZERO)


def _price_slack(row: PositionRow, exact: bool) -> Decimal:
    """What rounding its price to the digits written may do to a position's value."""
    per_price = abs(row.quantity * row.multiplier * (row.fx_usd or ZERO))
    prices = [p for p in (row.mark, row.avg_cost, row.settle_price) if p is not None]
    if row.inverse:
        least = min(map(abs, prices), default=ZERO)
        per_price = per_price / (least * least) if least else ZERO
    return HALF * max((_unit(price, exact) for price in prices), default=ZERO) * per_price


def _unit(number: Decimal, exact: bool) -> Decimal:
    """`exact`: one in the last digit that is ever written; else in the last that is, at most a cent."""
    if exact:
        return LAST_DIGIT + abs(number) * RELATIVE
    exponent = number.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, -2)) if isinstance(exponent, int) else CENT
