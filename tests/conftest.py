"""Isolation for every test: no user's or system's git config, no user's home, fixed dates."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# A shell's background job inherits that Ctrl-C is ignored, and so would every process of the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Before any test imports pygit2, because libgit2 reads HOME and XDG once, when it is loaded.
for name in [name for name in os.environ if name.startswith("GIT_")]:
    del os.environ[name]
os.environ.update(
    HOME="/nonexistent",
    XDG_CONFIG_HOME="/nonexistent",
    GIT_CONFIG_NOSYSTEM="1",
    GIT_CONFIG_GLOBAL=os.devnull,
    GIT_TERMINAL_PROMPT="0",
    LC_ALL="C.UTF-8",
    TZ="UTC",
    PYTHONHASHSEED="0",
)

# A first example pays for imports; how long one takes is a benchmark's business.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

DATE = "2026-07-05T16:00:00Z"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Trader",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": DATE,
    "GIT_COMMITTER_NAME": "Ada Trader",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": DATE,
}


class Git:
    """Runs real git in one repository; `git("log")` returns stdout without the last newline."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *args: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.path, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr}"
        return done.stdout.removesuffix("\n")


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in IDENTITY.items():
        monkeypatch.setenv(key, value)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A new repository with an unborn branch `main` in `tmp_path/repo`."""
    path = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    return Git(path)
