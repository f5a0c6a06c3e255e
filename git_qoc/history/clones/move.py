"""The branch, the index and the work tree from one commit to another, the user's own work kept.

`git read-tree -m -u` with two trees is what moves files: it keeps what is staged, edited,
intended or untracked, and refuses as a whole when one of the files that change is not as it
was. Then `update-ref` is the instant of the move. A note of ours, written before and dropped
after, says that a mover may have died in between; `heal` then takes the files back.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress

from git_qoc.errors import HeadMoved, HistoryError, Refused
from git_qoc.history import workfile
from git_qoc.history.lock import patiently
from git_qoc.history.process import complaint, failed
from git_qoc.history.repository import Repository
from git_qoc.history.trees import SUBMODULE, TreeEntry

SHOWN = 5
IN_THE_WAY = re.compile(rb"not uptodate|would (be|lose)|overwritten|untracked")
"""How read-tree refuses as a whole; whatever else it says, it may have begun."""


def move(repo: Repository, branch: str, old: str, new: str, lock: int) -> None:
    """Take `branch`, which HEAD is on and which is at `old`, to `new`; `lock` is the writer lock.

    Raises:
        Refused: files that would change are edited here; nothing was changed.
        HeadMoved: somebody committed or switched meanwhile; all is as they left it.
        HistoryError: git failed; what was begun is taken back.
    """
    _save(repo, old, new)
    try:
        _move_files(repo, old, new, lock)
        _move_branch(repo, branch, old, new, lock)
    except BaseException as exc:
        _undo(repo, exc)
        raise
    _drop(repo)


def heal(repo: Repository) -> None:
    """Take back what a mover that died left in the index and the work tree; mostly there is nothing.

    Only files that are exactly what the dead mover would have made of them are touched.
    For who holds the writer lock.
    """
    _heal(repo, torn=False)


def _heal(repo: Repository, *, torn: bool) -> None:
    """`torn`: nobody but us was here meanwhile, so half a new file is one that git could not finish."""
    note = workfile.read(repo.private_dir, _name(repo))
    if note is None:
        return
    old, new = _parsed(repo, note)
    if repo.resolve("HEAD") != new:
        _take_back(repo, old, new, torn=torn)
    _drop(repo)


def _undo(repo: Repository, exc: BaseException) -> None:
    try:
        _heal(repo, torn=True)
    except HistoryError as second:
        raise HistoryError(
            f"{exc}. Besides, the files could not be taken back ({second}); the next sync does it first"
        ) from exc


def _move_files(repo: Repository, old: str, new: str, lock: int) -> None:
    # A file that was only touched, its content the same, is no reason to refuse.
    repo.attempt("update-index", "-q", "--refresh")
    args = ("read-tree", "-m", "-u", old, new)
    done = patiently(lambda: repo.attempt(*args, pass_fds=(lock,)), repo)
    if done.code == 0:
        return
    if not IN_THE_WAY.search(done.err):
        raise failed(args, done.err)
    edited = _in_the_way(repo, old, new) or [complaint(done.err)]
    names = ", ".join(edited[:SHOWN]) + (f" and {len(edited) - SHOWN} more" if len(edited) > SHOWN else "")
    raise Refused(
        f"the remote changes what is not committed here: {names}. Nothing was changed."
        " Commit it, stash it (git stash -u) or move it away, then sync again"
    )


def _move_branch(repo: Repository, branch: str, old: str, new: str, lock: int) -> None:
    ref = f"refs/heads/{branch}"
    args = ("update-ref", "-m", "qoc: sync", ref, new, old)
    if repo.attempt("symbolic-ref", "-q", "HEAD").out.decode().strip() != ref:
        raise HeadMoved(f"HEAD was on {branch} and is not any more. Try again")
    done = patiently(lambda: repo.attempt(*args, pass_fds=(lock,)), repo)
    if done.code == 0:
        return
    if repo.resolve("HEAD") != old:
        raise HeadMoved("somebody committed meanwhile. Try again")
    raise failed(args, done.err)


def _in_the_way(repo: Repository, old: str, new: str) -> list[str]:
    """Files that change between the commits and are not, in the index or on disk, as in the old one."""
    assert repo.top is not None  # noqa: S101 - a bare repository is refused before
    dirty = set(_texts(repo.git("diff-index", "-z", "--name-only", "--no-renames", old)))
    changes = _changes(repo, old, new)
    return [
        path
        for path, (before, _) in changes.items()
        if path in dirty or (before is None and os.path.lexists(repo.top / path))
    ]


def _take_back(repo: Repository, old: str, new: str, *, torn: bool) -> None:
    assert repo.top is not None  # noqa: S101 - a bare repository is refused before
    changes = _changes(repo, old, new)
    staged, head = _staged(repo), _at_head(repo)
    known, loose = [], []
    for path, (before, after) in changes.items():
        if staged.get(path) not in (before, after):
            continue
        # Half a file that was not there before holds nothing that the remote has not.
        if not _is_as(repo, path, after, torn=torn or before is None):
            continue
        if path in staged or path in head:
            known.append(path)
        elif os.path.lexists(repo.top / path):
            loose.append(path)
    for path in loose:
        workfile.remove(repo.top, path)
    if known:
        args = ("--literal-pathspecs", "restore", "--source=HEAD", "--staged", "--worktree")
        told = ("--pathspec-from-file=-", "--pathspec-file-nul")
        text = "".join(f"{path}\0" for path in known).encode("utf-8", "surrogateescape")
        done = patiently(lambda: repo.attempt(*args, *told, stdin=text), repo)
        if done.code:
            raise failed(args, done.err)


def _changes(repo: Repository, old: str, new: str) -> dict[str, tuple[TreeEntry | None, TreeEntry | None]]:
    """By path, what the two commits have there where they differ; None for nothing."""
    args = ("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new)
    fields = iter(_texts(repo.git(*args)))
    found = {}
    for field in fields:
        before_mode, mode, before, after, _ = field.removeprefix(":").split(" ")
        found[next(fields)] = (_entry(before_mode, before), _entry(mode, after))
    return found


def _staged(repo: Repository) -> dict[str, TreeEntry | None]:
    found: dict[str, TreeEntry | None] = {}
    for line in _texts(repo.git("ls-files", "-s", "-z", "--full-name")):
        meta, _, path = line.partition("\t")
        mode, id_, _ = meta.split(" ")
        found[path] = _entry(mode, id_)
    return found


def _at_head(repo: Repository) -> set[str]:
    return set(_texts(repo.git("ls-tree", "-r", "-z", "--full-tree", "--name-only", "HEAD")))


def _is_as(repo: Repository, path: str, entry: TreeEntry | None, *, torn: bool) -> bool:
    """Whether the work file is what git makes of this entry, or missing; with `torn`, its beginning."""
    assert repo.top is not None  # noqa: S101 - a bare repository is refused before
    file = repo.top / path
    if not os.path.lexists(file) or (entry is not None and entry.mode == SUBMODULE):
        return True
    if entry is None or (file.is_dir() and not file.is_symlink()):
        return False
    work = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
    for args in (("blob", entry.id), ("--filters", f"--path={path}", entry.id)):
        whole = repo.git("cat-file", *args)
        if work == whole or (torn and whole.startswith(work)):
            return True
    return False


def _save(repo: Repository, old: str, new: str) -> None:
    workfile.write(repo.private_dir, _name(repo), json.dumps({"old": old, "new": new}).encode())


def _drop(repo: Repository) -> None:
    """A note that stays is harmless: nothing of its move is left to take back."""
    with suppress(OSError):
        (repo.private_dir / _name(repo)).unlink()


def _parsed(repo: Repository, note: bytes) -> tuple[str, str]:
    path = repo.private_dir / _name(repo)
    try:
        content = json.loads(note)
        old, new = str(content["old"]), str(content["new"])
    except (ValueError, TypeError, KeyError):
        raise HistoryError(
            f"{path} is damaged. Look at git status, put right what it shows, delete it"
        ) from None
    if repo.resolve(old) != old or repo.resolve(new) != new:
        raise HistoryError(
            f"{path} tells of a sync that died between {old[:10]} and {new[:10]}, and one of them is gone."
            " Look at git status, put right what it shows, delete that file"
        )
    return old, new


def _name(repo: Repository) -> str:
    """One note for each work tree, because each has its own HEAD and index."""
    return "sync" if repo.git_dir == repo.common_dir else f"sync-{repo.git_dir.name}"


def _entry(mode: str, id_: str) -> TreeEntry | None:
    return TreeEntry(mode, id_) if mode.strip("0") else None


def _texts(listing: bytes) -> list[str]:
    return listing.decode("utf-8", "surrogateescape").split("\0")[:-1]
