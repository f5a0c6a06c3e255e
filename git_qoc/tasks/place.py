"""Which folder of which repository is the desk. Cheap: for commands that only read history."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from git_qoc.errors import DeskError, HistoryError
from git_qoc.history.repository import Repository, discover

if TYPE_CHECKING:
    from git_qoc.history.publish import Commit

DESK_FILE = "desk.toml"
CUT = "this clone is shallow, so its record is cut: older commits are missing. Run git fetch --unshallow"


def detached(commit: Commit | None) -> tuple[str, ...]:
    """The warning that a new commit is on no branch; none when there is a branch, or no commit."""
    if commit is None or commit.branch is not None:
        return ()
    return (f"HEAD is detached: {commit.id[:10]} is on no branch. Keep it with git branch NAME",)


@dataclass(frozen=True, slots=True)
class Place:
    """`root` is the desk's folder below the repository's top: "" or "books/desk/".

    `rev` is what is read of its history.
    """

    repo: Repository
    root: str
    rev: str = "HEAD"

    @property
    def state_dir(self) -> Path:
        """Where paper accounts and memory are kept; never history, and made only by who writes.

        Two desks of one repository share none, though both may call a connector `main`.
        """
        folder = self.repo.common_dir / "qoc"
        if not self.root:
            return folder
        import hashlib

        return folder / f"desk-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever reads the record here must be told; nothing where it is whole."""
        return (CUT,) if self.repo.shallow else ()

    def file(self, name: str) -> Path:
        """The work-tree path of a file of the desk."""
        if self.repo.top is None:
            raise DeskError(
                f"{self.repo.git_dir} is a bare repository, which has no work tree. "
                "Run this in a clone of it."
            )
        return self.repo.top / self.root / name


def find_desk(start: Path) -> Place:
    """The nearest folder with a desk.toml, from `start` up to the repository's top.

    A desk.toml that a sparse checkout leaves out counts. In a bare repository it is the desk
    of HEAD: its root, or the one folder that has a desk.toml.

    Raises:
        HistoryError: not in a repository.
        DeskError: no desk.toml on the way, or several in a bare repository without one at its root.
    """
    repo = discover(start)
    if repo.top is None:
        return Place(repo, root_at(repo))
    top = repo.top.resolve()
    here = start.resolve()
    folders = [here, *here.parents] if here.is_relative_to(top) else [top]
    roots = [_root(top, folder) for folder in folders[: folders.index(top) + 1]]
    present = next((at for at, root in enumerate(roots) if (top / root / DESK_FILE).is_file()), None)
    if present == 0:
        return Place(repo, roots[0])
    nearer = roots if present is None else roots[:present]
    tracked = _tracked(repo, nearer)
    sparse = next((root for root in nearer if tracked.get(root + DESK_FILE) in ("S", "s")), None)
    if sparse is not None:
        return Place(repo, sparse)
    if present is not None:
        return Place(repo, roots[present])
    if tracked:
        missing = next(iter(tracked))
        raise DeskError(f"{top}: {missing} was deleted here. Bring it back: git restore :/{missing}")
    raise DeskError(f"{top}: no desk.toml here or above. Run `git qoc init` to make this repository a desk.")


def _root(top: Path, folder: Path) -> str:
    below = folder.relative_to(top).as_posix()
    return "" if below == "." else f"{below}/"


def _tracked(repo: Repository, roots: list[str]) -> dict[str, str]:
    """git's status letter of each desk.toml in the index: H, S where it is left out (skip-worktree)."""
    args = ("--literal-pathspecs", "ls-files", "-v", "-z", "--full-name", "--")
    listing = repo.git(*args, *(root + DESK_FILE for root in roots)).decode("utf-8", "surrogateescape")
    return {line[2:]: line[0] for line in listing.split("\0")[:-1]}


def require_whole(repo: Repository) -> None:
    """Raise HistoryError in a shallow clone: what is published must know how each snapshot came about."""
    if repo.shallow:
        raise HistoryError(
            f"{CUT}, or clone with all of it (GitHub, Forgejo: fetch-depth: 0; GitLab: GIT_DEPTH: 0)."
        )


def root_at(repo: Repository, rev: str = "HEAD") -> str:
    """The folder of rev's desk, in a repository that need not have a work tree; "" without a commit.

    Raises:
        DeskError: there is no desk.toml, or there are several and none at the top.
    """
    if repo.resolve(rev) is None:
        return ""
    listing = repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", rev)
    paths = listing.decode("utf-8", "surrogateescape").split("\0")[:-1]
    roots = [path.removesuffix(DESK_FILE) for path in paths if f"/{path}".endswith(f"/{DESK_FILE}")]
    if "" in roots or len(roots) == 1:
        return "" if "" in roots else roots[0]
    if not roots:
        raise DeskError(f"{repo.git_dir}: no desk.toml in {rev[:10]}. Is this the repository of a desk?")
    raise DeskError(
        f"{repo.git_dir}: {rev[:10]} has several desks ({', '.join(roots)}). "
        "Clone it and go to the one you mean."
    )
