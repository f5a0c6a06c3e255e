"""What a snapshot was first committed as, asked of git for one path."""

from __future__ import annotations

from collections.abc import Collection

from git_qoc.history.audits.changes import changes, tree_files
from git_qoc.history.audits.ledger import Recorded
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED


def first_recorded(repo: Repository, path: str, before: str, cut: Collection[str]) -> Recorded | None:
    """What the file at `path` was when it first came, in a commit before `before`.

    None where none did, or where that is one of `cut`, a shallow clone's oldest commits.
    """
    settings = ("--literal-pathspecs", "-c", "log.follow=false", "-c", "log.showRoot=true")
    args = ("log", "--no-show-signature", "--format=%H", "--diff-filter=A", "--no-renames", before)
    ids = repo.git(*settings, *args, "--", path, env=AS_STORED).decode().split()
    if not ids or ids[-1] in cut or ids[-1] == before:
        return None
    file = tree_files(repo, ids[-1], path).get(path)
    return Recorded(path, file.blob, ids[-1]) if file else None


def all_first_recorded(repo: Repository, folder: str, cut: Collection[str]) -> dict[str, Recorded]:
    """As `first_recorded` of HEAD's history, for every file at or under `folder` in one pass."""
    args = ("--literal-pathspecs", "rev-list", "--reverse", "--topo-order", "--full-history", "--no-merges")
    ids = repo.git(*args, "HEAD", "--", folder, env=AS_STORED).decode().split()
    found: dict[str, Recorded] = {}
    for commit, some in changes(repo, ids, [folder]).items():
        for change in some:
            if not change.old_mode:
                known = None if commit in cut else commit
                found.setdefault(change.path, Recorded(change.path, change.blob, known))
    return found
