"""What can be completed: static lists of the real commands and options, for bash, zsh and fish.

Nothing of git-qoc runs while somebody types. The names of connectors are read from desk.toml by
the shell itself, and only those that are made of letters, digits, dots, dashes and underscores:
a cloned desk must not get anything else into a command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from git_qoc.model import VenueType

WORDS: Mapping[str, tuple[str, ...]] = {
    "connect": tuple(VenueType),
    "check": ("credentials", "desk"),
    "status --snapshot": ("latest",),
}
"""What may stand behind a command, or behind an option of it."""
NAMED = (
    "paper deposit",
    "paper withdraw",
    "paper buy",
    "paper sell",
    "paper orders",
    "paper cancel",
    "paper transfer",
)
"""Behind these commands stands a connector's name."""


@dataclass(frozen=True, slots=True)
class Option:
    names: tuple[str, ...]
    help: str
    takes_value: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A command; `path` is "" for git-qoc itself, "paper deposit" for one below paper.

    `commands` are those directly below, each with its help in a line.
    """

    path: str
    options: tuple[Option, ...]
    commands: tuple[tuple[str, str], ...]

    @property
    def words(self) -> tuple[str, ...]:
        return WORDS.get(self.path, ())

    @property
    def named(self) -> bool:
        return self.path in NAMED


def walk(command: click.Command, path: str = "") -> Iterator[Node]:
    """The command and all below it, depth first."""
    context = click.Context(command, info_name=path, help_option_names=["-h", "--help"])
    below: list[tuple[str, click.Command]] = []
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                below.append((name, found))
    options = tuple(
        Option((*param.opts, *param.secondary_opts), param.help or "", not param.is_flag and not param.count)
        for param in command.get_params(context)
        if isinstance(param, click.Option) and not param.hidden
    )
    commands = tuple((name, _help(name, found, path)) for name, found in below)
    yield Node(path, options, commands)
    for name, found in below:
        yield from walk(found, f"{path} {name}".strip())


def _help(name: str, command: click.Command, above: str) -> str:
    from git_qoc.cli.main import COMMANDS

    known = COMMANDS.get(name) if not above else None
    return (known or command.get_short_help_str(200)).rstrip(".")
