"""The user's commit hooks around a commit of ours, as `git commit --only` runs them.

They see an index of the new tree, never the user's own (GIT_INDEX_FILE), and the new files in
the work tree. `git hook run` finds them, so core.hooksPath means what it means to git.

Off unless desk.toml says `[history] run_hooks = true`: a snapshot must not fail because a
linter of the user's code does, a hook may take minutes while prices move, and a schedule has
nobody to ask. No clone brings hooks along, so a stranger's desk.toml that switches them on
runs at most what the user has put in place (githooks).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history.process import Done, call
from git_qoc.history.repository import Repository

NO_SUCH_COMMAND = "'hook' is not a git command"


def before_commit(repo: Repository, tree: str, message: bytes) -> bytes:
    """Run pre-commit, prepare-commit-msg and commit-msg; returns the message as they leave it.

    Raises:
        HistoryError: one of them refused, with what it printed, or wants another tree committed.
    """
    index, draft = repo.private_dir / "hook-index", repo.private_dir / "COMMIT_EDITMSG"
    lock = index.with_name(index.name + ".lock")
    env = {"GIT_INDEX_FILE": str(index), "GIT_EDITOR": ":"}
    _remove(index, lock, draft)
    try:
        repo.git("read-tree", tree, env=env)
        repo.attempt("update-index", "-q", "--refresh", env=env)
        _run(repo, "pre-commit", env)
        if repo.git("write-tree", env=env).decode().strip() != tree:
            raise HistoryError(
                "the pre-commit hook staged something else, and a commit of git qoc holds nothing but its"
                " own files. Let the hook leave these alone, or set run_hooks = false"
            )
        draft.write_bytes(message)
        _run(repo, "prepare-commit-msg", env, str(draft), "message")
        _run(repo, "commit-msg", env, str(draft))
        text = repo.git("stripspace", stdin=draft.read_bytes())
    finally:
        _remove(index, lock, draft)
    if not text.strip():
        raise HistoryError("the commit-msg hook left an empty message. Nothing was committed")
    return text


def after_commit(repo: Repository) -> None:
    """Run post-commit, whose outcome changes nothing."""
    _hook(repo, "post-commit", {"GIT_EDITOR": ":"})


def _run(repo: Repository, name: str, env: Mapping[str, str], *args: str) -> None:
    done = _hook(repo, name, env, *args)
    if not done.code:
        return
    said = (done.err + done.out).decode("utf-8", "replace").strip()
    if NO_SUCH_COMMAND in said:
        raise HistoryError("run_hooks = true needs git 2.36 or later. Update git, or set it to false")
    raise HistoryError(f"the {name} hook refused (exit code {done.code}). It said:\n{said or 'nothing'}")


def _hook(repo: Repository, name: str, env: Mapping[str, str], *args: str) -> Done:
    command = ("hook", "run", "--ignore-missing", name, "--", *args)
    return call(command, repo.run_dir, repo.environ_of_hooks(env))


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
