"""`git qoc venues`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import page, to_json


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--markdown", is_flag=True, help="Print as a table in markdown.")
@click.pass_obj
def command(world: World, as_json: bool, markdown: bool) -> int:
    """The venues that a connector can be at: types, order types, what each can do and needs.

    A star marks the venue of a type that `git qoc connect TYPE` takes without --venue. Venues
    of installed plug-ins (entry points of the group git_qoc.venues) are listed too. Nothing is
    asked of any venue.
    """
    from git_qoc.cli.venues_text import as_dicts, as_markdown, as_text
    from git_qoc.tasks.venues import list_venues

    rows = list_venues()
    page(to_json(as_dicts(rows)) if as_json else as_markdown(rows) if markdown else as_text(rows), world)
    return 0
