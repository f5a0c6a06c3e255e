"""Printing: stdout is data, stderr is talk.

What a desk or a venue wrote is made printable here, so that it cannot move the cursor, hide or
colour anything; `Painted` text has been through that, and its colours are ours. A command that
only reads prints with `page`, and paints with what `painter` gives it:

    paint = painter(world)
    page(joined("\\n", ("NAV", paint("loss", text))), world)
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click

from git_qoc.cli.context import World
from git_qoc.cli.paint import Paint, safe, uncoloured
from git_qoc.errors import ReaderGone, printable
from git_qoc.money import plain

_NUMBER = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def table(rows: Sequence[Sequence[str]], headers: Sequence[str], right: Sequence[int] = ()) -> str:
    """A plain table; the columns in `right` are set to the right."""
    from tabulate import tabulate

    align = ["right" if column in right else "left" for column in range(len(headers))]
    return tabulate(rows, headers=headers, tablefmt="simple", colalign=align, disable_numparse=True)


def painter(world: World, wanted: bool | None = None) -> Paint:
    """What paints for stdout; `wanted` is `--color` or `--no-color`, None where neither is given."""
    in_pager = "GIT_PAGER_IN_USE" in world.environ
    if wanted is False or (wanted is None and not sys.stdout.isatty() and not in_pager):
        return uncoloured
    from git_qoc.cli.colour import painter as chosen

    return chosen(world, always=wanted is True)


def page(text: str, world: World) -> None:
    """Print through the user's pager when stdout is a terminal, else as `say` does."""
    if not sys.stdout.isatty():
        say(text)
        return
    from git_qoc.cli.pager import page as through_pager

    if not through_pager(safe(text), world):
        say(text)


def say(text: str = "") -> None:
    try:
        click.echo(safe(text), color=True)
    except BrokenPipeError:
        # click would turn it into exit code 1.
        raise ReaderGone from None


def say_bytes(data: bytes) -> None:
    """For what must not be changed, such as raw paths."""
    try:
        click.echo(data, nl=False)
    except BrokenPipeError:
        raise ReaderGone from None


def warn(text: str) -> None:
    click.echo(printable(f"warning: {text}"), err=True)


def talk(text: str) -> None:
    click.echo(printable(text), err=True)


def to_json(value: object) -> str:
    """JSON with every digit: a Decimal becomes a number literal, a time ISO 8601 with Z, unknown null."""
    text = json.dumps(_plain(value), indent=2, ensure_ascii=False)
    if printable(text) != text:
        # JSON's own escapes, which printable() would write in another way.
        text = json.dumps(_plain(value), indent=2)
    return _NUMBER.sub(r"\1", text)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return f"\0{plain(value)}\0"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    elif is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def age(then: datetime | None, now: datetime) -> str:
    """`12 s`, `5 min`, `3 h`, `16 d` ago; `n/a` when unknown."""
    if then is None:
        return "n/a"
    seconds = int((now - then).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{max(seconds, 0)} s"


def progress(label: str, done: int, total: int) -> None:
    """One line that overwrites itself, on a terminal only."""
    if sys.stderr.isatty():
        filled = 30 * done // max(total, 1)
        click.echo(f"\r{label} [{'#' * filled:<30}] {done}/{total}", err=True, nl=done == total)
