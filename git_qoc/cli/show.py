"""`git qoc show`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, painter, to_json, warn
from git_qoc.cli.paint import joined, with_signs

if TYPE_CHECKING:
    from git_qoc.cli.paint import Paint, Painted
    from git_qoc.tasks.commit import Commit


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rev", default="HEAD", metavar="[REV]")
@click.option("--all", "everything", is_flag=True, help="Every symbol, mark and fill, not only 10 of each.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def command(world: World, rev: str, everything: bool, as_json: bool) -> int:
    """A snapshot: its commit, its note, its tables, and why the NAV changed since the one before.

    REV is a commit: the snapshot that it recorded, else the newest of its tree. Or latest, a
    timestamp, a path or a file name. Default: HEAD.
    """
    from git_qoc.cli import bridge_text, snapshot_text
    from git_qoc.tasks.inspect import inspect

    seen = inspect(world.cwd, rev)
    for line in (*seen.warnings, *(seen.diff.faults if seen.diff else ())):
        warn(line)
    bridge = seen.diff.bridge if seen.diff else None
    if as_json:
        since = bridge_text.as_dict(bridge) if bridge else None
        values = {"path": seen.path, "commit": seen.commit, "snapshot": seen.snapshot, "bridge": since}
        page(to_json(values), world)
        return 0
    paint = painter(world)
    blocks = [
        _painted(_header(seen.commit, seen.path), paint),
        snapshot_text.tables(seen.snapshot, everything=everything),
    ]
    if bridge:
        told = f"{bridge_text.headline(bridge)}\n\n{bridge_text.tables(bridge, everything=everything)}"
        blocks.append(with_signs(f"since the snapshot before:\n{told}", paint))
    else:
        blocks.append("It is the first snapshot: there is none before it.")
    page(joined("\n\n", blocks), world)
    return 0


def _painted(header: Iterator[str], paint: Paint) -> Painted:
    return joined("\n", (paint("commit", line) if line.startswith("commit ") else line for line in header))


def _header(commit: Commit | None, path: str) -> Iterator[str]:
    """As `git show` has it."""
    if commit is None:
        yield "commit not known: the history that is here is cut. Fetch the rest: git fetch --unshallow"
    else:
        yield f"commit {commit.id}"
        if commit.signature is not None:
            yield f"Signed: {commit.signature}"
        yield f"Author: {commit.author}"
        yield f"Date:   {commit.date:%Y-%m-%dT%H:%M:%SZ}" if commit.date else "Date:   n/a"
    yield f"File:   {path}"
    if commit is not None and commit.note:
        yield ""
        yield from (f"    {line}".rstrip() for line in commit.note.splitlines())
