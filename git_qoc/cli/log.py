"""`git qoc log`"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, painter, say_bytes, talk, to_json, warn
from git_qoc.errors import UsageError
from git_qoc.history.repository import is_true

if TYPE_CHECKING:
    from git_qoc.tasks.line import Line

PATHS = "git_qoc.paths"


class LikeGitLog(click.Command):
    """Keeps what stands behind `--`, and takes `-5` for `-n 5`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before, behind = args, None
        if "--" in args:
            at = args.index("--")
            before, behind = args[:at], args[at + 1 :]
        ctx.meta[PATHS] = behind
        return super().parse_args(ctx, [re.sub(r"^-(\d+)$", r"-n\1", word) for word in before])


@click.command(
    cls=LikeGitLog,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[OPTIONS]",
)
@click.argument("words", nargs=-1, metavar="[REV | A..B] [--] [PATH]...")
@click.option(
    "--since", metavar="DATE", help="Only snapshots taken then or later: 2026-07-05, 30d, yesterday."
)
@click.option("--until", metavar="DATE", help="Only snapshots taken then or earlier; a day is whole.")
@click.option("-n", "limit", type=click.IntRange(min=1), metavar="N", help="Only the N newest.")
@click.option("--reverse", is_flag=True, help="Oldest first.")
@click.option("--porcelain", is_flag=True, help="One line of fields for each, for scripts; it never changes.")
@click.option("-z", "nul", is_flag=True, help="As --porcelain, with NUL for the line's end and paths raw.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--color/--no-color", "colour", default=None, help="Colour in any case, or never.")
@click.pass_context
def command(  # one parameter an option
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    reverse: bool,
    **form: bool | None,
) -> int:
    """The snapshots of HEAD, newest first: time, NAV, change, return, flows and the commit.

    With REV, those of that revision; with A..B, those that its commits recorded; with paths,
    those that match. The change is the difference in NAV to the snapshot before, deposits and
    withdrawals included; the return is that change in percent, where nothing flowed and nobody
    was missing.
    """
    from git_qoc.tasks.log import Query, log

    world: World = ctx.obj
    if form["as_json"] and (form["porcelain"] or form["nul"]):
        raise UsageError("--json and --porcelain exclude each other. Choose one.")
    found = log(world.cwd, Query(words, ctx.meta[PATHS], since, until, limit), world.clock)
    for text in found.warnings:
        warn(text)
    lines = found.lines if reverse else found.lines[::-1]
    if form["as_json"]:
        page(to_json(lines), world)
    elif form["porcelain"] or form["nul"]:
        _porcelain(world, lines, nul=bool(form["nul"]))
    elif lines:
        from git_qoc.cli.log_text import as_table

        page(as_table(lines, found.zone, painter(world, form["colour"])), world)
    else:
        chosen = words or ctx.meta[PATHS] or since or until
        talk(_nothing(found.total, words) if chosen or not found.total else _unreadable(found.total))
    return 0


def _porcelain(world: World, lines: Sequence[Line], *, nul: bool) -> None:
    from git_qoc.cli.log_text import porcelain

    ascii_only = nul or all(line.path.isascii() for line in lines)
    quote_high = ascii_only or is_true(world.config(r"^core\.quotepath$").get("core.quotepath", "true"))
    data = porcelain(lines, nul=nul, quote_high=quote_high)
    if nul:
        say_bytes(data)
    elif data:
        page(data.decode().removesuffix("\n"), world)


def _nothing(total: int, words: Sequence[str]) -> str:
    if total:
        return (
            "The only snapshot does not match." if total == 1 else f"None of the {total} snapshots matches."
        )
    if words:
        return "There is no snapshot in that revision."
    return "There is no snapshot yet. Take one with `git qoc snapshot`."


def _unreadable(total: int) -> str:
    return (
        "The only snapshot cannot be read." if total == 1 else f"None of the {total} snapshots can be read."
    )
