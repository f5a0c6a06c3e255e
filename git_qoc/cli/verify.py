"""`git qoc verify`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn

if TYPE_CHECKING:
    from git_qoc.tasks.verify import Verified


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("revisions", nargs=-1, metavar="[RANGE]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings and counts as JSON.")
@click.option("--every-commit", is_flag=True, help="Compare every commit's tree, however long it takes.")
@click.option("--require-signed", is_flag=True, help="Demand a good signature of every snapshot commit.")
@click.option("--whole", is_flag=True, help="Refuse a shallow clone, whose older commits are not there.")
@click.pass_obj
def command(world: World, /, *, revisions: tuple[str, ...], as_json: bool, **options: bool) -> int:
    """Is the record append-only, and do its numbers hold together?

    Finds snapshots that were edited, deleted or renamed, merges that tell one period twice,
    commits that hold something else than their trailers say, numbers that do not add up, and
    P&L that does not lead from one NAV to the next. With RANGE (A..B, as git rev-list takes
    it) only what those commits did is told. Exit code 1 when there is a finding.
    """
    from git_qoc.tasks.verify import Options, verify

    done = verify(world.cwd, Options(" ".join(revisions), **options))
    if as_json:
        say(to_json(done))
        return 1 if done.findings else 0
    for finding in done.findings:
        at = f":{finding.line}" if finding.line else ""
        say(f"{finding.path}{at}: {finding.message}.".replace("\n", "\\n"))
    for sentence in done.not_verified:
        warn(sentence)
    if done.findings:
        talk(f"{_read(done)}: {_count(len(done.findings), 'finding')}")
    else:
        say(_clean(done))
    return 1 if done.findings else 0


def _clean(done: Verified) -> str:
    if not done.commits and not done.snapshots:
        return "There is no snapshot in these commits, so there was nothing to verify."
    links = f", and P&L leads from NAV to NAV over {_count(done.links, 'link')}" if done.links else ""
    between = ", " if links else " and "
    return f"{_read(done)}: each is as it was recorded{between}its numbers add up{links}."


def _read(done: Verified) -> str:
    moved = f", {done.moved:,} moved to another folder" if done.moved else ""
    return f"{_count(done.snapshots, 'snapshot')} in {_count(done.commits, 'commit')}{moved}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
