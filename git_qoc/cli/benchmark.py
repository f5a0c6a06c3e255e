"""`git qoc run benchmark`"""

from __future__ import annotations

from typing import Any

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn
from git_qoc.errors import UsageError


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("symbol", required=False)
@click.option("--connector", metavar="NAME", help="Who is asked; the first that tells closes otherwise.")
@click.option("--since", metavar="DATE", help="From 2026-01-31, 1y, … on; else from the first snapshot on.")
@click.option("--refresh", is_flag=True, help="Take all closes anew, also those that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.option("--no-commit", is_flag=True, help="Write the file and leave the commit to you.")
@click.option("--timeout", "timeout_s", default=10.0, show_default=True, help="Seconds the venue may take.")
@click.pass_obj
def benchmark(world: World, /, **given: Any) -> int:
    """Fetch SYMBOL's daily closes into research/benchmarks/, as one commit.

    Without SYMBOL those of the benchmark in desk.toml. Days that are over are added. When the venue
    tells another close for a date that is there, as after a split or a dividend, nothing is
    written and the exit code is 1: --refresh takes the whole series anew. Reports read the file
    from the record and ask no venue.
    """
    from git_qoc.tasks.benchmark import Options, fetch
    from git_qoc.tasks.desk import open_desk

    as_json, commit = given.pop("as_json"), not given.pop("no_commit")
    options = Options(commit=commit, **given)
    if not options.timeout_s > 0:
        raise UsageError("--timeout: expected seconds greater than zero.")
    done = fetch(open_desk(world.cwd), world.clock, world.environ, options)
    for line in done.warnings:
        warn(line)
    if as_json:
        say(to_json(done))
        return 0
    say(
        f"{done.symbol}: {done.closes} daily closes, {done.first} to {done.last}, {done.added} of them new, "
        f"from {done.connector} ({done.venue})"
    )
    if not done.written:
        talk("the record has the same closes; nothing was written")
    elif done.commit:
        talk(f"wrote {done.path} (commit {done.commit[:10]})")
    else:
        talk(f"wrote {done.path} (not committed)")
    return 0
