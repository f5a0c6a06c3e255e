"""Run the retrospective: read the record, compute, write the report."""

from __future__ import annotations

import gc
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from git_qoc.desk.syntax import bounded
from git_qoc.desk.zone import DEFAULT, plain_zone
from git_qoc.errors import DeskError, HistoryError, Refused, UsageError
from git_qoc.history.reader import open_reader
from git_qoc.history.walk import Derive, Entry, blob_at, desk_blobs, entries, late_blobs
from git_qoc.report.json_text import to_json
from git_qoc.retrospective import digest
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.compute import compute
from git_qoc.retrospective.point import Restated, SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.tasks.place import DESK_FILE, Place, detached, find_desk

REPORT = "research/retrospective.md"
FIGURES = "research/retrospective.json"


@dataclass(frozen=True, slots=True)
class Options:
    since: str | None = None
    until: str | None = None
    live_only: bool = False
    print_only: bool = False
    output: Path | None = None
    commit: bool = True


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


def run(start: Path, options: Options) -> Done:
    """Compute over the snapshots of HEAD and, unless only printing, write and commit the report.

    The choices are those of desk.toml at HEAD, so that the same history gives the same bytes.

    Raises:
        HistoryError: no repository, nothing committed, or the report cannot be committed.
        DeskError: desk.toml at HEAD has faults.
    """
    place = find_desk(start)
    desk_text = _desk_text(place)
    choices = _choices(desk_text, options)
    with late_blobs(place.repo) as read, _no_garbage():
        result = compute(_records(place, read), choices)
        json_text = to_json(result)
    if not result.n_snapshots and not result.findings:
        raise Refused("there is no snapshot to report on. Take one with `git qoc snapshot`.")
    done = Done(result, json_text, warnings=place.warnings)
    if options.print_only:
        return done
    if options.output is not None:
        return _to_file(done, start / options.output)
    return _to_record(place, done, desk_text, commit=options.commit)


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
    markdown = _markdown(result, place.file(REPORT))
    files = {place.root + REPORT: markdown.encode(), place.root + FIGURES: done.json_text.encode()}
    written = tuple(files)
    if not commit:
        write_only(place.repo, files)
        return replace(done, written=written)
    refuse_if_busy(place.repo)
    span = f"{result.start} to {result.end}" if result.start else "no complete snapshot"
    subject, run_hooks = f"retrospective {span}\n", _runs_hooks(desk_text)
    made = commit_files(place.repo, files, subject, what="retrospective", run_hooks=run_hooks)
    if made is None:
        return done
    return replace(done, written=written, commit=made.id, warnings=done.warnings + detached(made))


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


def _desk_text(place: Place) -> str:
    data = blob_at(place.repo, "HEAD", place.root + DESK_FILE)
    if data is None:
        if place.repo.resolve("HEAD") is None:
            raise HistoryError("there is no commit yet. Take a snapshot with `git qoc snapshot`.")
        raise DeskError(f"{place.root}{DESK_FILE} is not in HEAD. Commit it first.")
    return data.decode("utf-8", "replace")


def _runs_hooks(text: str) -> bool:
    """`[history] run_hooks`, read without the rest, which is checked where a report chooses something."""
    try:
        return tomllib.loads(bounded(text)).get("history", {}).get("run_hooks") is True
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError):
        return False


def _choices(text: str, options: Options) -> Choices:
    """The command line's choices over those of desk.toml, and where each was made."""
    plain = plain_zone(text)
    given: dict[str, Any] = {"zone": plain} if plain is not None else _chosen(text)
    zone = given.pop("zone")
    origins = dict.fromkeys(given, DESK_FILE)
    if zone.key != DEFAULT:
        origins["zone"] = DESK_FILE
    for name in ("since", "until"):
        if getattr(options, name) is not None:
            given[name] = _day(name, getattr(options, name))
            origins[name] = "command line"
    if options.live_only:
        origins["live_only"] = "command line"
    return Choices(zone=zone, live_only=options.live_only, origins=origins, **given)


def _chosen(text: str) -> dict[str, Any]:
    """What `[retrospective]` chooses, by name, and the zone; raises DeskError for faults in desk.toml."""
    from git_qoc.desk.config import parse  # costs 0.1 s, which most reports need not spend

    config = parse(text, f"HEAD:{DESK_FILE}")
    table = config.retrospective
    names = ("periods_per_year", "risk_free", "partial", "flows", "day_cutoff")
    chosen = {name: getattr(table, name) for name in names if getattr(table, name) is not None}
    return {**chosen, "zone": ZoneInfo(table.timezone or config.zone)}


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'--{name}: expected a date such as 2026-01-31, found "{text}".') from None


def _records(place: Place, read: Callable[[str], bytes]) -> Iterator[SnapshotRecord]:
    found = entries(place.repo, "HEAD", place.root, Derive(digest.version(), digest.line))
    enabled = _enabled_at(place, [entry for entry in found if not digest.is_ours(entry.derived)])
    for entry in found:
        yield SnapshotRecord(
            path=entry.path,
            text=partial(read, entry.blob),
            commit=entry.commit,
            committed_at=entry.committed,
            enabled=enabled.get(entry.first_commit or entry.commit or ""),
            restated=Restated(entry.first_commit) if entry.first_commit else None,
            digest=entry.derived,
        )


def _enabled_at(place: Place, found: list[Entry]) -> Mapping[str, frozenset[str] | None]:
    """The connectors that desk.toml enabled at each commit; None where it cannot be read.

    Asked only for other tools' files: ours say themselves who was missing.
    """
    if not found:
        return {}
    commits = [first for entry in found if (first := entry.first_commit or entry.commit)]
    by_commit = desk_blobs(place.repo, commits, place.root)
    different = list(dict.fromkeys(by_commit.values()))
    texts = {blob: _enabled(data) for blob, data in open_reader(place.repo, 1).blobs(different)}
    return {commit: texts[blob] for commit, blob in by_commit.items()}


def _enabled(data: bytes) -> frozenset[str] | None:
    try:
        rows = tomllib.loads(bounded(data.decode("utf-8"))).get("connector", [])
        return frozenset(str(row["name"]) for row in rows if row.get("enabled", True) is True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, TypeError, KeyError, AttributeError):
        return None
