"""`git qoc status`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, say, to_json, warn
from git_qoc.errors import UsageError


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option(
    "--snapshot",
    "which",
    metavar="latest|REV|TIMESTAMP",
    help="Print a committed snapshot instead of asking the venues.",
)
@click.option(
    "--credentials",
    is_flag=True,
    help="Tell where each credential is kept and whether it is there; asks no venue.",
)
@click.option("--timeout", "timeout_s", default=10.0, show_default=True, help="Seconds a venue may take.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a connector is DEGRADED.")
@click.pass_obj
def command(  # one parameter an option
    world: World, as_json: bool, which: str | None, credentials: bool, timeout_s: float, exit_code: bool
) -> int:
    """Ask every venue: health, last quote, NAV, cash, and what can be spent.

    A venue that cannot be read is DEGRADED, with the reason; its figures are absent, never
    zero, and are in no sum. With --credentials the exit code is 1 when one of an enabled
    connector is not there.
    """
    if not timeout_s > 0:
        raise UsageError("--timeout: expected seconds greater than zero.")
    if credentials and which is not None:
        raise UsageError("give --credentials or --snapshot, not both.")
    if credentials:
        return _credentials(world, as_json, timeout_s)
    if which is not None:
        return _snapshot(world, which, as_json)
    from git_qoc.cli.status_text import as_dict, as_text
    from git_qoc.tasks.status import status

    uta = status(world.cwd, world.clock, world.environ, timeout_s)
    say(to_json(as_dict(uta)) if as_json else as_text(uta, world.clock()))
    return 1 if exit_code and uta.degraded else 0


def _credentials(world: World, as_json: bool, timeout_s: float) -> int:
    from git_qoc.cli.credentials_text import as_text
    from git_qoc.tasks.credentials import credentials

    rows = credentials(world.cwd, world.environ, timeout_s)
    say(to_json(rows) if as_json else as_text(rows))
    return 1 if any(row.enabled and row.resolves is False for row in rows) else 0


def _snapshot(world: World, which: str, as_json: bool) -> int:
    from git_qoc.cli.snapshot_text import tables
    from git_qoc.tasks.show import find_snapshot

    found = find_snapshot(world.cwd, which)
    for line in found.warnings:
        warn(line)
    shape = {"path": found.path, "snapshot": found.snapshot}
    page(to_json(shape) if as_json else tables(found.snapshot), world)
    return 0
