"""`git qoc init`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path())
@click.pass_obj
def command(world: World, folder: str | None) -> int:
    """Make DIR (this folder by default) a desk, in its repository or in a new one.

    Writes desk.toml, .gitattributes, .pre-commit-config.yaml, snapshots/ and research/ and
    commits them. A file that is there already is kept as it is; in a desk nothing changes.
    """
    from git_qoc.tasks.init import init

    made = init(world.cwd / folder if folder else world.cwd)
    if made.already:
        say(f"{made.folder} is a desk already; nothing was changed.")
        return 0
    say(f"{made.folder} is a desk now: {', '.join(made.written)}.")
    for name in made.kept:
        talk(f"kept your {name} as it is; the README shows what git-qoc would have written.")
    talk("Next: git qoc connect equities --name main-equities --env-prefix EQ_")
    talk("Also: git qoc setup --hooks, so that no credential and no rewritten record gets in;")
    talk("and git qoc setup, for readable diffs, merges of desk.toml by connector, and completion.")
    return 0
