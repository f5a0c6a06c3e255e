"""The account now: ask every venue, sum what answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from git_qoc.account.collect import collect
from git_qoc.account.uta import UnifiedAccount, unify
from git_qoc.model import Clock
from git_qoc.tasks.desk import open_connectors, open_desk
from git_qoc.tasks.health import remember


def status(start: Path, clock: Clock, environ: Mapping[str, str], timeout_s: float) -> UnifiedAccount:
    """The unified account; every connector of desk.toml is in it, in file order."""
    desk = open_desk(start)
    states = collect(open_connectors(desk, clock, environ, timeout_s), clock, timeout_s)
    return unify(remember(desk.place.state_dir, states))
