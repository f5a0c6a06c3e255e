"""Run the checks over what is staged, over files, or over history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from git_qoc.checks import credentials
from git_qoc.checks.credentials import NO_FILE
from git_qoc.checks.fault import Fault
from git_qoc.checks.run import run
from git_qoc.errors import QocError
from git_qoc.history.repository import discover
from git_qoc.history.staged import introduced, staged
from git_qoc.tasks.place import DESK_FILE


def check_staged(names: Sequence[str], start: Path) -> list[Fault]:
    """Every staged desk.toml, as staged; nothing staged gives no fault."""
    return _faults(names, [(f.path, f.mode, f.data) for f in staged(discover(start), (DESK_FILE,))])


def check_files(names: Sequence[str], paths: Sequence[Path], start: Path) -> list[Fault]:
    """These files of the work tree, each checked as a desk.toml whatever its name.

    Raises:
        QocError: one of them cannot be read.
    """
    read = []
    for path in paths:
        try:
            read.append((_shown(path, start), path.read_bytes()))
        except OSError as exc:
            raise QocError(f"{path}: cannot be read: {exc.strerror}.") from None
    return run(names, read)


def check_history(names: Sequence[str], revisions: str, start: Path) -> list[Fault]:
    """Every version of a desk.toml that the commits of the range brought in, also deleted ones."""
    versions = introduced(discover(start), revisions, (DESK_FILE,))
    return _faults(names, [(f"{f.commit[:10]}:{f.path}", f.mode, f.data) for f in versions])


def _faults(names: Sequence[str], files: Sequence[tuple[str, str, bytes]]) -> list[Fault]:
    """Over (path, mode, data); what is no plain file cannot be checked, which is a fault."""
    odd = [credentials.unreadable(path, NO_FILE[mode]) for path, mode, _ in files if mode in NO_FILE]
    return sorted(odd + run(names, [(path, data) for path, mode, data in files if mode not in NO_FILE]))


def _shown(path: Path, start: Path) -> str:
    return str(path.relative_to(start)) if path.is_relative_to(start) else str(path)
