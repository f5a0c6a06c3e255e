"""The section "Trades" of the markdown report: lines out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.money import plain, shown, shown_price
from git_qoc.report.pieces import UNKNOWN, or_reason, percent, plain_text, ratio, table, usd
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.trades.statistics import TradeStatistics, statistics
from git_qoc.retrospective.trades.values import RoundTrip, Trades, Unknown

LAST = 10
LISTED = 20
DAY = timedelta(days=1)


def trade_lines(trades: Trades | Undefined, zone: ZoneInfo) -> Iterable[str]:
    """The figures, the last trades and what makes none, with its reason."""
    if isinstance(trades, Undefined):
        yield f"{UNKNOWN} ({plain_text(trades.reason)})"
        return
    yield from table(("Figure", "Value"), _figures(statistics(trades.closed), trades), "ll")
    if trades.closed:
        yield ""
        yield from _rows(trades.closed[-LAST:], zone)
        if len(trades.closed) > LAST:
            yield ""
            yield f"The last {LAST} of {len(trades.closed)} (all of them in the JSON)."
    if trades.unknown:
        yield ""
        yield "No round trips, because their fills do not tell the whole way:"
        yield ""
        lines = _unknown(trades.unknown)
        yield from lines[:LISTED]
        if len(lines) > LISTED:
            yield f"- … and {len(lines) - LISTED} more (all of them in the JSON)"


def _figures(found: TradeStatistics, trades: Trades) -> list[tuple[str, str]]:
    counts = f"{found.won} won / {found.lost} lost / {found.flat} flat"
    days = found.average_holding_days
    rows = [
        ("Closed trades", f"{found.closed} ({counts})"),
        ("Win rate, trades", or_reason(percent(found.win_rate, signed=False), found.win_rate)),
        ("P&L of closed trades", _usd(found.pnl_usd)),
        ("Expectancy, a trade", _usd(found.expectancy_usd)),
        ("Average win", _usd(found.average_win_usd)),
        ("Average loss", _usd(found.average_loss_usd)),
        ("Largest win", _usd(found.largest_win_usd)),
        ("Largest loss", _usd(found.largest_loss_usd)),
        ("Profit factor of trades", or_reason(ratio(found.profit_factor), found.profit_factor)),
        ("Fees of closed trades", or_reason(usd(found.fees_usd), found.fees_usd)),
        ("Held on average", or_reason(_days(days), days)),
        ("Trades still open", str(len(trades.open))),
    ]
    if trades.open:
        rows.append(("— realised by their partial closes", _usd(trades.open_realized_usd)))
    return rows


def _usd(value: Decimal | Undefined) -> str:
    return or_reason(usd(value, signed=True), value)


def _days(days: float | Undefined) -> str:
    return UNKNOWN if isinstance(days, Undefined) else f"{ratio(days, 1)} days"


def _rows(trips: Sequence[RoundTrip], zone: ZoneInfo) -> Iterable[str]:
    rows = [
        (
            f"{trip.exit_time.astimezone(zone):%Y-%m-%d %H:%M}",
            plain_text(trip.connector),
            plain_text(trip.symbol),
            trip.side,
            plain(trip.quantity),
            shown_price(trip.entry_price),
            shown_price(trip.exit_price),
            usd(trip.pnl_usd, signed=True).removesuffix(" USD"),
            UNKNOWN if trip.fees_usd is None else shown(trip.fees_usd),
            ratio(trip.holding / DAY, 1),
        )
        for trip in trips
    ]
    headers = ("Closed", "Connector", "Symbol", "Side", "Quantity", "Entry", "Exit")
    return table((*headers, "P&L USD", "Fees USD", "Days"), rows, "llllrrrrrr")


def _unknown(found: Sequence[Unknown]) -> list[str]:
    """One line for each reason at a connector, in the order of its first symbol."""
    symbols: dict[tuple[str, str], list[str]] = {}
    for one in found:
        symbols.setdefault((one.connector, one.reason), []).extend([one.symbol] if one.symbol else [])
    return [
        f"- {plain_text(' '.join([connector, _names(names)]).strip())}: {plain_text(reason)}"
        for (connector, reason), names in symbols.items()
    ]


def _names(symbols: Sequence[str]) -> str:
    more = len(symbols) - LAST
    return ", ".join(symbols[:LAST]) + (f" and {more} more" if more > 0 else "")
