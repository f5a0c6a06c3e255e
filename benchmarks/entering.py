"""Every way a commit can enter × which hook stops it, as a table.

    python benchmarks/entering.py

The actions are those of tests/cli/entering.py, with the hooks of this checkout and the git-qoc
on PATH: in a clone with hooks; then made without them and pushed, first past pre-push, then past
a server's pre-receive.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.cli.entering import ACTIONS, attempt, template


def main() -> None:
    os.environ["PATH"] = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{who}_NAME": "Ada Trader", f"GIT_{who}_EMAIL": "ada@example.com"}
    print("| action | commit hooks | pre-push | pre-receive |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        origin = Path(folder) / "origin"
        origin.mkdir()
        template(origin)
        for number, (name, action) in enumerate(ACTIONS.items()):
            place = Path(folder) / str(number)
            place.mkdir()
            stopped = attempt(action, origin, place)
            cells = (
                "stopped" if there else "passes" for there in (stopped.local, stopped.push, stopped.server)
            )
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
