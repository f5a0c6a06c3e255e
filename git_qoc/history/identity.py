"""Who signs a commit. Nobody-signatures are refused before anything is written."""

from __future__ import annotations

import os
from collections.abc import Mapping

from git_qoc.errors import HistoryError
from git_qoc.history.process import complaint
from git_qoc.history.repository import Repository


def require_identity(repo: Repository, settings: Mapping[str, list[str]]) -> None:
    """Raise HistoryError unless git knows a name and an address for author and committer.

    `settings` are the configured `user.*`, `author.*` and `committer.*`. Git itself is asked
    only when they and the environment leave a question open: it may still know, from `EMAIL`
    or the system, and two processes a commit are saved.
    """
    for role in ("author", "committer"):
        if _stated(role, "name", settings) and _stated(role, "email", settings):
            continue
        variable = f"GIT_{role.upper()}_IDENT"
        done = repo.attempt("var", variable)
        if done.code:
            raise HistoryError(
                f"git does not know who commits ({variable}: {_reason(done.err)}). Run:"
                ' git config --global user.name "Your Name" and'
                " git config --global user.email you@example.com, then try again"
            )


def _stated(role: str, part: str, settings: Mapping[str, list[str]]) -> bool:
    in_environ = os.environ.get(f"GIT_{role.upper()}_{part.upper()}")
    if in_environ is not None:
        return bool(in_environ.strip())
    values = settings.get(f"{role}.{part}") or settings.get(f"user.{part}") or [""]
    return bool(values[-1].strip())


def _reason(err: bytes) -> str:
    """Git's last fatal line: the first lines are its own, longer advice."""
    fatal = [line for line in err.splitlines() if line.startswith(b"fatal: ")]
    return complaint(fatal[-1] if fatal else err)
