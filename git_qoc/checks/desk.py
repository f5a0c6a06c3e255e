"""desk.toml against its schema, as faults with lines. The schema is git_qoc.desk.config's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from git_qoc.checks.detector.tokens import is_key_material
from git_qoc.checks.fault import Fault
from git_qoc.desk.config import DeskConfig, parse
from git_qoc.desk.positions import Position, locate
from git_qoc.desk.syntax import MAX_DESK_BYTES
from git_qoc.errors import DeskError
from git_qoc.history.connector_types import types_in
from git_qoc.model import VenueType
from git_qoc.schedule import cron

RULE = "desk"
_AT = re.compile(r":(\d+)(?::(\d+))?: ")


def check(path: str, data: bytes) -> list[Fault]:
    """Every fault that reading this desk.toml raises, in the order of its lines."""
    if len(data) > MAX_DESK_BYTES:
        return [Fault(path, 1, 1, RULE, f"larger than {MAX_DESK_BYTES >> 10} KiB, so no desk. Replace it")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [Fault(path, 1, 1, RULE, "not UTF-8 text. Save it as UTF-8")]
    try:
        config = parse(text, path)
    except DeskError as exc:
        return sorted(_fault(path, line) for line in str(exc).splitlines())
    return list(_schedules(path, text, config))


def locked(path: str, data: bytes, known: Mapping[str, str]) -> list[Fault]:
    """Connectors whose type is another one than history knows: `known` is type by name.

    "The type field determines which adapter code Qoc loads. Changing it after positions exist in
    that connector requires a manual migration" (spec/accounts-and-brokers.txt).
    """
    before = {name.casefold(): kind for name, kind in known.items()}
    rows = types_in(data)
    places = locate(data.decode("utf-8", "replace")) if rows else {}
    faults = []
    for index, name, kind in rows:
        was = before.get(name.casefold(), kind)
        if was != kind:
            at = places.get(("connector", index, "type"), Position(1, 1))
            faults.append(Fault(path, at.line, at.column, RULE, _lock_message(name, was)))
    return faults


def _lock_message(name: str, was: str) -> str:
    what = "this connector's type" if is_key_material(name) else f'the type of "{name}"'
    kind = was if was in set(VenueType) else "another one"
    return (
        f"{what} is locked: history knows it as {kind}. Put it back, or disconnect, reconcile, and connect "
        "under another name, so that the record of the old account stays readable."
    )


def _schedules(path: str, text: str, config: DeskConfig) -> Iterator[Fault]:
    for index, schedule in enumerate(config.schedules):
        why = cron.fault(schedule.cron)
        if why:
            at = locate(text)["schedule", index, "cron"]
            yield Fault(path, at.line, at.column, RULE, f'schedule "{schedule.name}": cron: {why}.')


def _fault(path: str, line: str) -> Fault:
    """One line of a DeskError: `path:LINE: message` or `path:LINE:COL: message`, else line 1."""
    rest = line.removeprefix(path)
    at = _AT.match(rest) if rest != line else None
    message = rest[at.end() :] if at else line
    if any(map(is_key_material, message.split())):
        message = "a value that is not what is expected here, and not shown: it looks like a credential"
    return Fault(path, int(at[1]) if at else 1, int(at[2] or 1) if at else 1, RULE, message)
