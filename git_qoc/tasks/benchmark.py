"""Fetch a benchmark's daily closes from a venue and keep them in the record, where reports read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.desk.benchmark import fetched_path, source
from git_qoc.errors import Refused, UsageError, VenueError
from git_qoc.history import workfile
from git_qoc.history.walk import snapshot_files
from git_qoc.history.write import commit_files, refuse_if_busy, write_only
from git_qoc.model import Clock, Close
from git_qoc.money import plain
from git_qoc.retrospective.benchmark.closes import MAX_AGE_DAYS, dumps
from git_qoc.retrospective.benchmark.csv_file import parse
from git_qoc.retrospective.metrics import Undefined
from git_qoc.tasks.benchmark_venue import Teller, teller
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.dates import first_instant
from git_qoc.tasks.desk import Desk
from git_qoc.tasks.place import detached
from git_qoc.tasks.show import read

NAMED = 5
Closes = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True)
class Options:
    """`since` as typed. `refresh` takes all closes anew instead of adding to those that are there."""

    symbol: str | None = None
    connector: str | None = None
    since: str | None = None
    refresh: bool = False
    commit: bool = True
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """`path` is root-relative; `closes` count those in the file now, `added` the dates that are new in it.

    `written` is False when the record has the same already; `commit` is None then, and when none is made.
    """

    symbol: str
    connector: str
    venue: str
    path: str
    first: date
    last: date
    closes: int
    added: int
    written: bool
    commit: str | None
    warnings: tuple[str, ...]


def fetch(desk: Desk, clock: Clock, environ: Mapping[str, str], options: Options) -> Fetched:
    """Add the closes of the days that are over; one commit of exactly that file.

    Raises:
        UsageError: no symbol, an unknown connector, or a date that cannot be meant.
        Refused: no venue tells them, or it now tells another close for a date that is there (as after a
            split or dividend, where closes are adjusted); nothing is written.
        VenueError: the venue cannot be asked.
        HistoryError: it cannot be committed; nothing is left behind.
    """
    if options.commit:
        refuse_if_busy(desk.repo)
    symbol = _symbol(desk, options.symbol)
    one = teller(desk, options.connector)
    path = desk.place.root + fetched_path(symbol)
    before = _bytes(desk, path)
    old = _kept(before, path, symbol)
    since = min([_since(desk, options.since, clock), *old])
    told = _told(desk, one, clock, environ, options.timeout_s, (symbol, since))
    new = {close.day: close.price for close in told}
    if not options.refresh:
        _refuse_other_closes(old, new, path, one)
    closes = dict(new) if options.refresh else {**new, **old}
    days = sorted(closes)
    written, commit, warnings = _write(desk, symbol, one, path, before, closes, options)
    return Fetched(
        symbol=symbol,
        connector=one.connector,
        venue=one.venue,
        path=path,
        first=days[0],
        last=days[-1],
        closes=len(days),
        added=len(closes.keys() - old.keys()),
        written=written,
        commit=commit,
        warnings=(*_warnings(old, closes, since, one), *warnings),
    )


def _symbol(desk: Desk, asked: str | None) -> str:
    if asked is None:
        choice = desk.config.retrospective.benchmark
        if choice is None:
            raise UsageError(
                "which closes? Name a symbol: `git qoc run benchmark SPY`, or in desk.toml: "
                'benchmark = "SPY" under [retrospective].'
            )
        found = source(choice)
        if not found.fetched:
            raise UsageError(
                f"the benchmark of desk.toml is a file of your own, {found.path}, which nothing is fetched "
                "for. Name a symbol to fetch."
            )
        return found.symbol
    try:
        fetched_path(asked)
    except ValueError:
        raise UsageError("expected a symbol such as SPY or BTC/USD. Write it as the venue does.") from None
    return asked


def _bytes(desk: Desk, path: str) -> bytes | None:
    """The work file's, None where there is none."""
    top = desk.repo.top
    return None if top is None else workfile.read(top, path)


