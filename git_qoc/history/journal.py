"""What a commit of ours is about to change where people can see it, so that it can be undone.

The visible steps are: work files, the paths in the index, the branch. The journal is written
before the first and dropped after the last. Whoever writes next and finds one knows that a
writer died in between: either its commit is in HEAD, or its steps are taken back.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from git_qoc.errors import HistoryError
from git_qoc.history import workfile
from git_qoc.history.lock import patiently
from git_qoc.history.process import failed
from git_qoc.history.repository import Repository
from git_qoc.history.trees import TreeEntry


@dataclass(frozen=True, slots=True)
class Change:
    """One path: `new` is to be committed, `digest` is the SHA-256 of the work file's new bytes.

    `head`, `index` and `work` are what HEAD, the index and the work file had before; None
    for nothing. `tag` is git's letter for the index entry (git-ls-files, "-t" and "-v"): S or s
    where it is skip-worktree, small where it is assume-unchanged.
    """

    path: str
    new: TreeEntry
    digest: str
    head: TreeEntry | None
    index: TreeEntry | None
    work: bytes | None
    tag: str = ""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def save(repo: Repository, changes: Iterable[Change]) -> None:
    rows = [
        {
            "path": change.path,
            "new": _pair(change.new),
            "digest": change.digest,
            "head": _pair(change.head),
            "index": _pair(change.index),
            "work": None if change.work is None else base64.b64encode(change.work).decode(),
            "tag": change.tag,
        }
        for change in changes
    ]
    workfile.write(repo.private_dir, _name(repo), json.dumps(rows).encode())


def drop(repo: Repository) -> None:
    """A journal that stays is harmless: its commit is in HEAD."""
    with suppress(OSError):
        (repo.private_dir / _name(repo)).unlink()


def heal(repo: Repository) -> None:
    """Finish or take back what a writer that died left behind; for who holds the writers' lock.

    A work file or index entry that is no longer what the dead writer made it is left alone.
    """
    data = workfile.read(repo.private_dir, _name(repo))
    if data is None:
        return
    changes = _parsed(repo, data)
    head = entries_at_head(repo, [change.path for change in changes])
    lost = [change for change in changes if not _landed(change, head.get(change.path))]
    for change in lost:
        _restore_file(repo, change)
    _restore_index(repo, lost, head)
    drop(repo)


def entries_at_head(repo: Repository, paths: list[str]) -> dict[str, TreeEntry]:
    """What HEAD has at each path; paths that it lacks (all, on an unborn branch) are left out."""
    if repo.resolve("HEAD") is None:
        return {}
    listing = repo.git("--literal-pathspecs", "ls-tree", "-z", "--full-tree", "HEAD", "--", *paths)
    found = {}
    for mode, _, id_, path in (_fields(line) for line in _lines(listing)):
        found[path] = TreeEntry(mode, id_)
    return found


def entries_staged(repo: Repository, paths: list[str]) -> dict[str, tuple[TreeEntry, str]]:
    """What the index has at each path, and its tag (see `Change`).

    Raises:
        HistoryError: a path is in conflict.
    """
    args = ("--literal-pathspecs", "ls-files", "-v", "-s", "-z", "--full-name", "--", *paths)
    found = {}
    for line in _lines(repo.git(*args)):
        mode, id_, stage, path = _fields(line[2:])
        if stage != "0":
            raise HistoryError(f"{path} is in conflict. Resolve it, `git add {path}`, then try again")
        found[path] = TreeEntry(mode, id_), line[0]
    return found


def mark(repo: Repository, tags: Mapping[str, str]) -> None:
    """Set again the bits that the tags tell of, which git drops when an entry is replaced."""
    for option, letters in (("--skip-worktree", "Ss"), ("--assume-unchanged", "hs")):
        paths = [path for path, tag in tags.items() if tag and tag in letters]
        if paths:
            args = ("--literal-pathspecs", "update-index", option, "--", *paths)
            done = patiently(partial(repo.attempt, *args), repo)
            if done.code:
                raise failed(args, done.err)


def _landed(change: Change, head: TreeEntry | None) -> bool:
    return head is not None and head.id == change.new.id


def _restore_file(repo: Repository, change: Change) -> None:
    assert repo.top is not None  # noqa: S101 - a bare repository is refused before any journal
    workfile.remove_leftover(repo.top, change.path)
    current = workfile.read(repo.top, change.path)
    if current is None or current == change.work or digest(current) != change.digest:
        return
    if change.work is None:
        workfile.remove(repo.top, change.path)
    else:
        workfile.write(repo.top, change.path, change.work)


def _restore_index(repo: Repository, lost: list[Change], head: dict[str, TreeEntry]) -> None:
    if not lost:
        return
    staged = entries_staged(repo, [change.path for change in lost])
    lines = []
    for change in lost:
        now, _ = staged.get(change.path, (None, ""))
        old = change.index if head.get(change.path) == change.head else head.get(change.path)
        if now is not None and now.id == change.new.id and now != old:
            mode, id_ = (old.mode, old.id) if old else ("0", repo.no_object)
            lines.append(f"{mode} {id_}\t{change.path}\0")
    if lines:
        args = ("update-index", "-z", "--index-info")
        text = "".join(lines).encode("utf-8", "surrogateescape")
        done = patiently(lambda: repo.attempt(*args, stdin=text), repo)
        if done.code:
            raise failed(args, done.err)
        mark(repo, {change.path: change.tag for change in lost if change.index})


def _parsed(repo: Repository, data: bytes) -> list[Change]:
    try:
        return [
            Change(
                row["path"],
                TreeEntry(*row["new"]),
                row["digest"],
                TreeEntry(*row["head"]) if row["head"] else None,
                TreeEntry(*row["index"]) if row["index"] else None,
                None if row["work"] is None else base64.b64decode(row["work"]),
                row.get("tag", ""),
            )
            for row in json.loads(data)
        ]
    except (ValueError, TypeError, KeyError):
        path = repo.private_dir / _name(repo)
        raise HistoryError(
            f"{path} is damaged. Look at git status, put right what it shows, delete it"
        ) from None


def _pair(entry: TreeEntry | None) -> list[str] | None:
    return [entry.mode, entry.id] if entry else None


def _name(repo: Repository) -> str:
    """One journal for each work tree, because each has its own HEAD and index."""
    return "journal" if repo.git_dir == repo.common_dir else f"journal-{repo.git_dir.name}"


def _lines(listing: bytes) -> list[str]:
    return listing.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _fields(line: str) -> tuple[str, str, str, str]:
    meta, _, path = line.partition("\t")
    first, second, third = meta.split()
    return first, second, third, path
