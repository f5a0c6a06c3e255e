"""Run the checks over what is staged, over all of the index, over files, or over history."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from git_qoc.checks import rooms
from git_qoc.checks.files import File, judge
from git_qoc.checks.staged import check_all, check_staged
from git_qoc.errors import QocError
from git_qoc.history.repository import discover
from git_qoc.tasks.brought import Found, Ranged
from git_qoc.tasks.check_range import check_range
from git_qoc.tasks.place import CUT


def check_index(names: Sequence[str], start: Path, *, everything: bool) -> Ranged:
    """What is staged; with `everything` every file of every desk in the index as well.

    Raises:
        HistoryError: no repository, or the index cannot be read.
    """
    done = (check_all if everything else check_staged)(start, names)
    return Ranged([Found(fault) for fault in done.faults], done.allowed, done.files, 0, ())


def check_files(names: Sequence[str], paths: Sequence[Path], start: Path) -> Ranged:
    """These files of the work tree: each as a file of the room whose folder it is in, else as a desk.toml.

    Raises:
        QocError: one of them cannot be read.
    """
    read = []
    for path in paths:
        if path.exists() and not path.is_file():
            raise QocError(f"{path}: is no file. Name the files to check.")
        try:
            data, shown = path.read_bytes(), _shown(path, start)
        except OSError as exc:
            raise QocError(f"{path}: cannot be read: {exc.strerror}.") from None
        inside = next((room for _, room in rooms.candidates(path.as_posix())), rooms.DESK)
        read.append(File(shown, rooms.DESK if rooms.is_desk(shown) else inside, "100644", data))
    judged = judge(names, read)
    return Ranged([Found(fault) for fault in judged.faults], judged.allowed, len(read), 0, ())


def check_history(names: Sequence[str], revisions: str, start: Path) -> Ranged:
    """Everything that the commits of the range brought in, also what they took out again.

    Raises:
        HistoryError: git does not know the range, or an object is missing.
    """
    repo = discover(start)
    done = check_range(repo, names, revisions.split())
    return done._replace(warnings=(*done.warnings, *((CUT,) if repo.shallow else ())))


def pre_commit_range(environ: Mapping[str, str]) -> str | None:
    """The range that the pre-commit framework means: a push, or what `--from-ref` and `--to-ref` say.

    None at a commit. Of a push of several branches it tells one; the hook that `git qoc setup
    --hooks` installs sees all.
    """
    start, end = environ.get("PRE_COMMIT_FROM_REF"), environ.get("PRE_COMMIT_TO_REF")
    if start and end:
        return f"{start}..{end}"
    branch, remote = environ.get("PRE_COMMIT_LOCAL_BRANCH"), environ.get("PRE_COMMIT_REMOTE_NAME")
    return f"{branch} --not --remotes={remote}" if branch and remote else None


def is_all_files(environ: Mapping[str, str]) -> bool:
    """Whether the pre-commit framework runs us outside of a commit, as `pre-commit run --all-files` does."""
    return "PRE_COMMIT" in environ and "GIT_INDEX_FILE" not in environ


def _shown(path: Path, start: Path) -> str:
    return os.fspath(path.relative_to(start) if path.is_relative_to(start) else path)
