"""`git qoc setup --hooks`: which hooks a repository gets, in which folder, or why not there.

A folder that other repositories share, or that is part of the work tree (husky's), is the user's:
there nothing is written, and the line to add by hand is told.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import git_qoc
from git_qoc.errors import QocError
from git_qoc.history.process import os_reason
from git_qoc.history.repository import Repository, discover
from git_qoc.tasks.setup import Step
from git_qoc.tasks.setup_hook import Hook, content
from git_qoc.tasks.setup_hook_text import by_hand, calls

RECEIVING = frozenset({"pre-receive", "post-receive"})
"""Installed where others push to; all others where somebody commits."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where git looks for hooks. `why` is empty where the folder is this repository's alone."""

    path: Path
    why: str


def shims_folder() -> Path:
    """The hooks that came with this git-qoc: package data, or a source checkout's."""
    package = Path(git_qoc.__file__).resolve().parent
    installed = package / "data" / "hooks"
    return installed if installed.is_dir() else package.parent / "hooks"


def shims() -> dict[str, str]:
    """Each hook's script by its name."""
    files = sorted(file for file in shims_folder().iterdir() if not file.suffix and file.is_file())
    return {file.name: file.read_text("utf-8") for file in files}  # without carriage returns


def setup_hooks(
    start: Path, shims: Mapping[str, str], *, remove: bool = False, force: bool = False, dry: bool = False
) -> list[Step]:
    """Install the hooks that this repository needs, or take back all; one's failure stops no other.

    Raises:
        HistoryError: not in a repository.
    """
    repo = discover(start)
    wanted = {name: shim for name, shim in shims.items() if (name in RECEIVING) == repo.bare}
    folder = _folder(repo)
    if remove:
        return _removed(repo, folder, shims, frozenset(wanted), dry=dry)
    if folder.why:
        return [_elsewhere(folder, name, shim) for name, shim in wanted.items()]
    hooks = [Hook(folder.path, name, shim) for name, shim in wanted.items()]
    with _alone(folder.path):
        return [_step(hook, partial(hook.put, force=force, dry=dry)) for hook in hooks]


def _removed(
    repo: Repository, folder: Folder, shims: Mapping[str, str], wanted: frozenset[str], *, dry: bool
) -> list[Step]:
    """Also from the folder that git looked into before core.hooksPath was set."""
    first = repo.common_dir / "hooks"
    folders = {first} if _inside(first, repo) else set()
    folders |= set() if folder.why else {folder.path}
    if not folders:
        return [Step("absent", f"{name} hook", str(first / name), folder.why, "") for name in sorted(wanted)]
    hooks = [Hook(path, name, shim) for path in sorted(folders) for name, shim in shims.items()]
    steps = [(hook, _step(hook, partial(hook.take, dry=dry))) for hook in hooks]
    return [step for hook, step in steps if step.state != "absent" or step.note or hook.name in wanted]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One setup at a time, by a lock on the folder itself, of which nothing stays."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # each hook's step says what is wrong
        yield
        return
    try:
        with suppress(OSError):  # not every network file system has locks
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _folder(repo: Repository) -> Folder:
    asked = repo.attempt("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    told = repo.attempt("config", "-z", "--show-scope", "--show-origin", "--get", "core.hooksPath")
    path = Path(os.fsdecode(asked.out).removesuffix("\n")) if not asked.code else Path(os.devnull)
    inside = _inside(path, repo)
    if told.code:
        return Folder(path, "" if inside else f"{repo.common_dir / 'hooks'} is a link to {path}")
    scope, origin, value = os.fsdecode(told.out).split("\0")[:3]
    shared = scope in ("system", "global") and value.startswith(("/", "~", "%"))
    where = f"core.hooksPath is {value!r} ({scope}, {origin.removeprefix('file:')})"
    return Folder(path, where if shared or not inside else "")


def _inside(path: Path, repo: Repository) -> bool:
    return path.resolve().is_relative_to(repo.common_dir.resolve())


def _elsewhere(folder: Folder, name: str, shim: str) -> Step:
    """For a folder that is the user's: what is in force there, or what to do."""
    file = _husky(folder.path) / name
    try:
        found = content(folder.path / name) if folder.path.is_dir() else None
        lines = content(file) if file.parent.is_dir() else None
    except (QocError, OSError) as exc:
        return _failed(file, name, exc)
    same = folder.path.resolve() == shims_folder().resolve() or found == shim.encode()
    same = same and os.access(folder.path / name, os.X_OK)
    if same or calls(lines or b"", name):
        return Step(
            "present", f"{name} hook", str(file), "by core.hooksPath" if same else "yours calls it", ""
        )
    if not folder.path.is_dir():
        note = f"{folder.why}, which is no folder, so that no hook runs. Unset it, then run this again"
    else:
        note = f"{folder.why}, which is not this repository's alone. {by_hand(file, name)}"
    return Step("kept", f"{name} hook", str(file), note, "")


def _husky(folder: Path) -> Path:
    """Where the user's own hooks are: husky writes `.husky/_` anew, which runs those of `.husky`."""
    return folder.parent if folder.name == "_" and (folder / "h").is_file() else folder


def _step(hook: Hook, act: Callable[[], tuple[str, str]]) -> Step:
    try:
        place = hook.place
        state, note = act()
    except (QocError, OSError) as exc:
        return _failed(hook.own, hook.name, exc)
    return Step(state, f"{hook.name} hook", str(place), note, "")


def _failed(path: Path, name: str, exc: QocError | OSError) -> Step:
    reason = os_reason(exc) if isinstance(exc, OSError) else str(exc)
    return Step("failed", f"{name} hook", str(path), reason, "")
