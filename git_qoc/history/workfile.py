"""Work files, each whole or not there at all: a temporary beside it, fsync, rename.

Paths are relative to the root with `/`. Every folder on the way is opened without following
symbolic links, so that a hostile clone cannot make us write outside its work tree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from git_qoc.errors import HistoryError
from git_qoc.history.process import os_reason

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def check_path(path: str) -> None:
    """Refuse a path that git would not track or that leaves the root."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise HistoryError(f"{path!r} is not a path inside the repository")
    if "\n" in path:
        raise HistoryError(f"{path!r} holds a line break. Rename the folder")


def read(root: Path, path: str) -> bytes | None:
    """The file's bytes, None when it does not exist."""
    try:
        with _parent(root, path, create=False) as folder:
            if _mode(folder, path) is None:
                return None
            fd = os.open(_name(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            with os.fdopen(fd, "rb") as file:
                return file.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise HistoryError(f"cannot read {root / path}: {os_reason(exc)}") from None


def write(root: Path, path: str, data: bytes) -> None:
    """Replace or create the file; its mode is kept, missing folders are made."""
    try:
        with _parent(root, path, create=True) as folder:
            _replace(folder, path, data)
    except OSError as exc:
        _prune(root, path)
        raise HistoryError(f"cannot write {root / path}: {os_reason(exc)}") from None


def remove(root: Path, path: str) -> None:
    """Remove the file if it is there, and the folders this leaves empty, as git does."""
    _unlink(root, path, _name(path))


def remove_leftover(root: Path, path: str) -> None:
    """Remove the temporary that a killed `write` of this path may have left."""
    _unlink(root, path, _temporary(path))


def _unlink(root: Path, path: str, name: str) -> None:
    try:
        with _parent(root, path, create=False) as folder:
            # Asked first, because a read-only file system refuses even what is not there.
            os.stat(name, dir_fd=folder, follow_symlinks=False)
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    except OSError as exc:
        raise HistoryError(f"cannot remove {(root / path).with_name(name)}: {os_reason(exc)}") from None
    _prune(root, path)


def _replace(folder: int, path: str, data: bytes) -> None:
    name, temporary, mode = _name(path), _temporary(path), _mode(folder, path)
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    fd = os.open(temporary, NEW_FILE, 0o666, dir_fd=folder)
    try:
        with os.fdopen(fd, "wb") as file:
            if mode is not None:
                os.fchmod(fd, stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(fd)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


@contextmanager
def _parent(root: Path, path: str, *, create: bool) -> Iterator[int]:
    """A descriptor of the folder that holds `path`."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in PurePosixPath(path).parts[:-1]:
            fd_of_parent, fd = fd, _enter(fd, part, root / path, create=create)
            os.close(fd_of_parent)
        yield fd
    finally:
        os.close(fd)


def _enter(folder: int, part: str, path: Path, *, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
    try:
        return os.open(part, FOLDER, dir_fd=folder)
    except NotADirectoryError:
        link = stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
        found = "a symbolic link" if link else "a file"
        raise HistoryError(
            f"{path}: {part} is {found}, expected a folder of the work tree. Replace it and try again"
        ) from None


def _mode(folder: int, path: str) -> int | None:
    """The mode of an existing regular file, None when there is nothing."""
    try:
        mode = os.stat(_name(path), dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        found = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise HistoryError(f"{path} is {found}, expected a file. Replace it and try again")
    return mode


def _prune(root: Path, path: str) -> None:
    for folder in PurePosixPath(path).parents[:-1]:
        try:
            (root / folder).rmdir()
        except OSError:
            return


def _name(path: str) -> str:
    return PurePosixPath(path).name


def _temporary(path: str) -> str:
    return f".{_name(path)}.qoc-tmp"
