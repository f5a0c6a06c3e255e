"""Where the desk is and what stands in its desk.toml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from git_qoc.desk.config import DeskConfig, parse
from git_qoc.errors import DeskError
from git_qoc.history.repository import Repository
from git_qoc.tasks.place import DESK_FILE, Place, find_desk


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk: its place, the text of desk.toml and what it says."""

    place: Place
    text: str
    config: DeskConfig

    @property
    def repo(self) -> Repository:
        return self.place.repo


def open_desk(start: Path) -> Desk:
    """The desk that `start` is in, from its work tree.

    Raises:
        HistoryError: not in a repository.
        DeskError: no desk.toml, or faults in it, one line each.
    """
    place = find_desk(start)
    path = place.file(DESK_FILE)
    if path.is_symlink():
        raise DeskError(f"{path}: is a symbolic link. Replace it with the file itself.")
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DeskError(
            f"{path}: the sparse checkout leaves it out. Add its folder with git sparse-checkout add, "
            "or end it with git sparse-checkout disable."
        ) from None
    except UnicodeDecodeError as exc:
        raise DeskError(f"{path}: byte {exc.start}: not UTF-8. Save it as UTF-8 without a BOM.") from None
    except OSError as exc:
        raise DeskError(f"{path}: cannot be read: {exc.strerror}.") from None
    return Desk(place, text, parse(text))
