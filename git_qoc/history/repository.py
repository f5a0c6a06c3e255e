"""Where the books are kept: one git repository, found as git finds it, and git run in it.

git is the authority. `GIT_DIR`, `GIT_WORK_TREE`, `GIT_INDEX_FILE` and the rest of git's
environment mean here what they mean to git.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history.objects import Objects
from git_qoc.history.process import Done, call, complaint, failed, os_reason, plain_environ

QUESTIONS = (
    "rev-parse",
    "--path-format=absolute",
    "--git-dir",
    "--git-common-dir",
    "--show-object-format",
    "--is-shallow-repository",
    "--is-bare-repository",
    "--show-toplevel",  # last, because outside a work tree git ends here
)

OURS = frozenset({"GIT_DIR", "GIT_WORK_TREE"})


@dataclass(frozen=True, slots=True)
class Repository:
    """`git_dir` is this work tree's own (HEAD, index); `common_dir` is shared by all of them.

    `top` is the work tree's root, None where there is none: a bare repository, or a start
    inside a linked work tree's administrative folder.
    """

    git_dir: Path
    common_dir: Path
    top: Path | None
    object_format: str
    shallow: bool
    bare: bool

    @property
    def private_dir(self) -> Path:
        """Ours, beside git's files: locks, journal, cache; never history. Made on demand."""
        path = self.common_dir / "qoc"
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as exc:
            raise HistoryError(f"cannot make {path}: {os_reason(exc)}") from None
        return path

    @property
    def run_dir(self) -> Path:
        """Where git is run, so that paths are relative to the root."""
        return self.top or self.git_dir

    @property
    def no_object(self) -> str:
        """The id that means "there is none", all zeros."""
        return "0" * (64 if self.object_format == "sha256" else 40)

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment git runs with: what discovery found, made independent of the folder."""
        env = plain_environ()
        if "GIT_COMMON_DIR" in env:
            env["GIT_COMMON_DIR"] = str(self.common_dir)
        env["GIT_DIR"] = str(self.git_dir)
        if self.top is not None:
            env["GIT_WORK_TREE"] = str(self.top)
        env.update(extra or {})
        return env

    def environ_of_hooks(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """As `environ`, for git commands that run the user's hooks, which find what git would hand them."""
        env = self.environ(extra)
        if OURS.isdisjoint(os.environ) and self.top is not None and (self.top / ".git").exists():
            env = {name: value for name, value in env.items() if name not in OURS}
        return env

    def attempt(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Done:
        """Run git at the root, whatever it answers; `env` is added to the environment."""
        return call(args, self.run_dir, self.environ(env), stdin, pass_fds)

    def git(self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        """Git's stdout.

        Raises:
            HistoryError: git failed; the message is its first complaint.
        """
        done = self.attempt(*args, stdin=stdin or b"", env=env)
        if done.code:
            raise failed(args, done.err)
        return done.out

    def objects(self, *, contents: bool = True) -> Objects:
        """A `git cat-file` process to ask; use it in a `with`."""
        return Objects(self.run_dir, self.environ(), contents=contents)

    def resolve(self, rev: str) -> str | None:
        """The commit's id; None when `rev` names none, as HEAD does on an unborn branch."""
        with self.objects(contents=False) as objects:
            found = objects.get(rev + "^{commit}")
        return found.id if found else None

    def config(self, pattern: str) -> dict[str, list[str]]:
        """Settings whose lower-case key matches the regular expression, each with all its values.

        The last value is the one in force. A key without `=` reads "true", as git takes it.
        """
        args = ("config", "-z", "--get-regexp", pattern)
        done = self.attempt(*args)
        if done.code not in (0, 1):
            raise failed(args, done.err)
        settings: dict[str, list[str]] = {}
        for item in done.out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            key, separator, value = item.partition("\n")
            settings.setdefault(key, []).append(value if separator else "true")
        return settings


def discover(start: Path | None = None) -> Repository:
    """The repository around `start` (default: the current folder).

    Raises:
        HistoryError: there is none, git refuses it, or git is missing or too old.
    """
    try:
        here = Path.cwd() if start is None else start
    except OSError as exc:
        raise HistoryError(f"the current folder cannot be used: {os_reason(exc)}") from None
    done = call(QUESTIONS, here, _environ_of_alias(here))
    answers = os.fsdecode(done.out).removesuffix("\n").split("\n")
    if len(answers) > 6:
        raise HistoryError(f"{str(here)!r} is in a folder with a line break in its name. Rename that folder")
    if done.code and len(answers) != 5:
        raise _not_found(here, done)
    if len(answers) not in (5, 6) or not Path(answers[0]).is_absolute():
        raise HistoryError(f"git in {here} did not say where the repository is. git 2.31 or later is needed")
    git_dir, common_dir = Path(answers[0]), Path(answers[1])
    bare = answers[4] == "true"
    top = Path(answers[5]) if len(answers) == 6 else None if bare else _top_of(git_dir)
    return Repository(git_dir, common_dir, top, answers[2], answers[3] == "true", bare)


def _environ_of_alias(here: Path) -> dict[str, str]:
    """Where an alias is run at the top for a user in `here` below it (GIT_PREFIX), the top is the work tree.

    In a linked work tree or submodule git gives aliases GIT_DIR alone, and takes the folder it is
    run in for the work tree.
    """
    env = plain_environ()
    below = env.get("GIT_PREFIX")
    if below and "GIT_DIR" in env and "GIT_WORK_TREE" not in env and here == Path.cwd() / below:
        env["GIT_WORK_TREE"] = str(Path.cwd())
    return env


def is_true(value: str) -> bool:
    """A setting as git reads a boolean (git-config, "Values")."""
    text = value.strip().lower()
    return text in ("true", "yes", "on") or (text.lstrip("+-").isdecimal() and int(text) != 0)


def _top_of(git_dir: Path) -> Path | None:
    """The work tree of a repository whose `.git` we stand in."""
    args = ("rev-parse", "--path-format=absolute", "--git-dir", "--show-toplevel")
    apart = {key: value for key, value in plain_environ().items() if key not in ("GIT_DIR", "GIT_WORK_TREE")}
    answers = os.fsdecode(call(args, git_dir.parent, apart).out).removesuffix("\n").split("\n")
    return Path(answers[1]) if len(answers) == 2 and Path(answers[0]) == git_dir else None


def _not_found(here: Path, done: Done) -> HistoryError:
    if b"not a git repository" not in done.err:
        return HistoryError(f"git cannot use {here}: {complaint(done.err)}")
    if "GIT_DIR" in os.environ:
        return HistoryError(
            f"GIT_DIR={os.environ['GIT_DIR']} is not a git repository. Unset it or correct it"
        )
    return HistoryError(
        f"{here} is not inside a git repository. Run `git qoc init` to make a desk here, or go to one"
    )
