"""The account now: ask every venue, sum what answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from git_qoc.account.collect import LastSight, collect
from git_qoc.account.uta import UnifiedAccount, unify
from git_qoc.model import Clock
from git_qoc.snapshots.capture import previous_rows
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import Desk, open_desk
from git_qoc.tasks.health import remember
from git_qoc.tasks.snapshot import newest_first


def status(start: Path, clock: Clock, environ: Mapping[str, str], timeout_s: float) -> UnifiedAccount:
    """The unified account; every connector of desk.toml is in it, in file order."""
    desk = open_desk(start)
    with open_connectors(desk, clock, environ, timeout_s) as opened:
        states = collect(opened, clock, timeout_s, _last_sights(desk))
    return unify(remember(desk.place.state_dir, states))


def _last_sights(desk: Desk) -> dict[str, LastSight]:
    """What the newest snapshot says was held, so that its quotes need no second round."""
    names = [connector.name for connector in desk.config.connectors]
    rows = previous_rows(newest_first(desk.place, limit=1), names)
    return {name: LastSight(row.as_of, frozenset(row.costs)) for name, row in rows.items()}
