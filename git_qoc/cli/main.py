"""The `git qoc` group. A subcommand's module is imported when that subcommand runs."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from typing import Any

import click

from git_qoc import __version__
from git_qoc.cli.context import World
from git_qoc.errors import EXIT_INTERRUPT, EXIT_USAGE, UsageError

# Short helps stand here, because asking a command for its own would import it.
COMMANDS = {
    "init": "Make or adopt a repository as a desk.",
    "connect": "Write a venue into desk.toml; never a credential.",
    "status": "Health of every venue, and what can be spent.",
    "snapshot": "Capture NAV, cash, positions and P&L as a commit.",
    "log": "The snapshots: time, NAV, change, commit.",
    "sync": "Fetch, replay own unpushed snapshots, push.",
    "verify": "Is the record append-only, do its numbers hold together?",
    "diff": "Why the NAV changed between two snapshots.",
    "show": "A snapshot, its commit, and why the NAV changed.",
    "blame": "Which snapshots made the P&L of a symbol.",
    "textconv": "Print a snapshot line by line, for git diff.",
    "run": "Run a task: retrospective, benchmark.",
    "check": "Refuse a credential, a broken desk, a rewritten record.",
    "ci": "Publish the retrospective on every push.",
    "venues": "The venues: types, order types, what each can do and needs.",
    "paper": "Deposit to and trade on a paper account.",
    "exchange": "Serve Alpaca's API on this machine, to test on.",
    "demo": "Make a desk with a year of history to look at.",
    "setup": "Install git drivers, completions and the man page.",
    "help": "Show the help of a command.",
}


class Commands(click.Group):
    """Loads `git_qoc.cli.NAME:command` on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"git_qoc.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else " See `git qoc -h`."
            raise UsageError(f'git qoc: "{args[0]}" is not a git-qoc command.{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`git qoc COMMAND -h` tells more. Exit codes: 0 done, 1 a negative answer, 128 fatal, 129 usage.",
)
@click.version_option(__version__, prog_name="git-qoc", message="%(prog)s %(version)s")
def group() -> None:
    """The books of a trading desk, kept in git.

    A desk is a git repository: `git qoc init` makes one, `git qoc connect` adds venues,
    `git qoc snapshot` records the balance sheet as a commit, and `git qoc run retrospective`
    reads performance back from those commits.
    """


def run(args: list[str], world: World | None = None) -> int:
    """Run one command line; returns the exit code. Errors of ours pass through."""
    try:
        code: Any = group.main(args, prog_name="git qoc", standalone_mode=False, obj=world or World())
    except click.exceptions.NoArgsIsHelpError as exc:
        exc.show()
        return EXIT_USAGE
    except click.ClickException as exc:
        exc.show(sys.stderr)
        return EXIT_USAGE
    except click.exceptions.Abort:
        return EXIT_INTERRUPT
    return code if isinstance(code, int) else 0
