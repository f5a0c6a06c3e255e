"""`git qoc check`"""

from __future__ import annotations

from pathlib import Path

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json
from git_qoc.errors import UsageError

NAMES = ("credentials", "desk")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("args", nargs=-1, metavar="[credentials|desk] [FILE…]")
@click.option("--history", metavar="RANGE", help="Check every version that the commits of RANGE brought in.")
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
@click.pass_obj
def command(world: World, args: tuple[str, ...], history: str | None, as_json: bool) -> int:
    """Refuse a literal credential in desk.toml (credentials) or a broken desk.toml (desk).

    Checks what is staged, not the work tree; or the FILEs; or every version in --history RANGE.
    All checks run when none is named. Exit code 1 when there is a fault.
    """
    from git_qoc.tasks.check import check_files, check_history, check_staged

    names = (args[0],) if args and args[0] in NAMES else NAMES
    files = [world.cwd / Path(arg) for arg in (args[1:] if args and args[0] in NAMES else args)]
    if files and history:
        raise UsageError("give FILEs or --history, not both.")
    if files:
        faults = check_files(names, files, world.cwd)
    elif history:
        faults = check_history(names, history, world.cwd)
    else:
        faults = check_staged(names, world.cwd)
    if as_json:
        say(to_json(faults))
    else:
        for fault in faults:
            talk(str(fault))
    return 1 if faults else 0
