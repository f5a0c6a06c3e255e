"""Every way in which a commit enters a repository or a server, with something in it that must not get in.

`ACTIONS` are tried by tests/cli/test_entering.py, and printed as a table by benchmarks/entering.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.checks.keys import ALPACA_SECRET
from tests.cli.qoc import Qoc
from tests.cli.record import path_of, take
from tests.conftest import Git

HOOKS = Path(__file__).parents[2] / "hooks"
CLEAN = '[[connector]]\nname = "cx"\ntype = "crypto"\n\n  [connector.auth]\n  api_key = { env = "CX_KEY" }\n'
DIRTY = CLEAN + f'  api_secret = "{ALPACA_SECRET}"\n'
STAMPS = ("2026-07-05T16:00:00Z", "2026-07-06T16:00:00Z")
FIRST = path_of(STAMPS[0])
OFF = ("-c", "core.hooksPath=/dev/null")


class Clone:
    """A clone of `server`, whose hooks are ours and can be left out."""

    def __init__(self, path: Path, *, hooks: bool) -> None:
        self.path, self.options = path, () if hooks else OFF
        self.said = ""

    def __call__(self, *args: str, stdin: str | None = None) -> bool:
        """Run git with the hooks as chosen; whether it succeeded."""
        command = ["git", *self.options, *args]
        env = {**os.environ, "GIT_EDITOR": "true"}
        done = subprocess.run(
            command, cwd=self.path, input=stdin or "", capture_output=True, text=True, check=False, env=env
        )
        self.said += done.stdout + done.stderr
        return done.returncode == 0

    def quietly(self, *args: str, stdin: bytes = b"") -> None:
        """Run git without hooks: what was there before."""
        subprocess.run(["git", *OFF, *args], cwd=self.path, input=stdin, capture_output=True, check=True)

    def write(self, text: str, path: str = "desk.toml") -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def side(self, text: str = DIRTY) -> None:
        """A commit on branch `side`, made where no hook was; the main branch goes on as well."""
        self.quietly("checkout", "-q", "-b", "side")
        self.write(text)
        self.quietly("commit", "-qam", "by somebody without hooks")
        self.quietly("checkout", "-q", "main")
        self.write("mine\n", "notes.md")
        self.quietly("add", "-A")
        self.quietly("commit", "-qm", "mine")


def template(folder: Path) -> Path:
    """A bare server with pre-receive and a clone with two snapshots and our hooks, to be copied."""
    server, path = folder / "server.git", folder / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(server)], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    git = Git(path)
    git("config", "user.name", "Ada Trader")
    git("config", "user.email", "ada@example.com")
    desk = Qoc(git)
    desk.ok("init")
    Clone(path, hooks=False).write(CLEAN)
    git("commit", "-qam", "connect cx")
    for number, stamp in enumerate(STAMPS):
        take(desk, stamp, f"{number + 1}000")
    git("remote", "add", "origin", "../server.git")
    git("push", "-q", "-u", "origin", "main")
    git("config", "core.hooksPath", str(HOOKS))
    shutil.copy(HOOKS / "pre-receive", server / "hooks" / "pre-receive")
    return folder


def _staged(*args: str, stdin: str | None = None) -> Callable[[Clone], bool]:
    def act(clone: Clone) -> bool:
        clone.write(DIRTY)
        clone.quietly("add", "desk.toml")
        return clone(*args, stdin=stdin)

    return act


def _edited(*args: str) -> Callable[[Clone], bool]:
    def act(clone: Clone) -> bool:
        clone.write(DIRTY)
        return clone(*args)

    return act


def _from_side(*args: str) -> Callable[[Clone], bool]:
    def act(clone: Clone) -> bool:
        clone.side()
        return clone(*args)

    return act


def _intent_to_add(clone: Clone) -> bool:
    clone.write(DIRTY, "other/desk.toml")
    clone.quietly("add", "-N", "other/desk.toml")
    return clone("commit", "-qam", "x")


def _part(clone: Clone) -> bool:
    clone.write(DIRTY)
    clone.quietly("add", "-p", "desk.toml", stdin=b"y\n")
    return clone("commit", "-qm", "x")


def _renamed(clone: Clone) -> bool:
    clone.write(DIRTY, "other/notes.txt")
    clone.quietly("add", "-A")
    clone.quietly("commit", "-qm", "notes")
    clone.quietly("mv", "other/notes.txt", "other/desk.toml")
    return clone("commit", "-qm", "x")


def _fast_forward(clone: Clone) -> bool:
    clone.quietly("checkout", "-q", "-b", "side")
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "by somebody without hooks")
    clone.quietly("checkout", "-q", "main")
    return clone("merge", "-q", "side")


def _evil_merge(clone: Clone) -> bool:
    clone.side(CLEAN + "# theirs\n")
    clone.quietly("merge", "-q", "--no-ff", "--no-commit", "side")
    clone.write(DIRTY)
    clone.quietly("add", "-A")
    return clone("commit", "-qm", "merge")


def _squash(clone: Clone) -> bool:
    clone.side()
    return clone("merge", "-q", "--squash", "side") and clone("commit", "-qm", "x")


def _am(clone: Clone) -> bool:
    clone.side()
    clone.quietly("format-patch", "-q", "-1", "side", "-o", "..")
    return clone("am", "-q", "../0001-by-somebody-without-hooks.patch")


def _rebased(clone: Clone, *options: str) -> bool:
    clone.quietly("checkout", "-q", "side")
    done = clone("-c", "sequence.editor=true", "rebase", "-q", *options, "main")
    clone.quietly("branch", "-qf", "main", "side") if done else None
    clone.quietly("checkout", "-q", "main") if done else None
    return done


def _rebase(*options: str) -> Callable[[Clone], bool]:
    def act(clone: Clone) -> bool:
        clone.side()
        return _rebased(clone, *options)

    return act


def _fixup(word: str) -> Callable[[Clone], bool]:
    def act(clone: Clone) -> bool:
        clone.side(CLEAN + "# theirs\n")
        clone.quietly("checkout", "-q", "side")
        clone.write(DIRTY)
        clone.quietly("commit", "-qam", f"{word}! by somebody without hooks")
        return _rebased(clone, "-i", "--autosquash")

    return act


def _revert(clone: Clone) -> bool:
    clone.side()
    clone.quietly("merge", "-q", "side")
    clone.write(CLEAN)
    clone.quietly("commit", "-qam", "hide it")
    return clone("revert", "--no-edit", "HEAD")


def _hidden(clone: Clone) -> bool:
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "leak")
    clone.write(CLEAN)
    return clone("commit", "-qam", "hide it")


def _plumbing(clone: Clone) -> bool:
    clone.write(DIRTY)
    clone.quietly("add", "desk.toml")
    tree = subprocess.run(["git", "write-tree"], cwd=clone.path, capture_output=True, text=True, check=True)
    made = subprocess.run(
        ["git", "commit-tree", "-p", "HEAD", "-m", "x", tree.stdout.strip()],
        cwd=clone.path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return clone("update-ref", "refs/heads/main", made.stdout.strip())


def _research(clone: Clone) -> bool:
    clone.write(f"used {ALPACA_SECRET}\n", "research/notes.md")
    return clone("add", "-A") and clone("commit", "-qm", "x")


def _edit(clone: Clone) -> bool:
    file = clone.path / FIRST
    file.write_text(file.read_text().replace("1_000.00", "9_000.00"))
    return clone("commit", "-qam", "x")


def _delete(clone: Clone) -> bool:
    clone.quietly("rm", "-q", FIRST)
    return clone("commit", "-qm", "x")


def _rename(clone: Clone) -> bool:
    clone.quietly("mv", FIRST, path_of("2026-07-04T16:00:00Z"))
    return clone("commit", "-qm", "x")


def _unfooted(clone: Clone) -> bool:
    clone.write((clone.path / FIRST).read_text(), path_of("2026-07-07T16:00:00Z"))
    return clone("add", "-A") and clone("commit", "-qm", "x")


def _order_back(clone: Clone) -> bool:
    clone.write('client_order_id = "a"\n', "orders/open/a.toml")
    clone.quietly("add", "-A")
    clone.quietly("commit", "-qm", "an order")
    (clone.path / "orders/pending").mkdir()
    clone.quietly("mv", "orders/open/a.toml", "orders/pending/a.toml")
    return clone("commit", "-qm", "x")


def _forced(clone: Clone) -> bool:
    clone.quietly("reset", "-q", "--hard", "HEAD~1")
    return True


def _forced_edit(clone: Clone) -> bool:
    file = clone.path / path_of(STAMPS[1])
    file.write_text(file.read_text().replace("2_000.00", "9_000.00"))
    return clone("commit", "-q", "-a", "--amend", "-m", "another past")


class Action(NamedTuple):
    """`act` says whether git did it; then `push` is tried. `local`: a commit hook stops it."""

    act: Callable[[Clone], bool]
    local: bool
    push: tuple[str, ...] = ("push", "origin", "main")


COMMIT = ("commit", "-qm", "x")
FORCED = ("push", "-f", "origin", "main")
ACTIONS: dict[str, Action] = {
    "commit": Action(_staged(*COMMIT), True),
    "commit -a": Action(_edited("commit", "-qam", "x"), True),
    "commit -- desk.toml": Action(_edited("commit", "-qm", "x", "--", "desk.toml"), True),
    "add -N, commit -a": Action(_intent_to_add, True),
    "add -p, commit": Action(_part, True),
    "mv to desk.toml, commit": Action(_renamed, True),
    "commit --amend": Action(_staged("commit", "-q", "--amend", "-m", "x"), True, FORCED),
    "commit --no-verify": Action(_staged("commit", "-qnm", "x"), False),
    "commit of research/": Action(_research, True),
    "merge": Action(_from_side("merge", "-q", "--no-edit", "side"), True),
    "merge, fast-forward": Action(_fast_forward, False),
    "merge --squash, commit": Action(_squash, True),
    "evil merge": Action(_evil_merge, True),
    "am": Action(_am, True),
    "cherry-pick": Action(_from_side("cherry-pick", "side"), True),
    "rebase": Action(_rebase(), True),
    "rebase --apply": Action(_rebase("--apply"), True),
    "rebase, fixup": Action(_fixup("fixup"), True),
    "rebase, squash": Action(_fixup("squash"), True),
    "revert of its removal": Action(_revert, False),
    "commit-tree, update-ref": Action(_plumbing, False),
    "added, then removed": Action(_hidden, False),
    "new branch": Action(_hidden, False, ("push", "origin", "main:refs/heads/topic")),
    "tag": Action(_hidden, False, ("push", "origin", "HEAD~1:refs/tags/v1")),
    "edit of a snapshot": Action(_edit, True),
    "deletion of a snapshot": Action(_delete, True),
    "renaming of a snapshot": Action(_rename, True),
    "snapshot of another name": Action(_unfooted, True),
    "order that goes back": Action(_order_back, True),
    "forced push, a snapshot less": Action(_forced, False, FORCED),
    "forced push, another past": Action(_forced_edit, True, FORCED),
    "deletion of the branch": Action(lambda _: True, False, ("push", "origin", ":main")),
}


class Stopped(NamedTuple):
    """Which hooks refuse it: on the way into the commit, before the push, on the server."""

    local: bool
    push: bool
    server: bool
    said: str


def attempt(action: Action, origin: Path, folder: Path) -> Stopped:
    """Try an action in a copy of `template` at `origin`, with our hooks, then without those before."""
    shutil.copytree(origin, folder / "with", symlinks=True)
    clone = Clone(folder / "with" / "clone", hooks=True)
    local = not action.act(clone)
    shutil.copytree(origin, folder / "without", symlinks=True)
    bare = Clone(folder / "without" / "clone", hooks=False)
    assert action.act(bare), bare.said
    hooked = Clone(bare.path, hooks=True)
    push = not hooked(*action.push)
    server = not hooked(*action.push, "--no-verify")
    return Stopped(local, push, server, clone.said + hooked.said)
