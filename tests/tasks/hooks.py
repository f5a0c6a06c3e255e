"""Hooks that write down that they ran: stand-ins for those that come with git-qoc, and a user's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from git_qoc.tasks.setup import Step
from git_qoc.tasks.setup_hooks import setup_hooks
from tests.conftest import Git

CLIENT = ("pre-applypatch", "pre-commit", "pre-merge-commit", "pre-push", "prepare-commit-msg")
NAMES = (*CLIENT, "post-receive", "pre-receive")

RECORDING = """\
#!/bin/sh
echo "{who} {name} $*" >>"$RECORD"
case {name} in pre-push | *-receive) sed 's/^/{who} reads /' >>"$RECORD" ;; esac
exit "${{{who}:-0}}"
"""
"""Its exit code is what the variable of its name says."""


def recording(who: str, name: str) -> str:
    return RECORDING.format(who=who, name=name)


SHIMS = {name: recording("ours", name) for name in NAMES}


def folder(git: Git) -> Path:
    return Path(git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))


def users(git: Git, name: str, text: str | None = None, mode: int = 0o755) -> Path:
    """A hook of the user's own."""
    file = folder(git) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(recording("yours", name) if text is None else text)
    file.chmod(mode)
    return file


def put(git: Git, *, force: bool = False, dry: bool = False) -> dict[str, Step]:
    """Set up the stand-ins; the steps by hook."""
    return {step.what.split()[0]: step for step in setup_hooks(git.path, SHIMS, force=force, dry=dry)}


def take(git: Git) -> dict[str, Step]:
    return {step.what.split()[0]: step for step in setup_hooks(git.path, SHIMS, remove=True)}


def states(steps: dict[str, Step]) -> set[str]:
    return {step.state for step in steps.values()}


def files(at: Path) -> dict[str, tuple[int, str | bytes]]:
    """Mode and content, or where a link leads, of everything below."""
    return {
        str(file.relative_to(at)): (
            file.lstat().st_mode,
            str(file.readlink()) if file.is_symlink() else data(file),
        )
        for file in at.rglob("*")
    }


def data(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def attempt(git: Git, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *args], cwd=git.path, capture_output=True, text=True, check=False)


def ran() -> list[str]:
    """What was written down since the last time."""
    file = Path(os.environ["RECORD"])
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def order() -> list[str]:
    """Who ran which hook."""
    return [" ".join(line.split()[:2]) for line in ran() if " reads " not in line]
