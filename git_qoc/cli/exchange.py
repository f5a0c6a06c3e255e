"""`git qoc exchange`"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from git_qoc.cli.context import World
from git_qoc.cli.output import say, talk

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=HELP)
def command() -> None:
    """An exchange on this machine to test trading programs on: Alpaca's API, simulated market."""


@command.command(context_settings=HELP)
@click.option("--port", type=int, default=0, metavar="N", help="Listen on port N; 0 (default): a free one.")
@click.option("--cash", default="100000", show_default=True, metavar="USD", help="What new books begin with.")
@click.option(
    "--at",
    metavar="TIME",
    help="Let the market's clock stand at TIME (ISO 8601 with offset) until POST /qoc/clock moves it. "
    "Without it: real time.",
)
@click.option(
    "--env-prefix",
    metavar="PREFIX",
    help="Take only the key in the environment variable PREFIXAPI_KEY and the secret in PREFIXAPI_SECRET. "
    "Without it: any.",
)
@click.option(
    "--books",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the account in FILE, and go on with what is there. Without it, it is gone at the end.",
)
@click.option("--seed", type=int, default=0, metavar="N", help="Another seed gives other volumes.")
@click.option("--fault", "faults", multiple=True, metavar="PLAN", help="Go wrong on purpose; see above.")
@click.pass_obj
def serve(  # noqa: PLR0913, PLR0917  # one parameter an option
    world: World,
    port: int,
    cash: str,
    at: str | None,
    env_prefix: str | None,
    books: Path | None,
    seed: int,
    faults: tuple[str, ...],
) -> int:
    """Serve Alpaca's REST API on 127.0.0.1 until Ctrl-C.

    Trading (v2) and the latest market data; prints its URL when it listens, and each request on
    stderr. Trades stocks, options and coins at the closes that come with git-qoc (July 2016 to July
    2017), so choose --at in that year. Needs no desk and no network.

    \b
    POST /qoc/clock  {"at": TIME}               move a standing clock forward
    POST /qoc/cash   {"id": ID, "amount": USD}  deposit, or < 0 withdraw
    POST /qoc/faults {"plan": PLAN}             plan a fault; DELETE: plan none

    PLAN is [COUNT*]FAULT[,FAULT...][@[METHOD:]PATH], such as 2*500-after@POST:/v2/orders. A request
    can also bring its own, in the header X-Qoc-Fault: FAULT[,FAULT...]. The faults:

    \b
    latency=MS               answer later
    429=S                    429 with Retry-After: S
    500-before, 500-after    an error, before or after it was done; also 503, 504
    drop-before, drop-after  the connection is reset, before or after it was done
    hang-before, hang-after  there is never an answer
    truncate, malformed      half an answer; an answer that is no JSON
    duplicate, shuffle       lists (activities, say) with each row twice; in another order
    """
    from git_qoc.tasks.exchange import Request, serve

    request = Request(port, cash, at, env_prefix, books, seed, faults)
    serve(world, request, lambda url: say(f"listening on {url}"), _log)
    return 0


def _log(line: str) -> None:
    """To stderr, as long as somebody reads it: afterwards Python would end with 120 for the rest of it."""
    try:
        talk(line)
    except (OSError, ValueError):
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # until the process ends
