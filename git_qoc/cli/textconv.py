"""`git qoc textconv`: the help, and a FILE that begins with a dash; entry.py goes around it."""

from __future__ import annotations

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file")
def command(file: str) -> int:
    """Print a snapshot file with one fact a line, so that `git diff` of two snapshots reads well.

    `git qoc setup` makes git call this for the snapshots of a desk.

    The times of single rows are left out, because every snapshot changes them; `git diff
    --no-textconv` shows the files themselves. A file that is no snapshot is printed as it is.
    """
    from git_qoc.cli.driver import print_lines

    return print_lines(file)