def _kept(before: bytes | None, path: str, symbol: str) -> dict[date, Decimal]:
    if before is None:
        return {}
    found = parse(before, path, symbol)
    if isinstance(found, Undefined):
        raise Refused(f"{found.reason} Or remove the file to fetch it anew.")
    return dict(zip(found.days, found.prices, strict=True))


def _since(desk: Desk, text: str | None, clock: Clock) -> date:
    """The date asked for; else so long before the first snapshot that its day has a close in any case."""
    zone = ZoneInfo(desk.config.retrospective.timezone or desk.config.zone)
    if text is not None:
        return first_instant(text, "--since", clock(), zone).astimezone(zone).date()
    oldest = snapshot_files(desk.repo, "HEAD", desk.place.root)[:1]
    if not oldest:
        raise Refused("there is no snapshot yet to compare with. Say from when on: --since 2026-01-31.")
    first = read(desk.place, oldest[0]).timestamp
    return first.astimezone(zone).date() - timedelta(days=MAX_AGE_DAYS)


def _told(  # the question, and who asks whom
    desk: Desk,
    one: Teller,
    clock: Clock,
    environ: Mapping[str, str],
    timeout_s: float,
    asked: tuple[str, date],
) -> Sequence[Close]:
    symbol, since = asked
    # Somewhere it is tomorrow already; a day that is not over there, nobody tells.
    until = clock().date() + timedelta(days=1)
    with open_connectors(desk, clock, environ, timeout_s, only=one.connector) as (opened,):
        if opened.connector is None:
            raise VenueError(f"{one.connector}: {opened.trouble}")
        try:
            told = opened.connector.closes(symbol, since, until)
        except VenueError as exc:
            raise VenueError(f"{one.connector}: {exc}") from None
    if not told:
        raise Refused(
            f"{one.connector} ({one.venue}) tells no daily close of {symbol} from {since} on. Write the "
            "symbol as that venue does, or name another connector with --connector."
        )
    return told


def _refuse_other_closes(old: Closes, new: Closes, path: str, one: Teller) -> None:
    """New closes go only behind old ones that still hold: else the join would look like a return."""
    other = [day for day in sorted(old.keys() & new.keys()) if old[day] != new[day]]
    if not other:
        return
    some = [f"{day} ({plain(old[day])}, now {plain(new[day])})" for day in other[:NAMED]]
    named = ", ".join([*some, *(["…"] if other[NAMED:] else [])])
    raise Refused(
        f"{path}: found other closes than {one.connector} ({one.venue}) tells now on {len(other)} of "
        f"{len(old)} dates: {named}. Nothing was written. Adjusted closes change with every split and "
        "dividend: --refresh takes all of them anew."
    )


def _write(  # what, from whom, where, over what
    desk: Desk,
    symbol: str,
    one: Teller,
    path: str,
    before: bytes | None,
    closes: Closes,
    options: Options,
) -> tuple[bool, str | None, tuple[str, ...]]:
    """Whether it was written, the commit, and what is to be said of it."""
    data = dumps(closes).encode()
    if not options.commit:
        if data != before:
            write_only(desk.repo, {path: data})
        return data != before, None, ()
    days = sorted(closes)
    message = (
        f"benchmark {symbol} {days[0]} to {days[-1]}\n\n"
        f"{len(days)} daily closes, as {one.connector} ({one.venue}) tells them.\n"
    )
    run_hooks = desk.config.history.run_hooks
    made = commit_files(
        desk.repo,
        {path: data},
        message,
        what="benchmark",
        derived_from={path: before},
        run_hooks=run_hooks,
    )
    return made is not None, made.id if made else None, detached(made)


def _warnings(old: Closes, closes: Closes, since: date, one: Teller) -> list[str]:
    lines = []
    late = (min(closes) - since).days
    if late > MAX_AGE_DAYS:
        lines.append(f"{one.connector} ({one.venue}) tells closes from {min(closes)} on, not from {since} on")
    gone = old.keys() - closes.keys()
    if gone:
        lines.append(
            f"{len(gone)} dates that {one.connector} ({one.venue}) no longer tells, {min(gone)} to "
            f"{max(gone)}, are gone from the file. They stay in its history"
        )
    return lines
