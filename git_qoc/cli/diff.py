"""`git qoc diff`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, painter, to_json, warn
from git_qoc.cli.paint import with_signs


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[A [B]]")
@click.option("--all", "everything", is_flag=True, help="Every symbol and mark, not only the 10 largest.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def command(world: World, names: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Why the NAV changed from snapshot A to snapshot B.

    NAV A + flows + realized + change of unrealized + other = NAV B: in total, by connector and
    by symbol; then positions opened, closed and resized, marks moved, cash. What is not known
    is n/a with the reason; an account that was not read is named, and is no loss.

    A and B are latest, a timestamp, a revision (the newest snapshot of its tree), a path or a
    file name; A..B is the same. Without B it is the newest snapshot, without A the one before.
    """
    from git_qoc.cli.bridge_text import as_dict, headline, tables
    from git_qoc.tasks.diff import diff

    found = diff(world.cwd, names)
    for fault in found.faults:
        warn(fault)
    if as_json:
        ends = {"opening_path": found.opening, "closing_path": found.closing}
        page(to_json({**ends, **as_dict(found.bridge)}), world)
        return 0
    text = f"{headline(found.bridge)}\n\n{tables(found.bridge, everything=everything)}"
    page(with_signs(text, painter(world)), world)
    return 0
