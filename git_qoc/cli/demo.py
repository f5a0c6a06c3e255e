"""`git qoc demo`"""

from __future__ import annotations

from pathlib import Path

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import progress, say


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def command(world: World, folder: Path) -> int:
    """Make a desk in DIR with three paper venues and a year of snapshots at real closes.

    The data ends in July 2017 and so does the demo's clock; nothing is asked of any network.
    """
    from git_qoc.cli.snapshot_text import tables
    from git_qoc.tasks.demo import make

    demo = make(world.cwd / folder, lambda done, total: progress("back-filling", done, total))
    say(f"{demo.folder}: {demo.snapshots} snapshots, each a commit. The last one:\n")
    say(tables(demo.live.snapshot))
    say(f"\nThe retrospective (research/retrospective.md):\n\n{demo.report.summary}")
    say(
        f"""
What to type next:
  cd {folder}
  git qoc log -n 5                          the newest snapshots
  git qoc status --snapshot latest          the last balance sheet
  git log --oneline -5 -- snapshots/        the same record, with plain git
  git log --format='%(trailers:key=Qoc-Nav-Usd,valueonly,separator=)' -- snapshots/
  git diff HEAD~20 HEAD -- snapshots/ | less
  less research/retrospective.md"""
    )
    return 0
