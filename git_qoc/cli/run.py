"""`git qoc run`"""

from __future__ import annotations

from pathlib import Path

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, warn

HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=HELP)
def command() -> None:
    """Run a task."""


@command.command(context_settings=HELP)
@click.option("--since", metavar="DATE", help="First day of the report.")
@click.option("--until", metavar="DATE", help="Last day of the report.")
@click.option("--live-only", is_flag=True, help="Leave back-filled snapshots out.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON; write and commit nothing.")
@click.option(
    "--output", metavar="F", type=click.Path(path_type=Path), help="Write the report to F, uncommitted."
)
@click.option("--no-commit", is_flag=True, help="Write the report and leave the commit to you.")
@click.pass_obj
def retrospective(  # one parameter an option
    world: World,
    since: str | None,
    until: str | None,
    live_only: bool,
    as_json: bool,
    output: Path | None,
    no_commit: bool,
) -> int:
    """Daily returns, drawdown, Sharpe ratio and win rate, from the snapshot commits of HEAD.

    Writes research/retrospective.md and research/retrospective.json and commits those two.
    The same history gives the same bytes; your notes in the report are kept.
    """
    from git_qoc.tasks.retrospective import Options, run

    done = run(world.cwd, Options(since, until, live_only, as_json, output, not no_commit))
    for line in done.warnings:
        warn(line)
    if as_json:
        say(done.json_text.rstrip("\n"))
        return 0
    say(done.summary)
    for path in done.written:
        talk(f"wrote {path}")
    if done.commit:
        talk(f"commit {done.commit[:10]}")
    elif not done.written:
        talk("the report in the record says the same; nothing was written")
    return 0
