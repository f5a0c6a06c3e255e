"""git's merge driver for desk.toml: the files git gives in, the merged one out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from git_qoc.desk.meaning import doubts
from git_qoc.desk.merge import Merged, Style, merge
from git_qoc.errors import HistoryError, QocError
from git_qoc.history import workfile
from git_qoc.history.process import call, complaint, os_reason

MAX_BYTES = 1 << 20
"""A larger file is merged by its lines: nobody wrote it by hand."""


@dataclass(frozen=True, slots=True)
class Job:
    """`base`, `ours` and `theirs` are files git made (%O %A %B); labels are "" where git gives none."""

    base: Path
    ours: Path
    theirs: Path
    size: int
    labels: tuple[str, str, str] = ("", "", "")


def merge_desk(job: Job) -> tuple[str, ...]:
    """Write the merge of the three over `job.ours`; returns the conflicts, one sentence each.

    Raises:
        QocError: a file cannot be read or written, or git cannot merge it; `job.ours` is as it was.
    """
    data = [_read(path) for path in (job.base, job.ours, job.theirs)]
    merged = _by_blocks(data, job)
    text, conflicts = (merged.text.encode(), merged.conflicts) if merged else _by_lines(data, job)
    folder = job.ours.absolute().parent
    workfile.write(folder, job.ours.name, text)
    return conflicts


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise QocError(f"{path}: cannot be read: {os_reason(exc)}.") from None


def _by_blocks(data: list[bytes], job: Job) -> Merged | None:
    if any(len(side) > MAX_BYTES for side in data):
        return None
    try:
        base, ours, theirs = (side.decode("utf-8") for side in data)
    except UnicodeDecodeError:
        return None
    merged = merge(base, ours, theirs, _style(job, show_base=False))
    if merged and merged.conflicts and _shows_base(job.ours.absolute().parent):
        merged = merge(base, ours, theirs, _style(job, show_base=True))
    return merged


def _by_lines(data: list[bytes], job: Job) -> tuple[bytes, tuple[str, ...]]:
    """As git merges any text, and what makes that doubtful here."""
    style = _style(job, show_base=False)
    files = [str(path.absolute()) for path in (job.ours, job.base, job.theirs)]
    labels = [word for label in (style.ours, style.base, style.theirs) for word in ("-L", label)]
    args = ("merge-file", "-p", f"--marker-size={job.size}", *labels, "--", *files)
    done = call(args, job.ours.absolute().parent)
    if not 0 <= done.code < 128:
        raise HistoryError(f"git merge-file failed: {complaint(done.err)}.")
    if done.code:
        return done.out, ("merged by lines, because the blocks are not clear. Look for the markers",)
    try:
        base, ours, theirs, text = (side.decode("utf-8") for side in (*data, done.out))
    except UnicodeDecodeError:
        return done.out, ("not UTF-8. Save it as UTF-8",)
    return done.out, doubts(base, ours, theirs, text) if len(text) <= MAX_BYTES else ()


def _style(job: Job, *, show_base: bool) -> Style:
    base, ours, theirs = job.labels
    return Style(ours or "ours", base or "base", theirs or "theirs", job.size, show_base)


def _shows_base(folder: Path) -> bool:
    asked = call(("config", "--get", "merge.conflictStyle"), folder)
    return asked.out.strip().lower() in (b"diff3", b"zdiff3")
