"""Do the fills that a snapshot tells explain what it says was realized, and is held? Pure.

Only where the file says that they do: a connector with fill rows and a `realized_pnl`. What no
fill explains (a split, an assignment) has none, and a file of before there were fill rows tells
none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from git_qoc.account.realized import Cost, realized_pnl
from git_qoc.checks.footing import LAST_DIGIT, RELATIVE, Key, Misfit
from git_qoc.model import Fill, Position, Side
from git_qoc.money import ZERO, plain, shown
from git_qoc.snapshots.capture import previous_rows
from git_qoc.snapshots.snapshot import AccountRow, FillRow, Snapshot


def unexplained(before: Snapshot, after: Snapshot, row: AccountRow) -> Iterator[Misfit]:
    """What the fills of `row`, an account of `after`, do not lead to from `before`, that of its `since`."""
    rows = [fill for fill in after.fills if fill.connector == row.connector]
    if not rows or row.since is None or row.realized_pnl is None:
        return
    costs = previous_rows([before], [row.connector])[row.connector].costs
    held = [position for position in after.positions if position.connector == row.connector]
    astray = list(_quantities(costs, rows, {position.symbol: position.quantity for position in held}))
    yield from (_at_fill(after, row.connector, symbol, message) for symbol, message in astray)
    if astray:
        return
    positions = [Position(p.symbol, p.quantity, p.avg_cost, p.mark, p.multiplier, p.currency) for p in held]
    gains = realized_pnl(costs, map(_fill, rows), positions)
    if gains is not None:
        yield from _gains(after, row.connector, rows, gains)


def _quantities(
    costs: Mapping[str, Cost], rows: Sequence[FillRow], held: Mapping[str, Decimal]
) -> Iterator[tuple[str, str]]:
    for symbol in dict.fromkeys(fill.symbol for fill in rows):
        was = costs[symbol].quantity if symbol in costs else ZERO
        moved = sum((_signed(fill) for fill in rows if fill.symbol == symbol), ZERO)
        now = held.get(symbol, ZERO)
        if was + moved != now:
            yield (
                symbol,
                f"{plain(was)} held and {plain(moved)} by its fills are not the {plain(now)} held now",
            )


def _gains(
    after: Snapshot, connector: str, rows: Sequence[FillRow], gains: Mapping[str, Decimal]
) -> Iterator[Misfit]:
    told = {gain.symbol: gain.pnl_usd for gain in after.realized if gain.connector == connector}
    for symbol in dict.fromkeys((*gains, *told)):
        found, said = gains.get(symbol, ZERO), told.get(symbol, ZERO)
        size = sum((f.quantity * f.multiplier * (1 + abs(f.price)) for f in rows if f.symbol == symbol), ZERO)
        if abs(found - said) > 4 * LAST_DIGIT * (1 + size) + 4 * RELATIVE * size:
            message = f"{shown(said)} USD are told as realized, but its fills realized {shown(found)}"
            yield _at_fill(after, connector, symbol, message)


def _at_fill(after: Snapshot, connector: str, symbol: str, message: str) -> Misfit:
    places: dict[tuple[str, str], Key] = {}
    for n, gain in enumerate(after.realized):
        places[gain.connector, gain.symbol] = ("realized", n, "pnl_usd")
    for n, fill in reversed(list(enumerate(after.fills))):
        places[fill.connector, fill.symbol] = ("fill", n, "quantity")
    return Misfit(places[connector, symbol], f'"{connector}" {symbol}: {message}')


def _fill(row: FillRow) -> Fill:
    return Fill(
        fill_id=row.fill_id,
        order_id=row.order_id,
        symbol=row.symbol,
        side=Side(row.side),
        quantity=row.quantity,
        price=row.price,
        time=row.time,
        fee=row.fee,
        multiplier=row.multiplier,
        currency=row.currency,
        inverse=row.inverse,
    )


def _signed(row: FillRow) -> Decimal:
    return row.quantity if row.side == "buy" else -row.quantity
