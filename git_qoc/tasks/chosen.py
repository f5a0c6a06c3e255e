"""What a retrospective is computed with: the choices of desk.toml, and the command line's over them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from git_qoc.desk.syntax import bounded
from git_qoc.desk.zone import DEFAULT, plain_zone
from git_qoc.errors import UsageError
from git_qoc.retrospective.choices import COMMAND_LINE, Choices
from git_qoc.tasks.place import DESK_FILE

ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
BY_THE_CLOCK = ("now", "today", "yesterday")
BOUND = "expected 2026-07-05, 2026-07, 30d, 6m, 1y or a revision such as HEAD~20 or a tag"


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line's choices. `since` and `until` as typed: a date, a span such as 30d, a revision."""

    since: str | None = None
    until: str | None = None
    connector: str | None = None
    symbol: str | None = None
    benchmark: str | None = None
    live_only: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What dates are told from: the newest snapshot's time, None without one, and that of a revision."""

    newest: Callable[[], datetime | None]
    time_at: Callable[[str], datetime | None]


def choices(desk_text: str, path: str, asked: Asked, record: Record) -> Choices:
    """The choices and where each was made.

    Raises:
        DeskError: desk.toml has faults. `path` names it.
        UsageError: a date or revision that is none.
    """
    plain = plain_zone(desk_text)
    given: dict[str, Any] = {"zone": plain} if plain is not None else _of_desk(desk_text, path)
    zone: ZoneInfo = given.pop("zone")
    origins = dict.fromkeys(given, DESK_FILE)
    if zone.key != DEFAULT:
        origins["zone"] = DESK_FILE
    for name in ("since", "until"):
        text = getattr(asked, name)
        if text is not None:
            given[name] = _bound(name, text, zone, record)
            origins[name] = COMMAND_LINE if ISO_DAY.fullmatch(text) else f"{COMMAND_LINE}: {text}"
    for name in ("connector", "symbol", "benchmark", "live_only"):
        if getattr(asked, name) not in (None, False):
            given[name] = getattr(asked, name)
            origins[name] = COMMAND_LINE
    return Choices(zone=zone, desk=desk_name(desk_text), origins=origins, **given)


def desk_name(text: str) -> str:
    """`[workspace] name`, "" where it has none or cannot be read."""
    try:
        name = tomllib.loads(bounded(text)).get("workspace", {}).get("name", "")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return name if isinstance(name, str) else ""


def _of_desk(text: str, path: str) -> dict[str, Any]:
    """What `[retrospective]` chooses, by name, and the zone."""
    from git_qoc.desk.config import parse  # costs 0.1 s, which most reports need not spend

    config = parse(text, path)
    table = config.retrospective
    names = ("periods_per_year", "risk_free", "partial", "flows", "day_cutoff", "benchmark")
    chosen = {name: getattr(table, name) for name in names if getattr(table, name) is not None}
    return {**chosen, "zone": ZoneInfo(table.timezone or config.zone)}


def _bound(option: str, text: str, zone: ZoneInfo, record: Record) -> date | datetime:
    """A day of the zone, or an instant: a span ends at the newest snapshot, a revision at its own.

    Never by the clock, so that the same history gives the same report.
    """
    if ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UsageError(f'--{option}: {BOUND}, found "{text}".') from None
    if text.strip().lower() in BY_THE_CLOCK:
        raise UsageError(f'--{option}: {BOUND}, found "{text}": a report does not ask the clock.')
    from git_qoc.tasks.dates import SPAN, first_instant, last_instant

    newest = record.newest()
    meant = first_instant if option == "since" else last_instant
    if newest is not None:
        try:
            instant = meant(text, f"--{option}", newest, zone)
        except UsageError:
            pass
        else:
            return instant.astimezone(zone).date() if SPAN.fullmatch(text.strip()) else instant
    at = record.time_at(text)
    if at is None:
        raise UsageError(f'--{option}: {BOUND}, found "{text}".')
    return at
