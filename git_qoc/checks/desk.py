"""desk.toml against its schema, as faults with lines. The schema is git_qoc.desk.config's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from git_qoc.checks.fault import Fault
from git_qoc.checks.tokens import is_key_material
from git_qoc.desk.config import DeskConfig, parse
from git_qoc.desk.positions import locate
from git_qoc.errors import DeskError
from git_qoc.schedule import cron

RULE = "desk"
_AT = re.compile(r":(\d+)(?::(\d+))?: ")


def check(path: str, data: bytes) -> list[Fault]:
    """Every fault that reading this desk.toml raises, in the order of its lines."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [Fault(path, 1, 1, RULE, "not UTF-8 text. Save it as UTF-8")]
    try:
        config = parse(text, path)
    except DeskError as exc:
        return sorted(_fault(path, line) for line in str(exc).splitlines())
    return list(_schedules(path, text, config))


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
