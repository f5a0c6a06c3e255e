"""`git qoc sync`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn
from git_qoc.errors import UsageError

if TYPE_CHECKING:
    from git_qoc.history.clones.sync import Synced


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("remote", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.option("--no-push", is_flag=True, help="Fetch and take over what came, and push nothing.")
@click.option("--dry-run", is_flag=True, help="Fetch, and tell what would be done.")
@click.option(
    "--timeout", "timeout_s", default=60.0, show_default=True, help="Seconds for each step over the network."
)
@click.pass_obj
def command(
    world: World, remote: str | None, as_json: bool, no_push: bool, dry_run: bool, timeout_s: float
) -> int:
    """Bring this clone and the branch its clones share together: fetch, take over, push.

    Your unpushed snapshot commits are made again on top of what others pushed; a snapshot's
    file stays as it is. A commit that was pushed, or that is no snapshot, is never made again:
    when one is in the way nothing is changed and the exit code is 1. Your index and edited
    files are kept. Without REMOTE it is the branch's upstream, or the only remote.
    """
    from git_qoc.history.clones.sync import Options
    from git_qoc.tasks.sync import sync

    if not timeout_s > 0:
        raise UsageError("--timeout: expected seconds greater than zero.")
    done = sync(world.cwd, remote, Options(not no_push, dry_run, timeout_s))
    for line in done.warnings:
        warn(line)
    if as_json:
        say(to_json({"dry_run": dry_run, "synced": done}))
        return 0
    say(_line(done, dry_run))
    for one in done.replayed:
        if one.was:
            talk(f"{one.was} is in the record with another content, by another clone; ours is {one.path}")
    for other in done.others or ():
        talk(f"{'pushed' if done.pushed and not dry_run else 'to push'}, not a snapshot: {other}")
    if done.follows:
        talk(f"{done.branch} {'would follow' if dry_run else 'now follows'} {done.remote}")
    return 0


def _line(done: Synced, dry_run: bool) -> str:
    again = sum(one.new is not None for one in done.replayed)
    dropped = len(done.replayed) - again
    parts = [f"{'take over' if dry_run else 'fetched'} {done.fetched}"] if done.fetched else []
    parts += [f"{'replay' if dry_run else 'replayed'} {again} of ours"] if again else []
    parts += [f"{'drop' if dry_run else 'dropped'} {dropped} that the remote has"] if dropped else []
    if done.pushed:
        parts.append(f"{'push' if dry_run else 'pushed'} {_commits(len(done.pushed))} to {done.remote}")
    elif done.waiting:
        parts.append(
            f"{'leave ' if dry_run else ''}{_commits(len(done.waiting))} not pushed to {done.remote}"
        )
    if not parts:
        return f"{done.branch} and {done.remote} are the same"
    if not done.waiting:
        parts[-1] += f" from {done.remote}"
    return ("would " if dry_run else "") + ", ".join(parts)


def _commits(count: int) -> str:
    return f"{count} commit" if count == 1 else f"{count} commits"
