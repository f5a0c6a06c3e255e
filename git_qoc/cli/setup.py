"""`git qoc setup`"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn
from git_qoc.errors import UsageError

if TYPE_CHECKING:
    from git_qoc.tasks.setup import Step

CHANGES = ("installed", "updated", "replaced", "removed")
HINTS = {
    "bash completion": "bash: works with the bash-completion package; without it, source {} from ~/.bashrc",
    "zsh completion": "zsh: put the folder of {} into fpath before compinit",
    "post-receive hook": "post-receive publishes nothing until a folder is named, such as one that a web "
    "server shows: git config qoc.publishDir /srv/www/desk",
    "man page": "man: finds {} when ~/.local/bin is on PATH; else put ~/.local/share/man: into MANPATH",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--local", is_flag=True, help="For this desk's repository; the default.")
@click.option("--global", "everywhere", is_flag=True, help="For every repository of yours.")
@click.option("--hooks", is_flag=True, help="Install the hooks that refuse a credential, and nothing else.")
@click.option("--remove", is_flag=True, help="Take back what setup made, and nothing else.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace a value or file of yours that stands in the way; with --hooks, also chain a hook "
    "that reads its own name.",
)
@click.option("--print", "dry", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
@click.pass_obj
def command(world: World, /, *, remove: bool, force: bool, dry: bool, as_json: bool, **where: bool) -> int:
    """Install what makes git and the shell know a desk.

    A diff driver shows snapshots as a person reads them, a merge driver merges desk.toml by
    connector, attributes choose them where .gitattributes does not; completions for bash, zsh
    and fish; the man page. Run it again at any time. What is yours is kept and named: then, and
    when something could not be done, the exit code is 1.

    With --hooks, in any repository, the hooks that refuse a credential: at commit, merge, apply
    and push, in a bare one at what is pushed to it, and there the one that publishes the report
    into the folder of git config qoc.publishDir. A hook of yours is kept and runs after ours;
    --remove puts it back.
    """
    from git_qoc.tasks.setup import Request, setup

    everywhere, hooks = where["everywhere"], where["hooks"]
    if everywhere and (hooks or where["local"]):
        raise UsageError(f"give --global or {'--hooks' if hooks else '--local'}, not both.")
    if force and remove:
        raise UsageError("--remove takes nothing of yours; it has no --force.")
    if hooks:
        from git_qoc.tasks.setup_hooks import setup_hooks, shims

        steps = setup_hooks(world.cwd, shims(), remove=remove, force=force, dry=dry)
    else:
        steps = setup(world.cwd, world.environ, Request(everywhere, remove, dry, force, _completions()))
    if as_json:
        say(to_json(steps))
    else:
        for step in steps:
            say(line(step, dry=dry))
    if dry:
        talk("Nothing was written.")
    elif not remove:
        _advise(world, steps, hooks=hooks)
    if not hooks and not everywhere:
        _tell_of_hooks(world, remove=remove)
    return 0 if all(step.good for step in steps) else 1


def _advise(world: World, steps: list[Step], *, hooks: bool) -> None:
    for step in steps:
        if step.state == "installed" and step.what in HINTS:
            talk(HINTS[step.what].format(step.where))
    if shutil.which("git-qoc", path=world.environ.get("PATH")) is None:
        without = "the hooks refuse" if hooks else "git cannot diff snapshots and merges desk.toml by lines"
        warn(f"git-qoc is not on PATH: until it is, {without}")


def _tell_of_hooks(world: World, *, remove: bool) -> None:
    from git_qoc.tasks.setup_hooks import setup_hooks, shims

    steps = setup_hooks(world.cwd, shims(), remove=remove, dry=True)
    if remove and any(step.state == "removed" for step in steps):
        talk("The hooks stay; to take them away too: git qoc setup --hooks --remove")
    elif not remove and any(step.state != "present" for step in steps):
        talk("Not here yet, hooks that refuse a credential at commit, merge and push: git qoc setup --hooks")


def line(step: Step, *, dry: bool) -> str:
    """What was done, or would be: then with the value, for who prefers to write it by hand."""
    note = f" ({step.note})" if step.note else ""
    value = f" = {step.value}" if dry and step.value else ""
    state = f"to be {step.state}" if dry and step.state in CHANGES else step.state
    return f"{state:<{15 if dry else 9}} {step.where}: {step.what}{value}{note}"


def _completions() -> dict[str, str]:
    """The script by shell: bash, zsh, fish."""
    from git_qoc.cli import completion_bash, completion_fish, completion_zsh
    from git_qoc.cli.completion import walk
    from git_qoc.cli.main import group

    nodes = list(walk(group))
    return {
        "bash": completion_bash.script(nodes),
        "zsh": completion_zsh.script(nodes),
        "fish": completion_fish.script(nodes),
    }
