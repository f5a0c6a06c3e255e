"""`git qoc check`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from git_qoc.cli.check_text import advice, counted, told
from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn
from git_qoc.errors import UsageError

if TYPE_CHECKING:
    from git_qoc.tasks.brought import Ranged

NAMES = ("credentials", "desk", "snapshots", "orders")
NOTHING = "No file of a desk is there to check."
NOTHING_STAGED = "No file of a desk is staged; git qoc check --all looks at every one."


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("args", nargs=-1, metavar="[credentials|desk|snapshots|orders] [FILE…]")
@click.option("--all", "everything", is_flag=True, help="Check every file of the desks in the index.")
@click.option(
    "--history",
    is_flag=False,
    flag_value="HEAD",
    metavar="[RANGE]",
    help="Check everything that the commits of RANGE brought in (HEAD: all of history); the form for CI.",
)
@click.option("--list-allowed", is_flag=True, help="List the false alarms that a comment allows.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def command(
    world: World,
    *,
    args: tuple[str, ...],
    everything: bool,
    history: str | None,
    list_allowed: bool,
    form: str,
    as_json: bool,
) -> int:
    """Refuse a credential, a broken desk.toml, a rewritten record, an order gone wrong.

    \b
    credentials  no secret in desk.toml, snapshots/, orders/ or research/
    desk         desk.toml has its schema, and no connector changes its type
    snapshots    append-only, readable, named by their time, and their numbers add up
    orders       one file for an order, which only moves forward

    Checks what is staged, not the work tree; or --all; or the FILEs; or the commits of --history
    RANGE. All checks run when none is named. A false alarm on a random-looking text is allowed
    by a comment on its line, "# qoc: allow REASON"; what a venue issued never is. Exit code 1
    when there is a fault.
    """
    named = args[:1] if args and args[0] in NAMES else ()
    files = [world.cwd / Path(arg) for arg in args[len(named) :]]
    if bool(files) + everything + (history is not None) > 1:
        raise UsageError("give FILEs, --all or --history, not two of them.")
    done = _run(world, named or NAMES, files, history, everything=everything or list_allowed)
    if list_allowed:
        return _allowed(done, as_json=as_json or form == "json")
    if form == "sarif" and not as_json:
        from git_qoc.cli.sarif import log

        say(log(done.found))
    elif as_json or form == "json":
        say(to_json([{**one.fault._asdict(), "commits": one.commits} for one in done.found]))
    staged = not (files or everything or history)
    _talk(done, quiet=form != "text" or as_json, nothing=NOTHING_STAGED if staged else NOTHING)
    return 1 if done.found else 0


def _run(
    world: World, names: tuple[str, ...], files: list[Path], history: str | None, *, everything: bool
) -> Ranged:
    from git_qoc.tasks.check import check_files, check_history, check_index, is_all_files, pre_commit_range

    revisions = history or pre_commit_range(world.environ)
    if files:
        return check_files(names, files, world.cwd)
    if revisions and not everything:
        return check_history(names, revisions, world.cwd)
    done = check_index(names, world.cwd, everything=everything)
    if not done.files and not done.found and is_all_files(world.environ):
        return check_index(names, world.cwd, everything=True)
    return done


def _talk(done: Ranged, *, quiet: bool, nothing: str) -> None:
    for one in done.found if not quiet else ():
        talk(told(one).replace("\n", "\\n"))
    for sentence in done.warnings:
        warn(sentence)
    first = advice(done.found)
    if first and not quiet:
        talk(first)
    looked = f"{counted(done.files, 'file')} of a desk"
    if done.commits:
        looked += f" in {counted(done.commits, 'commit')}"
    if not done.found and not quiet:
        talk(f"{looked}: no fault." if done.files else nothing)


def _allowed(done: Ranged, *, as_json: bool) -> int:
    if as_json:
        say(to_json(done.allowed))
        return 0
    for one in done.allowed:
        say(f"{one.path}:{one.line}:{one.column}: {one.reason}".replace("\n", "\\n"))
    if not done.allowed:
        talk("No comment allows anything.")
    return 0
