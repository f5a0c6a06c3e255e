"""One hook of git: put in place before what is there, and taken back.

Ours is `NAME`; what stood there before is kept as `NAME.qoc-chained` and runs after it. Where
pre-commit's own script is `NAME`, which runs `NAME.legacy` before anything else (pre-commit.com,
"Running in migration mode"), ours is that one: there it stays when pre-commit installs itself
again, and `pre-commit uninstall` makes it `NAME`. Every step leaves the old or the new state.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history import workfile
from git_qoc.history.process import os_reason
from git_qoc.tasks.setup_hook_text import (
    CHAINED,
    LEGACY,
    WINDOWS_LINE,
    by_hand,
    calls,
    is_marked,
    is_pre_commits,
    reads_own_name,
    script,
)


@dataclass(frozen=True, slots=True)
class Hook:
    """What reads or writes may raise QocError or OSError."""

    folder: Path
    name: str
    shim: str

    @property
    def own(self) -> Path:
        """What git runs."""
        return self.folder / self.name

    @property
    def legacy(self) -> Path:
        return self.folder / f"{self.name}{LEGACY}"

    @property
    def chained(self) -> Path:
        return self.folder / f"{self.name}{CHAINED}"

    @property
    def place(self) -> Path:
        """Where ours belongs, as things are now."""
        theirs = is_pre_commits(content(self.own) or b"") and os.access(self.own, os.X_OK)
        return self.legacy if theirs else self.own

    def put(self, *, force: bool, dry: bool) -> tuple[str, str]:
        """Install or update it; returns a state of `setup.Step` and a note.

        With `force` also where the hook that is there reads its own name, which chaining changes.
        """
        place = self.place
        found = content(place)
        wanted = script(self.name, self.shim)
        if found is not None and not _is_ours(place):
            return self._put_before(place, found, force=force, dry=dry)
        if found == wanted and os.access(place, os.X_OK):
            return "present", self._note(place, self.chained)
        if not dry:
            self._write(place)
        return "installed" if found is None else "updated", self._note(place, self.chained)

    def take(self, *, dry: bool) -> tuple[str, str]:
        """Take ours away; what it was chained with stands where it stood, to the byte."""
        kept = content(self.chained) is not None
        ours = [path for path in (self.own, self.legacy) if _is_ours(path)]
        if kept and not ours and content(self.own) is None:
            ours = [self.own]
        copied = kept and not ours and _identity(self.chained) == _identity(self.place)
        if not dry:
            workfile.remove_leftover(self.folder, self._new)
            workfile.remove(self.folder, self._new)
            for path in ours:
                self._restore(path)
            if copied:
                self.chained.unlink()
        if ours:
            return "removed", f"yours is {ours[0].name} again" if kept else ""
        if copied:
            return "removed", "a second copy of yours"
        return "absent", f"nothing runs {self.chained.name}, an earlier one of yours" if kept else ""

    def _put_before(self, place: Path, found: bytes, *, force: bool, dry: bool) -> tuple[str, str]:
        """A hook of the user's stands where ours belongs."""
        runs = os.access(place, os.X_OK)
        if runs and (found == self.shim.encode() or calls(found, self.name)):
            return "present", "not made by setup"
        if runs and reads_own_name(found) and not force:
            hint = by_hand(place, self.name)
            return "kept", f"yours reads its own name, which chaining changes. {hint}. --force chains it"
        if content(self.chained) is not None and _identity(self.chained) != _identity(place):
            two = f"{self.chained.name} is an earlier one of yours"
            return "kept", f"{two}. Make one of the two and run this again"
        note = self._note(place, place)
        if not dry:
            self._write(place, keep=True)
        return "installed", note

    @property
    def _new(self) -> str:
        return f".{self.name}.qoc-new"

    def _note(self, place: Path, theirs: Path) -> str:
        """What runs besides ours; `theirs` is where the user's hook is now."""
        note = "pre-commit runs it first" if place == self.legacy else ""
        found = content(theirs)
        if found is None:
            return note
        note += ", " if note else ""
        if not os.access(theirs, os.X_OK):
            return f"{note}yours is not executable, so git ignored it; it is {self.chained.name}, ignored too"
        if WINDOWS_LINE.match(found):
            return (
                f"{note}then yours, {self.chained.name}, which cannot run: its first line ends as on Windows"
            )
        return f"{note}then yours, {self.chained.name}"

    def _write(self, place: Path, *, keep: bool = False) -> None:
        """Ours as a whole over what is at `place`, which with `keep` has its other name by then."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / self._new
        workfile.write(self.folder, new.name, script(self.name, self.shim))
        try:
            # Who may enter the folder may run it: git ignores a hook that it may not run.
            new.chmod(0o700 | (self.folder.stat().st_mode & 0o055))
            if keep:
                self._keep(place)
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)
        if not os.access(place, os.X_OK):
            raise HistoryError("written, and git cannot run it. Is the file system mounted noexec?")
        if place == self.own and _is_ours(self.legacy):
            self.legacy.unlink()

    def _keep(self, place: Path) -> None:
        """A second name for the same file: mode and link stay, and it overwrites nothing."""
        try:
            if content(self.chained) is None:
                os.link(place, self.chained, follow_symlinks=False)
        except OSError as exc:
            raise HistoryError(
                f"yours cannot be linked to {self.chained.name}: {os_reason(exc)}. "
                "Rename it to that and run this again"
            ) from None

    def _restore(self, path: Path) -> None:
        if content(self.chained) is not None:
            self.chained.replace(path)
        else:
            path.unlink()


def content(path: Path) -> bytes | None:
    """The file's bytes; of a link, those it leads to, b"" where that is nothing. None: no such file.

    Raises:
        HistoryError: it is no file.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        if not path.exists():
            return b""
        mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise HistoryError(f"{path.name} is {what}, expected a file. Move it away and run this again")
    return path.read_bytes()


def _is_ours(path: Path) -> bool:
    """A link is the user's, wherever it leads."""
    return is_marked(content(path) or b"") and not path.is_symlink()


def _identity(path: Path) -> tuple[int, bytes | str | None] | None:
    """Equal for files that are the same hook; None where there is none."""
    if not os.path.lexists(path):
        return None
    return path.lstat().st_mode, str(path.readlink()) if path.is_symlink() else content(path)
