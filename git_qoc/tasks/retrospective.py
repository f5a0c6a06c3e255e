"""Run the retrospective: read the record, compute, write the report."""

from __future__ import annotations

import gc
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from git_qoc.desk.syntax import bounded
from git_qoc.errors import DeskError, HistoryError, Refused
from git_qoc.history.walk import blob_at, late_blobs
from git_qoc.report.document import document
from git_qoc.report.json_text import to_json
from git_qoc.report.names import stem, title
from git_qoc.retrospective.compute import compute, previous
from git_qoc.retrospective.result import Retrospective
from git_qoc.tasks.benchmark_read import read_benchmark, without_benchmark
from git_qoc.tasks.chosen import Asked, Record, choices
from git_qoc.tasks.place import DESK_FILE, Place, detached, find_desk
from git_qoc.tasks.records import newest_time, records, scoped_records, time_at

FOLDER = "research/"


@dataclass(frozen=True, slots=True)
class Options:
    """`compare` adds the previous period of equal length. `print_only` writes nothing."""

    asked: Asked = field(default_factory=Asked)
    compare: bool = False
    print_only: bool = False
    output: Path | None = None
    commit: bool = True
    html: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`written` are paths as a person would type them; `commit` is None when nothing changed."""

    retrospective: Retrospective
    json_text: str
    written: tuple[str, ...] = ()
    commit: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The headline figures, for a person."""
        from git_qoc.report.markdown import to_summary

        return to_summary(self.retrospective)

    @property
    def markdown(self) -> str:
        """The whole report, without notes of a person's."""
        from git_qoc.report.markdown import to_markdown

        return to_markdown(self.retrospective)


def run(start: Path, options: Options) -> Done:
    """Compute over the snapshots of HEAD and, unless only printing, write and commit the report.

    The choices are those of desk.toml at HEAD, so that the same history gives the same bytes.

    Raises:
        HistoryError: no repository, nothing committed, or the report cannot be committed.
        DeskError: desk.toml at HEAD has faults.
    """
    place = find_desk(start)
    desk_text = _desk_text(place, "HEAD")
    result = computed(place, "HEAD", desk_text, options)
    done = Done(result, to_json(result), warnings=place.warnings + without_benchmark(result))
    if options.print_only:
        return done
    if options.html is not None:
        from git_qoc.tasks.pages import write_pages

        name = f"{stem(result.choices)}.html"
        return replace(done, written=write_pages(document(result), start / options.html, name))
    if options.output is not None:
        return _to_file(done, start / options.output)
    return _to_record(place, done, desk_text, commit=options.commit)


def computed(place: Place, rev: str, desk_text: str, options: Options) -> Retrospective:
    """The retrospective over the snapshots of a revision, with the choices of its desk.toml.

    Raises:
        DeskError: desk.toml has faults.
        Refused: there is no snapshot, or none has what is asked for.
        UsageError: an option that cannot be meant.
    """
    asked = options.asked
    with late_blobs(place.repo) as read, _no_garbage():
        if asked.connector is None and asked.symbol is None:
            found = records(place, rev, read)
        else:
            found = scoped_records(place, rev, read, asked.connector, asked.symbol)
        record = Record(lambda: newest_time(found), lambda name: time_at(place, name))
        chosen = choices(desk_text, f"{rev}:{DESK_FILE}", asked, record)
        closes = read_benchmark(place, rev, chosen.benchmark)
        result = compute(found, chosen, closes)
        if options.compare:
            result = replace(result, previous=compute(found, previous(result), closes))
    if not result.n_snapshots and not result.findings:
        raise Refused("there is no snapshot to report on. Take one with `git qoc snapshot`.")
    return result


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Python looks for circles among a million values again and again: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _to_record(place: Place, done: Done, desk_text: str, *, commit: bool) -> Done:
    from git_qoc.history.write import commit_files, refuse_if_busy, write_only

    result = done.retrospective
    name = FOLDER + stem(result.choices)
    markdown = _markdown(result, place.file(f"{name}.md"))
    files = {
        f"{place.root}{name}.md": markdown.encode(),
        f"{place.root}{name}.json": done.json_text.encode(),
    }
    written = tuple(files)
    if not commit:
        write_only(place.repo, files)
        return replace(done, written=written)
    refuse_if_busy(place.repo)
    subject, run_hooks = f"{_subject(result)}\n", _runs_hooks(desk_text)
    made = commit_files(place.repo, files, subject, what="retrospective", run_hooks=run_hooks)
    if made is None:
        return done
    return replace(done, written=written, commit=made.id, warnings=done.warnings + detached(made))


def _subject(result: Retrospective) -> str:
    """One line, whatever a connector is called."""
    text = "".join(char if char.isprintable() else " " for char in title(result))
    return text[0].lower() + text[1:]


def _to_file(done: Done, path: Path) -> Done:
    from git_qoc.history import workfile

    text = done.json_text if path.suffix == ".json" else _markdown(done.retrospective, path)
    workfile.write(path.parent, path.name, text.encode())
    return replace(done, written=(str(path),))


def _markdown(result: Retrospective, path: Path) -> str:
    """The report, with the notes that are in the file already."""
    from git_qoc.report.markdown import to_markdown
    from git_qoc.report.notes import extract_notes

    return to_markdown(result, extract_notes(_read(path)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _desk_text(place: Place, rev: str) -> str:
    data = blob_at(place.repo, rev, place.root + DESK_FILE)
    if data is None:
        if place.repo.resolve(rev) is None:
            raise HistoryError("there is no commit yet. Take a snapshot with `git qoc snapshot`.")
        raise DeskError(f"{place.root}{DESK_FILE} is not in {rev}. Commit it first.")
    return data.decode("utf-8", "replace")


def _runs_hooks(text: str) -> bool:
    """`[history] run_hooks`, read without the rest, which is checked where a report chooses something."""
    try:
        return tomllib.loads(bounded(text)).get("history", {}).get("run_hooks") is True
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError):
        return False
