"""`git qoc run`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from git_qoc.cli.benchmark import benchmark
from git_qoc.cli.context import World
from git_qoc.cli.output import page, say, talk, warn

HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=HELP)
def command() -> None:
    """Run a task."""


command.add_command(benchmark)


@command.command(context_settings=HELP)
@click.option("--since", metavar="WHEN", help="From 2026-01-31, 2026-01, 30d, 6m, 1y or a revision on.")
@click.option("--until", metavar="WHEN", help="Up to and with it.")
@click.option("--connector", metavar="NAME", help="Of this connector alone.")
@click.option("--symbol", metavar="SYMBOL", help="Of the position in this symbol alone.")
@click.option("--benchmark", metavar="X", help="Beside a symbol's closes, or those of a CSV file.")
@click.option("--live-only", is_flag=True, help="Leave back-filled snapshots out.")
@click.option("--compare", type=click.Choice(["previous"]), help="With the period of equal length before.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON; write and commit nothing.")
@click.option("--print", "whole", is_flag=True, help="Print the report; write and commit nothing.")
@click.option(
    "--output", metavar="F", type=click.Path(path_type=Path), help="Write the report to F, uncommitted."
)
@click.option(
    "--html",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write the report as a page into DIR, with an index of all in it, uncommitted.",
)
@click.option("--no-commit", is_flag=True, help="Write the report and leave the commit to you.")
@click.pass_obj
def retrospective(world: World, /, **given: Any) -> int:
    """Daily returns, drawdown, Sharpe ratio and win rate, from the snapshot commits of HEAD.

    Writes research/retrospective.md, retrospective.json, retrospective-badge.svg and, with the
    extra git-qoc[charts], pictures beside them, and commits those. The same history gives the
    same bytes; your notes in the report are kept. The capital is
    the last complete snapshot before --since; 30d is counted back from the newest snapshot.
    A report of a part of the record (--since, --connector …) has a file of its own.
    """
    from git_qoc.tasks.chosen import Asked
    from git_qoc.tasks.retrospective import Options, run

    ways = {"as_json": "--json", "whole": "--print", "output": "--output", "html": "--html"}
    taken = [option for name, option in ways.items() if given[name]]
    if len(taken) > 1:
        raise click.UsageError(f"{' and '.join(taken)} are different ways to take one report. Take one.")
    parts = ("since", "until", "connector", "symbol", "benchmark", "live_only")
    options = Options(
        asked=Asked(**{name: given[name] for name in parts}),
        compare=given["compare"] is not None,
        print_only=given["as_json"] or given["whole"],
        output=given["output"],
        html=given["html"],
        commit=not given["no_commit"],
    )
    done = run(world.cwd, options)
    for line in done.warnings:
        warn(line)
    if given["as_json"]:
        say(done.json_text.rstrip("\n"))
        return 0
    if given["whole"]:
        page(done.markdown.rstrip("\n"), world)
        return 0
    say(done.summary)
    for path in done.written:
        talk(f"wrote {path}")
    if done.commit:
        talk(f"commit {done.commit[:10]}")
    elif not done.written:
        talk("the report in the record says the same; nothing was written")
    return 0
