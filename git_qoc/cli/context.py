"""What a command gets from the world: the clock, the environment, the folder. The only now()."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from git_qoc.desk.environment import Environment
from git_qoc.errors import HistoryError


def real_clock() -> datetime:
    return datetime.now(UTC)  # the one place that reads the real clock


def current_folder() -> Path:
    """Raises `HistoryError` when it was removed or cannot be entered."""
    try:
        return Path.cwd()
    except OSError as exc:
        from git_qoc.history.process import os_reason

        raise HistoryError(
            f"the current folder cannot be used ({os_reason(exc)}). Go to another one and try again"
        ) from None


def users_folder() -> Path:
    """The folder where the user is.

    git runs an alias such as `!git-qoc …` at the top of the work tree and tells the user's
    folder in GIT_PREFIX (git-config, "alias.*"). An alias that went elsewhere first means it, and so
    does a commit hook, which git tells the same and GIT_INDEX_FILE besides. Of other hooks nothing
    tells: one that means the top must unset GIT_PREFIX.
    """
    here, below = current_folder(), os.environ.get("GIT_PREFIX")
    if not below or "GIT_INDEX_FILE" in os.environ or not (here / below).is_dir():
        return here
    from git_qoc.history.process import call

    return here / below if call(("rev-parse", "--show-prefix"), here).out == b"\n" else here


@dataclass(frozen=True, slots=True)
class World:
    clock: Callable[[], datetime] = real_clock
    environ: Mapping[str, str] = field(default_factory=lambda: Environment(os.environ))
    cwd: Path = field(default_factory=users_folder)

    def config(self, pattern: str) -> dict[str, str]:
        """git's settings in force here whose lower-case key matches the regular expression."""
        from git_qoc.history.process import call

        done = call(("config", "-z", "--get-regexp", pattern), self.cwd, self.environ)
        items = (
            item.partition("\n") for item in done.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
        )
        return {key: value if separator else "true" for key, separator, value in items}
