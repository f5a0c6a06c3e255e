"""`git qoc snapshot`"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import progress, say, to_json, warn
from git_qoc.errors import UsageError

FIRST_YEAR = 1900


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print the snapshot as JSON.")
@click.option("--no-commit", is_flag=True, help="Write the file and leave the commit to you.")
@click.option("-m", "note", default="", metavar="NOTE", help="A note for the commit message.")
@click.option("--strict", is_flag=True, help="Refuse when a venue cannot be read.")
@click.option("--timeout", "timeout_s", default=10.0, show_default=True, help="Seconds a venue may take.")
@click.option(
    "--backfill",
    metavar="DATE",
    help="Make snapshots from DATE up to the first one, out of the venues' histories.",
)
@click.pass_obj
def command(  # one parameter an option
    world: World,
    as_json: bool,
    no_commit: bool,
    note: str,
    strict: bool,
    timeout_s: float,
    backfill: str | None,
) -> int:
    """Ask every venue and record NAV, cash, positions and P&L in snapshots/, as one commit.

    A venue that cannot be read is left out and named; with none readable nothing is written
    and the exit code is 1. Your index, staged work and other files are not touched.
    """
    from git_qoc.tasks.desk import open_desk
    from git_qoc.tasks.snapshot import Options, take

    if not timeout_s > 0:
        raise UsageError("--timeout: expected seconds greater than zero.")
    options = Options(not no_commit, strict, note, timeout_s)
    desk = open_desk(world.cwd)
    if backfill is not None:
        return _backfill(world, desk, backfill, options)
    taken = take(desk, world.clock, world.environ, options)
    for line in taken.warnings:
        warn(line)
    if as_json:
        say(to_json({"path": taken.path, "commit": taken.commit, "snapshot": taken.snapshot}))
    else:
        from git_qoc.cli.snapshot_text import headline

        say(headline(taken.snapshot))
        say(f"{taken.path}" + (f" (commit {taken.commit[:10]})" if taken.commit else " (not committed)"))
    return 0


def _backfill(world: World, desk, text: str, options) -> int:  # type: ignore[no-untyped-def]
    from git_qoc.tasks.backfill import backfill
    from git_qoc.tasks.instants import daily

    try:
        start = datetime.fromisoformat(text).date()
        if start.year < FIRST_YEAR:
            raise ValueError
    except ValueError:
        raise UsageError(f'--backfill: expected a date such as 2026-01-31, found "{text}".') from None
    instants = daily(desk.config, start, world.clock())
    watch = partial(progress, "back-filling")
    done = backfill(desk, instants, world.clock, world.environ, options, watch)
    for name in done.silent:
        warn(f"{name}: its venue has no history, so it is missing from these snapshots")
    say(f"back-filled {len(done.written)} snapshots: {done.written[0]} … {done.written[-1]}")
    return 0
