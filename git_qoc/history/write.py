"""One commit of ours: exactly the given files on top of HEAD, whatever else is staged or edited.

Here is what must be so before anything is written; `publish` then writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from git_qoc.errors import HeadMoved, HistoryError
from git_qoc.history import journal, workfile
from git_qoc.history.hooks import after_commit
from git_qoc.history.identity import require_identity
from git_qoc.history.lock import writing
from git_qoc.history.publish import Commit, Job, publish
from git_qoc.history.repository import Repository, is_true

__all__ = ["Commit", "commit_files", "refuse_if_busy", "write_only"]

SETTINGS = (
    r"^(user|author|committer)\.(name|email)$|^commit\.gpgsign$"
    r"|^maintenance\.auto$|^(maintenance|gc)\.autodetach$"
)
UNKNOWN_OPTION = 129

Message = str | Callable[[Mapping[str, str]], str]


def commit_files(
    repo: Repository,
    files: Mapping[str, bytes],
    message: Message,
    *,
    what: str,
    derived_from: Mapping[str, bytes | None] | None = None,
    run_hooks: bool = False,
) -> Commit | None:
    """Commit these files and nothing else; None when HEAD has them already.

    Paths are relative to the root with `/`. A callable `message` is given the blob id of
    each path. `what` names the deed in the reflog. `derived_from` holds the work file's bytes
    (None: no file) that new contents were made from. With `run_hooks` the user's commit hooks are
    run; why they are not by default, `hooks` says.

    Raises:
        HeadMoved: a file is no longer what `derived_from` says, or somebody committed
            another content of it meanwhile; read again and try again.
        HistoryError: no commit could be made, or a hook refused it. Nothing is changed, except by a
            full disk or a held lock at the worst moment; then the next commit takes it back first.
    """
    for path in files:
        workfile.check_path(path)
    if not files:
        return None
    top = _work_tree(repo)
    with writing(repo) as lock:
        journal.heal(repo)
        refuse_if_busy(repo)
        settings = repo.config(SETTINGS)
        require_identity(repo, settings)
        _require_unchanged(top, derived_from or {})
        blobs = {path: _blob(repo, path, data) for path, data in files.items()}
        text = message if isinstance(message, str) else message(blobs)
        sign = is_true(settings.get("commit.gpgsign", ["false"])[-1])
        commit = publish(Job(repo, top, files, blobs, _encoded(text), what, sign, lock, run_hooks))
    if commit is not None:
        if run_hooks:
            after_commit(repo)
        _keep_up(repo, settings)
    return commit


def write_only(repo: Repository, files: Mapping[str, bytes]) -> None:
    """Write the work files, each whole or not at all, and leave history alone."""
    for path in files:
        workfile.check_path(path)
    top = _work_tree(repo)
    with writing(repo):
        journal.heal(repo)
        for path, data in files.items():
            workfile.write(top, path, data)


def refuse_if_busy(repo: Repository) -> None:
    """Raise HistoryError while a merge, rebase, cherry-pick or revert is under way."""
    for name, deed, command in (
        ("MERGE_HEAD", "merge", "merge"),
        ("rebase-apply/applying", "am", "am"),
        ("rebase-merge", "rebase", "rebase"),
        ("rebase-apply", "rebase", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick", "cherry-pick"),
        ("REVERT_HEAD", "revert", "revert"),
    ):
        if (repo.git_dir / name).exists():
            raise HistoryError(
                f"a {deed} is in progress. Finish it (git {command} --continue) or abort it"
                f" (git {command} --abort), then try again"
            )


def _keep_up(repo: Repository, settings: Mapping[str, list[str]]) -> None:
    """Git's own upkeep, as after `git commit`: unless switched off, and in the background unless told
    otherwise (git-maintenance, "maintenance.auto", "maintenance.autoDetach"; git-gc, "gc.autoDetach").

    Before git 2.47 there is no `--detach`, and `git gc --auto` goes to the background by itself.
    """
    if not is_true(settings.get("maintenance.auto", ["true"])[-1]):
        return
    asked = settings.get("maintenance.autodetach") or settings.get("gc.autodetach") or ["true"]
    args = ("maintenance", "run", "--auto", "--quiet")
    detached = is_true(asked[-1]) and repo.attempt(*args, "--detach").code != UNKNOWN_OPTION
    if not detached:
        repo.attempt(*args)


def _work_tree(repo: Repository) -> Path:
    if repo.bare:
        raise HistoryError(f"{repo.git_dir} is a bare repository. Run this in a clone of it")
    if repo.top is None:
        raise HistoryError(f"{repo.git_dir} is not a work tree. Go to the desk's folder and try again")
    return repo.top


def _require_unchanged(top: Path, derived_from: Mapping[str, bytes | None]) -> None:
    for path, expected in derived_from.items():
        if workfile.read(top, path) != expected:
            raise HeadMoved(f"{path} was changed meanwhile. Nothing was written; try again")


def _blob(repo: Repository, path: str, data: bytes) -> str:
    """Written with the path's attributes; what is written here has its line ends as they shall be."""
    args = ("-c", "core.safecrlf=false", "hash-object", "-w", "--stdin", "--path", path)
    return repo.git(*args, stdin=data).decode().strip()


def _encoded(text: str) -> bytes:
    return (text.rstrip("\n") + "\n").encode("utf-8", "surrogateescape")
