"""Which folder of which repository is the desk. Cheap: for commands that only read history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import DeskError
from git_qoc.history.repository import Repository, discover

DESK_FILE = "desk.toml"


@dataclass(frozen=True, slots=True)
class Place:
    """`root` is the desk's folder below the repository's top: "" or "books/desk/"."""

    repo: Repository
    root: str

    @property
    def state_dir(self) -> Path:
        """Where paper accounts and memory are kept; never history, and made only by who writes."""
        return self.repo.common_dir / "qoc"

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

    In a bare repository, its root.

    Raises:
        HistoryError: not in a repository.
        DeskError: no desk.toml on the way.
    """
    repo = discover(start)
    if repo.top is None:
        return Place(repo, "")
    top = repo.top.resolve()
    here = start.resolve()
    folders = [here, *here.parents] if here.is_relative_to(top) else [top]
    for folder in folders:
        if (folder / DESK_FILE).is_file():
            below = folder.relative_to(top).as_posix()
            return Place(repo, "" if below == "." else f"{below}/")
        if folder == top:
            break
    raise DeskError(f"{top}: no desk.toml here or above. Run `git qoc init` to make this repository a desk.")
