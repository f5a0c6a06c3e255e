"""`git qoc ci`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, to_json, warn
from git_qoc.errors import EXIT_NEGATIVE, UsageError

if TYPE_CHECKING:
    from git_qoc.tasks.ci import Workflow

THEN = {
    "github": "Pushed, it runs; its summary has the report. A page too: Settings, Pages, source GitHub "
    "Actions; on most plans everybody can read that, also a private repository's.",
    "gitlab": "Pushed, it runs; Pages has the report. Who can read it: Settings, General, Visibility, Pages.",
    "forgejo": "Pushed, it runs where a runner has the label docker; its artifact has the page.",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("forge", type=click.Choice(["github", "gitlab", "forgejo"]))
@click.option("--no-commit", is_flag=True, help="Write the workflow and leave the commit to you.")
@click.option("--force", is_flag=True, help="Replace a file that you changed.")
@click.option("--print", "dry", is_flag=True, help="Print the workflow; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def command(world: World, forge: str, no_commit: bool, force: bool, dry: bool, as_json: bool) -> int:
    """Publish the retrospective on every push: write the forge's workflow and commit it.

    On a push of the default branch that records a snapshot it verifies the record, prints the
    report and publishes the page, with the version of git-qoc that wrote it. A file that you
    changed is kept, with exit code 1, and so is a .gitlab-ci.yml of yours.
    """
    from git_qoc.tasks.ci import workflow, write_workflow

    if dry and (as_json or force or no_commit):
        raise UsageError("--print only prints the workflow; give no other option with it.")
    if dry:
        say(workflow(world.cwd, forge).text.removesuffix("\n"))
        return 0
    done = write_workflow(world.cwd, forge, commit=not no_commit, force=force)
    for line in done.warnings:
        warn(line)
    if as_json:
        say(to_json(done))
    else:
        _tell(done)
    return EXIT_NEGATIVE if done.state == "kept" else 0


def _tell(done: Workflow) -> None:
    if done.state == "kept":
        say(f"{done.path} is yours and was kept.")
        file = f'"$(git rev-parse --show-toplevel)/{done.path}"'
        talk(f"What would be different: git qoc ci {done.forge} --print | git diff --no-index {file} -")
        talk("To replace it: --force.")
        return
    where = f"commit {done.commit[:10]}" if done.commit else "not committed"
    if done.state == "present" and not done.commit:
        say(f"{done.path} says the same already; nothing was written.")
    else:
        say(f"{'committed' if done.state == 'present' else done.state} {done.path}, {where}.")
    if done.include:
        talk("Your .gitlab-ci.yml was kept. Add to it:")
        say(done.include)
    talk(THEN[done.forge])
