"""Run the retrospective: read the record, compute, and take the report where it is asked for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from git_qoc.errors import DeskError, HistoryError, Refused
from git_qoc.history.walk import blob_at, late_blobs
from git_qoc.report.document import document
from git_qoc.report.json_text import json_text
from git_qoc.report.values import Json
from git_qoc.retrospective.compute import compute, previous
from git_qoc.retrospective.result import Retrospective
from git_qoc.tasks.benchmark_read import read_benchmark, without_benchmark
from git_qoc.tasks.chosen import Asked, Record, choices
from git_qoc.tasks.place import DESK_FILE, Place, find_desk
from git_qoc.tasks.records import newest_time, records, scoped_records, time_at


@dataclass(frozen=True, slots=True)
class Options:
    """`compare` adds the previous period of equal length.

    The report goes to the record; with `print_only` nowhere, with `output` into that file, with
    `html` as a page into that folder. At most one of the three.
    """

    asked: Asked = field(default_factory=Asked)
    compare: bool = False
    print_only: bool = False
    output: Path | None = None
    html: Path | None = None
    commit: bool = True


@dataclass(frozen=True)
class Done:
    """`written` are paths as a person would type them; `commit` is None when nothing changed."""

    retrospective: Retrospective
    written: tuple[str, ...] = ()
    commit: str | None = None
    warnings: tuple[str, ...] = ()

    @cached_property
    def document(self) -> dict[str, Json]:
        """What every form of the report is made from."""
        return document(self.retrospective)

    @property
    def json_text(self) -> str:
        return json_text(self.document)

    @property
    def summary(self) -> str:
        """The headline figures, for a person."""
        from git_qoc.report.markdown import to_summary

        return to_summary(self.retrospective)

    @property
    def markdown(self) -> str:
        """The whole report, without notes of a person's."""
        from git_qoc.report.markdown import to_markdown

        return to_markdown(self.retrospective, shown=self.document)


def run(start: Path, options: Options) -> Done:
    """Compute over the snapshots of HEAD and, unless only printing, write the report.

    The choices are those of desk.toml at HEAD, so that the same history gives the same bytes.

    Raises:
        HistoryError: no repository, nothing committed, or the report cannot be written or committed.
        DeskError: desk.toml at HEAD has faults.
        Refused: there is no snapshot, none has what is asked for, or a page would replace another file.
        UsageError: an option that cannot be meant.
    """
    place = find_desk(start)
    done = compute_at(place, options)
    if options.print_only:
        return done
    from git_qoc.tasks import report_files

    if options.html is not None:
        return replace(done, written=report_files.as_page(done, start / options.html))
    if options.output is not None:
        return replace(done, written=report_files.as_file(done, start / options.output))
    return report_files.to_record(place, done, commit=options.commit)


def compute_at(place: Place, options: Options) -> Done:
    """Compute over the snapshots of `place.rev` and write nothing; needs no work tree. Raises as `run`."""
    asked, rev = options.asked, place.rev
    desk = desk_text(place)
    with late_blobs(place.repo) as read, _no_garbage():
        if asked.connector is None and asked.symbol is None:
            found = records(place, read)
        else:
            found = scoped_records(place, read, asked.connector, asked.symbol)
        record = Record(lambda: newest_time(found), lambda name: time_at(place, name))
        chosen = choices(desk, f"{rev}:{DESK_FILE}", asked, record)
        closes = read_benchmark(place, rev, chosen.benchmark)
        result = compute(found, chosen, closes)
        if options.compare:
            result = replace(result, previous=compute(found, previous(result), closes))
    if not result.n_snapshots and not result.findings:
        raise Refused("there is no snapshot to report on. Take one with `git qoc snapshot`.")
    return Done(result, warnings=place.warnings + without_benchmark(result))


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


def desk_text(place: Place) -> str:
    """desk.toml at `place.rev`.

    Raises:
        HistoryError: there is no commit.
        DeskError: it has none.
    """
    data = blob_at(place.repo, place.rev, place.root + DESK_FILE)
    if data is None:
        if place.repo.resolve(place.rev) is None:
            raise HistoryError("there is no commit yet. Take a snapshot with `git qoc snapshot`.")
        raise DeskError(f"{place.root}{DESK_FILE} is not in {place.rev[:10]}. Commit it first.")
    return data.decode("utf-8", "replace")
