"""What a command gets from the world: the clock, the environment, the folder. The only now()."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


def real_clock() -> datetime:
    return datetime.now(UTC)  # the one place that reads the real clock


@dataclass(frozen=True, slots=True)
class World:
    clock: Callable[[], datetime] = real_clock
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=Path.cwd)
