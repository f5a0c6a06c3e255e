"""`git qoc log`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, table, to_json, warn
from git_qoc.money import shown
from git_qoc.snapshots.toml import timestamp_text


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--reverse", is_flag=True, help="Oldest first.")
@click.option("-n", "limit", type=click.IntRange(min=1), metavar="N", help="Only the N newest.")
@click.pass_obj
def command(world: World, as_json: bool, reverse: bool, limit: int | None) -> int:
    """The snapshots of HEAD, newest first: time, NAV, change, flows and the commit.

    The change is the difference in NAV to the snapshot before, deposits and withdrawals
    included; the flows are printed beside it where they were recorded.
    """
    from git_qoc.tasks.log import log

    lines, faults = log(world.cwd)
    for fault in faults:
        warn(fault)
    chosen = lines if limit is None else lines[-limit:]
    ordered = chosen if reverse else chosen[::-1]
    if as_json:
        say(to_json(ordered))
        return 0
    if not lines:
        say("There is no snapshot yet. Take one with `git qoc snapshot`.")
        return 0
    rows = [
        (
            timestamp_text(line.timestamp),
            shown(line.nav_usd),
            f"{line.change_usd:+,.2f}" if line.change_usd is not None else "",
            shown(line.net_flow_usd),
            (line.commit or "")[:10],
            line.note,
        )
        for line in ordered
    ]
    say(table(rows, ("time", "NAV USD", "change", "flows", "commit", ""), right=(1, 2, 3)))
    return 0
