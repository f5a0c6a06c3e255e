"""`git qoc connect`"""

from __future__ import annotations

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk, warn


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("type_", metavar="TYPE")
@click.option("--name", required=True, help="What this desk calls the account.")
@click.option(
    "--env-prefix",
    metavar="PREFIX",
    help="Start of the environment variables with the credentials: EQ_ means EQ_API_KEY and EQ_API_SECRET.",
)
@click.option("--venue", metavar="V", help="Another adapter than the default: see `git qoc venues`.")
@click.option("--base-url", metavar="URL", help="Ask this host instead of the venue's own.")
@click.option("--sandbox", is_flag=True, help="Use the venue's sandbox (Alpaca: paper trading).")
@click.option("--account", metavar="ID", help="The one account meant, where a login opens several.")
@click.option("--no-commit", is_flag=True, help="Write desk.toml and leave the commit to you.")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  # one parameter an option
    world: World,
    type_: str,
    name: str,
    env_prefix: str | None,
    venue: str | None,
    base_url: str | None,
    sandbox: bool,
    account: str | None,
    no_commit: bool,
) -> int:
    """Write a venue of TYPE (equities, options, crypto, futures, cash) into desk.toml.

    Only where the credentials are kept is written, never the credentials; they are neither
    read nor asked for. The rest of desk.toml stays as it is.
    """
    from git_qoc.tasks.connect import Request, connect

    request = Request(type_, name, env_prefix, venue, base_url, sandbox, account)
    done = connect(world.cwd, request, commit=not no_commit)
    for line in done.warnings:
        warn(line)
    where = f"commit {done.commit[:10]}" if done.commit else "not committed"
    say(f'connected "{done.name}" ({type_}, venue {done.venue}) in desk.toml, {where}.')
    if not done.has_adapter:
        warn(f'this version has no adapter for venue "{done.venue}": it will be DEGRADED until one does')
    missing = [variable for variable in done.variables if variable not in world.environ]
    if missing:
        talk(f"Export {' and '.join(missing)}, then run: git qoc status")
    return 0
