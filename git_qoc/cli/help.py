"""`git qoc help [COMMAND]`: works where git finds no man page."""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.main import run


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_obj
def command(world: World, name: str | None) -> int:
    """Show the help of COMMAND, or of git qoc."""
    return run([name, "-h"] if name else ["-h"], world)
