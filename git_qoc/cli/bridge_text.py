"""A NAV bridge for a person, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from git_qoc.cli.output import table
from git_qoc.money import ZERO, plain, quantity_text, shown, total
from git_qoc.snapshots.books import DESK
from git_qoc.snapshots.parts import REST, AccountBridge, Bridge, Line, Sight, SymbolBridge
from git_qoc.snapshots.toml import timestamp_text

LARGEST = 10
NO_SYMBOL = "(not by symbol)"
THE_DESK = "(the desk)"


def signed(usd: Decimal | None) -> str:
    """`+1,082.75`, `-3.10`, `0.00`; `n/a` when unknown."""
    text = shown(usd)
    return f"+{text}" if usd is not None and usd > 0 and text != "0.00" else text


def headline(bridge: Bridge) -> str:
    """One line: both times, both NAVs, the change."""
    return (
        f"{timestamp_text(bridge.opening)} → {timestamp_text(bridge.closing)}  "
        f"NAV {shown(bridge.opening_usd)} → {shown(bridge.closing_usd)} USD  {signed(bridge.change_usd)}"
    )


def tables(bridge: Bridge, *, everything: bool = False) -> str:
    """The bridge in total, by connector and by symbol, then what moved; `everything`: no list is cut."""
    limit = None if everything else LARGEST
    blocks = [
        _total(bridge),
        _accounts(bridge.accounts),
        _symbols(bridge.symbols, limit),
        _positions(bridge),
        _marks(bridge, limit),
        _cash(bridge),
        "\n".join(_notes(bridge)),
    ]
    return "\n\n".join(block for block in blocks if block)


def as_dict(bridge: Bridge) -> dict[str, Any]:
    """Every digit; null where it is not known."""
    values = asdict(bridge)
    values["change_usd"] = bridge.change_usd
    moves = values.pop("moves")
    values["symbols"] = [{**asdict(symbol), "pnl_usd": symbol.pnl_usd} for symbol in bridge.symbols]
    for symbol in values["symbols"]:
        symbol["symbol"] = None if symbol["symbol"] == REST else symbol["symbol"]
    for account in values["accounts"]:
        account["connector"] = None if account["connector"] == DESK else account["connector"]
    return {**values, **moves}


def _total(bridge: Bridge) -> str:
    rows = [(f"NAV {timestamp_text(bridge.opening)}", shown(bridge.opening_usd), "")]
    rows += [(f"  {line.part}", signed(line.usd), _remark(line)) for line in bridge.lines]
    rows += [(f"NAV {timestamp_text(bridge.closing)}", shown(bridge.closing_usd), "")]
    left = max(len(name) for name, _, _ in rows)
    right = max(len(usd) for _, usd, _ in rows)
    return "\n".join(f"{name:<{left}}  {usd:>{right}}  {remark}".rstrip() for name, usd, remark in rows)


def _remark(line: Line) -> str:
    if line.without:
        return f"without {_names(line.without)}"
    return _names(line.accounts)


def _names(names: Iterable[str]) -> str:
    return ", ".join(_account_name(name) for name in names)


def _account_name(name: str) -> str:
    return THE_DESK if name == DESK else name


def _accounts(accounts: Sequence[AccountBridge]) -> str:
    if len(accounts) == 1 and accounts[0].opening is accounts[0].closing is Sight.READ:
        return ""
    moved = any(account.came_usd or account.went_usd for account in accounts)
    untold = any(account.other_usd is None for account in accounts)
    headers = ["connector", "NAV before", "flows", "realized", "unrealized"]
    headers += ["came or went"] if moved else []
    headers += ["not told apart"] if untold else []
    headers += ["other", "NAV after"]
    rows = [list(_account(account, moved, untold)) for account in accounts]
    return table(rows, headers, right=range(1, len(headers)))


def _account(account: AccountBridge, moved: bool, untold: bool) -> Iterator[str]:
    yield _account_name(account.connector)
    yield account.opening if account.opening_usd is None else shown(account.opening_usd)
    yield signed(account.flows_usd)
    yield signed(account.realized_usd)
    yield signed(account.unrealized_usd)
    if moved:
        yield signed(account.came_usd + account.went_usd)
    if untold:
        yield signed(account.untold_usd)
    yield signed(account.other_usd)
    yield account.closing if account.closing_usd is None else shown(account.closing_usd)


def _symbols(symbols: Sequence[SymbolBridge], limit: int | None) -> str:
    moved = [s for s in symbols if s.realized_usd != 0 or s.unrealized_usd != 0]
    if not moved:
        return ""
    ordered = sorted(moved, key=_by_size)
    cut = ordered[limit:] if limit is not None else []
    rows = [
        (
            _account_name(s.connector),
            NO_SYMBOL if s.symbol == REST else s.symbol,
            signed(s.realized_usd),
            signed(s.unrealized_usd),
            signed(s.pnl_usd),
        )
        for s in ordered[: len(ordered) - len(cut)]
    ]
    if cut:
        sums = (
            total(s.realized_usd for s in cut),
            total(s.unrealized_usd for s in cut),
            total(s.pnl_usd for s in cut),
        )
        realized, unrealized, pnl = map(signed, sums)
        rows.append(("", f"{len(cut)} more (--all)", realized, unrealized, pnl))
    return table(rows, ("connector", "symbol", "realized", "unrealized", "P&L USD"), right=(2, 3, 4))


def _by_size(symbol: SymbolBridge) -> tuple[bool, bool, Decimal]:
    size = sum((abs(usd) for usd in (symbol.realized_usd, symbol.unrealized_usd) if usd is not None), ZERO)
    return symbol.symbol == REST, symbol.pnl_usd is None, -abs(symbol.pnl_usd or size)


def _positions(bridge: Bridge) -> str:
    rows = [
        (p.change, p.connector, p.symbol, quantity(p.before), "→", quantity(p.after))
        for p in bridge.moves.positions
    ]
    headers = ("position", "connector", "symbol", "from", "", "to")
    return table(rows, headers, right=(3, 5)) if rows else ""


def quantity(number: Decimal | None) -> str:
    """Every digit, in groups."""
    return "n/a" if number is None else quantity_text(number).replace("_", ",")


def _marks(bridge: Bridge, limit: int | None) -> str:
    marks = bridge.moves.marks
    if not marks:
        return ""
    rows = [
        (
            m.connector,
            m.symbol,
            quantity(m.quantity),
            price(m.before),
            "→",
            price(m.after),
            signed(m.effect_usd),
        )
        for m in marks[:limit]
    ]
    cut = marks[limit:] if limit is not None else ()
    if cut:
        rest = signed(total(m.effect_usd for m in cut))
        rows.append(("", f"{len(cut)} more (--all)", "", "", "", "", rest))
    headers = ("connector", "symbol", "on quantity", "mark from", "", "to", "effect USD")
    return table(rows, headers, right=(2, 3, 5, 6))


def price(mark: Decimal | None) -> str:
    """All digits, at least two decimals: a coin at 0.000123 did not move from 0.00 to 0.00."""
    if mark is None:
        return "n/a"
    text = plain(mark)
    decimals = len(text.partition(".")[2])
    return shown(mark, max(decimals, 2))


def _cash(bridge: Bridge) -> str:
    rows = [
        (c.connector, c.currency, shown(c.before), "→", shown(c.after), signed(_less(c.after, c.before)))
        for c in bridge.moves.cash
    ]
    return table(rows, ("connector", "cash", "from", "", "to", "change"), right=(2, 4, 5)) if rows else ""


def _less(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left - right


def _notes(bridge: Bridge) -> Iterator[str]:
    if bridge.swapped:
        yield "Told backwards in time: every amount has the other sign."
    for account in bridge.accounts:
        name = _account_name(account.connector)
        for sight, time in ((account.opening, bridge.opening), (account.closing, bridge.closing)):
            if sight is Sight.UNREAD:
                stamp = timestamp_text(time)
                yield f"{name}: not read at {stamp}, so it is not in that NAV: no gain, no loss."
        for reason in account.reasons:
            yield f"{name}: {reason}."
