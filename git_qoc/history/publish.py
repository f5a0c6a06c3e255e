"""From contents to a commit on HEAD, so that a reader sees all of it or nothing.

Objects first, because nobody sees them. Then what is visible, in this order: the work file,
its path in the index, and with `update-ref` the branch, which is the instant of the commit.
A writer that dies after the index leaves a staged new file; the other order would leave the
deletion of the committed file staged. `journal` takes back what did not reach the branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HeadMoved, HistoryError
from git_qoc.history import hooks, journal, workfile
from git_qoc.history.journal import Change
from git_qoc.history.lock import patiently
from git_qoc.history.process import failed
from git_qoc.history.repository import Repository
from git_qoc.history.trees import FILES, FOLDER, SUBMODULE, TreeEntry, Trees

ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Commit:
    """`blobs` maps each path to its blob id; `branch` is `main`, None when HEAD is detached."""

    id: str
    blobs: Mapping[str, str]
    branch: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be committed; `lock` is the descriptor that git must inherit for update-ref.

    `hooks` says whether the user's own are run.
    """

    repo: Repository
    top: Path
    files: Mapping[str, bytes]
    blobs: Mapping[str, str]
    message: bytes
    what: str
    sign: bool
    lock: int
    hooks: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    """HEAD's commit (None when unborn), its entries at our paths, and the tree with ours in it."""

    commit: str | None
    entries: Mapping[str, TreeEntry | None]
    new_entries: Mapping[str, TreeEntry]
    new_tree: str


def publish(job: Job) -> Commit | None:
    """Commit the job's files on HEAD, again on the new HEAD when it moves; None when HEAD has them.

    Raises:
        HeadMoved: somebody committed another content of one of the files, or HEAD never rests.
        HistoryError: git or the file system refused; what was begun is taken back.
    """
    first: _Head | None = None
    for _ in range(ATTEMPTS):
        head = _head(job)
        first = first or head
        for path, entry in head.entries.items():
            if entry != first.entries[path] and path in head.new_entries:
                raise HeadMoved(f"{path} was committed by somebody else meanwhile. Try again")
        if not head.new_entries:
            return None
        try:
            return _publish(job, head)
        except HeadMoved:
            continue
    raise HeadMoved(f"HEAD moved {ATTEMPTS} times while this was written. Try again when nobody commits")


def _head(job: Job) -> _Head:
    """HEAD as it is now, and with our files in its tree; read through one git process."""
    repo = job.repo
    with repo.objects() as objects:
        trees = Trees(objects, lambda raw: _stored(repo, raw), len(repo.no_object) // 2)
        commit = objects.get("HEAD^{commit}")
        tree = commit.data.split(b"\n", 1)[0].removeprefix(b"tree ").decode() if commit else None
        entries = {path: trees.entry(tree, path) for path in job.files}
        new = {
            path: TreeEntry(_file_mode(path, entry), job.blobs[path])
            for path, entry in entries.items()
            if entry is None or entry.id != job.blobs[path]
        }
        return _Head(
            commit.id if commit else None, entries, new, trees.graft(tree, new) if new else tree or ""
        )


def _stored(repo: Repository, raw: bytes) -> str:
    return repo.git("hash-object", "-t", "tree", "-w", "--stdin", stdin=raw).decode().strip()


def _file_mode(path: str, entry: TreeEntry | None) -> str:
    if entry is not None and entry.mode in (FOLDER, SUBMODULE):
        raise HistoryError(
            f"{path} is a folder in the newest commit, expected a file. Rename it and try again"
        )
    return entry.mode if entry is not None and entry.mode in FILES else FILES[0]


def _publish(job: Job, head: _Head) -> Commit:
    """From an invisible commit to the branch; whatever fails on the way is taken back."""
    repo = job.repo
    # Signing may fail, so it comes before all that can be seen; hooks want to see the files first.
    commit = None if job.hooks else _committed(job, head, job.message)
    branch = repo.attempt("symbolic-ref", "-q", "HEAD").out.decode().strip().removeprefix("refs/heads/")
    changes = _changes(job, head)
    journal.save(repo, changes)
    try:
        for path in head.new_entries:
            workfile.write(job.top, path, job.files[path])
        if commit is None:
            commit = _committed(job, head, _through_hooks(job, head))
        _stage(repo, head.new_entries)
        journal.mark(repo, {change.path: change.tag for change in changes})
        _advance(job, commit, head.commit)
    except BaseException as exc:
        _take_back(repo, exc)
        raise
    journal.drop(repo)
    return Commit(commit, job.blobs, branch or None)


def _committed(job: Job, head: _Head, message: bytes) -> str:
    """The commit object, on no branch yet."""
    parent = ("-p", head.commit) if head.commit else ()
    args = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", *("-S",) * job.sign, *parent, head.new_tree)
    return job.repo.git(*args, stdin=message).decode().strip()


def _through_hooks(job: Job, head: _Head) -> bytes:
    """The message after the user's hooks; what they did to our files is undone and refused."""
    try:
        message = hooks.before_commit(job.repo, head.new_tree, job.message)
    finally:
        edited = [path for path in head.new_entries if workfile.read(job.top, path) != job.files[path]]
        for path in edited:
            workfile.write(job.top, path, job.files[path])
    if edited:
        raise HistoryError(f"the pre-commit hook changed {', '.join(edited)}. Let it leave the record alone")
    return message


def _changes(job: Job, head: _Head) -> list[Change]:
    works = {path: workfile.read(job.top, path) for path in head.new_entries}
    known = [path for path, work in works.items() if work is not None or head.entries[path] is not None]
    staged = journal.entries_staged(job.repo, known) if known else {}
    changes = []
    for path, entry in head.new_entries.items():
        index, tag = staged.get(path, (None, ""))
        new = journal.digest(job.files[path])
        changes.append(Change(path, entry, new, head.entries[path], index, works[path], tag))
    return changes


def _stage(repo: Repository, entries: Mapping[str, TreeEntry]) -> None:
    """Our paths in the user's index, told by blob; named again so that git notes the file's times."""
    told = [arg for path, e in entries.items() for arg in ("--cacheinfo", f"{e.mode},{e.id},{path}")]
    args = ("-c", "core.safecrlf=false", "update-index", "--add", *told, "--", *entries)
    done = patiently(lambda: repo.attempt(*args), repo)
    if done.code:
        raise failed(args, done.err)


def _advance(job: Job, commit: str, parent: str | None) -> None:
    """Move the branch from `parent` to `commit`: the instant of the commit.

    The child inherits our lock, so that the next writer waits for it even when we are killed.
    """
    repo = job.repo
    note = "qoc: " + " ".join(job.what.split())
    args = ("update-ref", "-m", note, "HEAD", commit, parent or repo.no_object)
    done = patiently(lambda: repo.attempt(*args, pass_fds=(job.lock,)), repo)
    if done.code == 0:
        return
    if repo.resolve("HEAD") != parent:
        raise HeadMoved("somebody committed meanwhile. Try again")
    raise failed(args, done.err)


def _take_back(repo: Repository, exc: BaseException) -> None:
    try:
        journal.heal(repo)
    except HistoryError as second:
        raise HistoryError(
            f"{exc}. Besides, what was begun could not be taken back ({second});"
            " the next git qoc command that commits does it first"
        ) from exc
