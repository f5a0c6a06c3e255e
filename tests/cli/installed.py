"""`git-qoc` on PATH as git finds it, whatever is installed on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = f"""\
#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from git_qoc.cli.entry import main
main()
"""


def without_qoc() -> str:
    """PATH without any folder that has a git-qoc."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "git-qoc").exists())


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str = COMMAND) -> None:
    """Put this checkout's git-qoc, or another one of that name, into `folder` and on PATH."""
    folder.mkdir(exist_ok=True)
    file = folder / "git-qoc"
    file.write_text(command)
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{without_qoc()}")
