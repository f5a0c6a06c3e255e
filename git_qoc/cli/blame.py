"""`git qoc blame`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, painter, talk, to_json, warn
from git_qoc.cli.paint import with_signs
from git_qoc.snapshots.toml import timestamp_text

if TYPE_CHECKING:
    from git_qoc.tasks.blame import Blame, Blamed

RIGHT = range(2, 7)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("symbol")
@click.option("--connector", metavar="NAME", help="Only what this connector holds.")
@click.option("--since", metavar="DATE", help="From then on: 2026-07-05, 30d, yesterday.")
@click.option("--until", metavar="DATE", help="Up to then; a day is whole.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def command(
    world: World, symbol: str, connector: str | None, since: str | None, until: str | None, as_json: bool
) -> int:
    """Which snapshots made the P&L of a symbol, and which commits recorded them.

    One line per interval between snapshots in which it was held or traded: quantity and mark
    from → to, realized P&L, change of open P&L, both summed up so far. A part that is not known
    is n/a and named.
    """
    from git_qoc.tasks.blame import Choice, blame

    found = blame(world.cwd, Choice(symbol, connector, since, until), world.clock)
    for fault in found.faults:
        warn(fault)
    if as_json:
        page(to_json(_as_dict(found)), world)
        return 0
    if found.symbol != symbol:
        talk(f"{symbol}: the record spells it {found.symbol}")
    text = _text(found) if found.rows else f"{found.symbol} was not held in that time."
    page(with_signs(text, painter(world)), world)
    return 0


def _text(found: Blame) -> str:
    from git_qoc.cli.bridge_text import signed

    headers = ("time", "connector", "quantity", "mark", "realized", "open P&L", "so far", "commit")
    sums = (signed(found.realized_usd), signed(found.unrealized_usd), signed(found.pnl_usd))
    rows = [*map(_row, found.rows), ("total", "", "", "", *sums, "")]
    notes = list(found.notes)
    if found.pnl_usd is None:
        notes.append(f"What is known sums up to {signed(found.known_usd)} USD.")
    return "\n\n".join(filter(None, (_columns([headers, *rows]), "\n".join(notes))))


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Aligned: tabulate takes half a second for 10,000 rows, as long as all the rest."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    form = "  ".join(f"{{:{'>' if at in RIGHT else '<'}{width}}}" for at, width in enumerate(widths))
    return "\n".join(form.format(*row).rstrip() for row in rows)


def _row(row: Blamed) -> tuple[str, ...]:
    from git_qoc.cli.bridge_text import price, quantity, signed

    interval = row.interval
    first = interval.start is None
    return (
        timestamp_text(interval.end),
        interval.connector,
        _move(interval.quantity_before, interval.quantity, quantity),
        _move(interval.mark_before, interval.mark, price),
        "" if first else signed(interval.realized_usd),
        "" if first else signed(interval.unrealized_usd),
        signed(row.cumulative_usd),
        (row.commit or "")[:10],
    )


def _move(before: Decimal | None, after: Decimal | None, text: Callable[[Decimal | None], str]) -> str:
    """`100 → 150`; one figure where nothing moved, or one end has none."""
    if before is None or after is None or before == after:
        return text(before if after is None else after)
    return f"{text(before)} → {text(after)}"


def _as_dict(found: Blame) -> dict[str, Any]:
    return {
        "symbol": found.symbol,
        "intervals": [
            {
                **asdict(row.interval),
                "pnl_usd": row.interval.pnl_usd,
                "cumulative_usd": row.cumulative_usd,
                "path": row.path,
                "commit": row.commit,
            }
            for row in found.rows
        ],
        "realized_usd": found.realized_usd,
        "unrealized_usd": found.unrealized_usd,
        "pnl_usd": found.pnl_usd,
        "known_usd": found.known_usd,
        "notes": found.notes,
    }
