"""A computed report as files: in the record, in one file, or as a page in a folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from git_qoc.desk.syntax import bounded
from git_qoc.history import workfile
from git_qoc.report.badge import badge
from git_qoc.report.illustrations import NO_PICTURES
from git_qoc.report.markdown import to_markdown
from git_qoc.report.names import stem, title
from git_qoc.report.notes import extract_notes
from git_qoc.retrospective.result import Retrospective
from git_qoc.tasks.place import Place, detached
from git_qoc.tasks.retrospective import Done, desk_text

RESEARCH = "research/"


def to_record(place: Place, done: Done, *, commit: bool) -> Done:
    """Write the report, its figures, its badge and its pictures into research/, and commit just those."""
    from git_qoc.history.write import commit_files, refuse_if_busy, write_only

    files = _files(place, done)
    if not commit:
        write_only(place.repo, files)
        return replace(done, written=tuple(files))
    refuse_if_busy(place.repo)
    subject, run_hooks = f"{_subject(done.retrospective)}\n", _runs_hooks(desk_text(place))
    made = commit_files(place.repo, files, subject, what="retrospective", run_hooks=run_hooks)
    if made is None:
        return done
    warnings = done.warnings + detached(made)
    return replace(done, written=tuple(files), commit=made.id, warnings=warnings)


def as_file(done: Done, path: Path) -> tuple[str, ...]:
    """Write the report to one file: its figures where that is called .json, else markdown."""
    text = done.json_text if path.suffix == ".json" else _markdown(done, path, NO_PICTURES)
    workfile.write(path.parent, path.name, text.encode())
    return (str(path),)


def as_page(done: Done, folder: Path) -> tuple[str, ...]:
    """Write the page, the badge and the index of all reports in the folder."""
    from git_qoc.tasks.pages import write_pages

    return write_pages(done.document, folder, f"{stem(done.retrospective.choices)}.html")


def _files(place: Place, done: Done) -> dict[str, bytes]:
    """By path in the repository, the report first."""
    from git_qoc.report.pictures import pictures

    name = stem(done.retrospective.choices)
    drawn = pictures(done.document, name)
    markdown = _markdown(done, place.file(f"{RESEARCH}{name}.md"), drawn)
    files = {
        f"{name}.md": markdown.encode(),
        f"{name}.json": done.json_text.encode(),
        f"{name}-badge.svg": badge(done.document).encode(),
        **drawn,
    }
    return {f"{place.root}{RESEARCH}{file}": data for file, data in files.items()}


def _subject(result: Retrospective) -> str:
    """One line, whatever a connector is called."""
    text = "".join(char if char.isprintable() else " " for char in title(result))
    return text[0].lower() + text[1:]


def _markdown(done: Done, path: Path, drawn: Mapping[str, bytes]) -> str:
    """The report, with the notes that are in the file already."""
    try:
        former = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        former = ""
    return to_markdown(done.retrospective, extract_notes(former), drawn, shown=done.document)


def _runs_hooks(text: str) -> bool:
    """`[history] run_hooks`, read without the rest, which is checked where a report chooses something."""
    try:
        return tomllib.loads(bounded(text)).get("history", {}).get("run_hooks") is True
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError):
        return False
