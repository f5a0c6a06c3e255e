"""Runs git-qoc's command line in this process, with a clock of the test's own."""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from git_qoc.cli.context import World
from git_qoc.cli.main import run
from git_qoc.errors import QocError
from tests.conftest import Git


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Qoc:
    """`qoc("snapshot")` runs one command in `git.path`; `now` is what its clock says."""

    git: Git
    now: datetime = datetime(2026, 7, 5, 16, tzinfo=UTC)
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *args: str, cwd: Path | None = None) -> Result:
        out, err = io.StringIO(), io.StringIO()
        world = World(lambda: self.now, {**os.environ, **self.environ}, cwd or self.git.path)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run(list(args), world)
            except QocError as exc:
                err.write(f"{exc}\n")
                code = exc.exit_code
        return Result(code, out.getvalue(), err.getvalue())

    def ok(self, *args: str) -> Result:
        result = self(*args)
        assert result.code == 0, result.err
        return result

    def pass_time(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def state(self) -> tuple[str, str, bytes]:
        """What must not change when a command refuses: HEAD, git's status, desk.toml."""
        head = self.git("rev-parse", "--verify", "-q", "HEAD")
        return head, self.git("status", "--porcelain=v2"), (self.git.path / "desk.toml").read_bytes()
