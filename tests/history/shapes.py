"""Repositories of every shape that git knows, each with a user's own work in it.

A builder makes one under a folder of its own. `SHAPES` holds them all by name, `COMMANDS` what
is run in each.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.history.desk import make

COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "init": (("init",),),
    "connect": (
        ("connect", "equities", "--name", "till", "--venue", "paper"),
        ("paper", "deposit", "till", "1000"),
    ),
    "snapshot": (("snapshot",), ("snapshot",)),
    "status": (("status",), ("status", "--snapshot", "latest")),
    "log": (("log",),),
    "retrospective": (("run", "retrospective"),),
    "show": (("show",), ("diff",)),
    "verify": (("verify",),),
}
"""What is run in every shape, by column of the table. A further command is one more line."""

READING: dict[str, tuple[tuple[str, ...], ...]] = {
    "status": (("status", "--snapshot", "latest"),),
    "log": (("log",),),
    "retrospective": (("run", "retrospective", "--json"),),
    "show": (("show",), ("diff",)),
    "verify": (("verify",),),
}
"""What a bare repository must answer."""

CALL = ("git", "qoc")
FIRST = datetime(2026, 7, 1, 16, tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """`git` asks git about it and `folder` is where the user stands, who types `call` and a command.

    `env` is set while commands run, None unsets. `below` is the desk's folder, "" or ending in
    `/`; `recorded` counts the snapshots that it has from the start.
    `adopted` says that `init` has no place: the desk is above the folder.
    """

    git: Git
    folder: Path
    call: tuple[str, ...] = CALL
    env: Mapping[str, str | None] = field(default_factory=dict)
    below: str = ""
    recorded: int = 0
    bare: bool = False
    adopted: bool = False


Builder = Callable[[Path], Shape]
SHAPES: dict[str, Builder] = {}


def shape(build: Builder) -> Builder:
    SHAPES[build.__name__] = build
    return build


def state(git: Git) -> tuple[str, ...]:
    """What of the user's must be the same before and after: status, both diffs, stash, index bits."""
    own = ("--", "own", "intended.txt")
    return (
        git("status", "--porcelain=v2", "-z", "--untracked-files=all"),
        git("diff", *own),
        git("diff", "--cached", *own),
        git("stash", "list"),
        git("ls-files", "-v", "-s", *own),
    )


def commit_own(git: Git, folder: str = "own") -> Git:
    (git.path / folder).mkdir(parents=True, exist_ok=True)
    for name in ("staged", "edited", "dropped", "assumed", "skipped", "stashed"):
        (git.path / folder / f"{name}.txt").write_text(f"{name}\n")
    git("add", "-A")
    git("commit", "-q", "-m", "the user's own")
    return git


def work_on(git: Git) -> Git:
    """Everything a user may have under way: stashed, staged, edited, intended, untracked, hidden."""
    own = git.path / "own"
    (own / "stashed.txt").write_text("put aside\n")
    git("stash", "-q")
    (own / "staged.txt").write_text("staged\nthen more\n")
    git("add", "own/staged.txt")
    (own / "staged.txt").write_text("staged, then edited\n")
    (own / "edited.txt").write_text("edited now\n")
    git("rm", "-q", "--cached", "own/dropped.txt")
    for name, bit in (("assumed", "--assume-unchanged"), ("skipped", "--skip-worktree")):
        git("update-index", bit, f"own/{name}.txt")
        (own / f"{name}.txt").write_text("the user's alone\n")
    (own / "new.txt").write_text("untracked\n")
    (git.path / "intended.txt").write_text("intent to add\n")
    git("add", "-N", "intended.txt")
    return git


def desk_in(git: Git, below: str = "", snapshots: int = 2) -> Git:
    """A desk with one paper account and some snapshots, a day apart."""
    (git.path / below).mkdir(parents=True, exist_ok=True)
    qoc = Qoc(Git(git.path / below), now=FIRST)
    for number in range(snapshots + 1):
        with committed_at(qoc.now):
            if number == 0:
                qoc.ok("init")
                qoc.ok("connect", "equities", "--name", "old", "--venue", "paper")
                qoc.ok("paper", "deposit", "old", "500")
            else:
                qoc.ok("snapshot")
        qoc.pass_time(days=1)
    return git


@contextmanager
def committed_at(time: datetime | None) -> Iterator[None]:
    """Git dates commits so; None: by its own clock."""
    names = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")
    before = {name: os.environ.pop(name, None) for name in names}
    if time is not None:
        os.environ.update(dict.fromkeys(names, time.isoformat()))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def clone(source: Path, target: Path, *options: str) -> Git:
    subprocess.run(["git", "clone", "-q", *options, f"file://{source}", str(target)], check=True)
    return Git(target)


def of(git: Git) -> Shape:
    return Shape(work_on(git), git.path)


@shape
def normal(tmp: Path) -> Shape:
    return of(commit_own(make(tmp / "repo")))


@shape
def subdirectory(tmp: Path) -> Shape:
    git = commit_own(make(tmp / "repo"))
    (git.path / "books" / "desk").mkdir(parents=True)
    return Shape(work_on(git), git.path / "books" / "desk", below="books/desk/")


@shape
def from_a_subfolder(tmp: Path) -> Shape:
    git = desk_in(commit_own(make(tmp / "repo")))
    (git.path / "deep" / "er").mkdir(parents=True)
    call = ("git", "-C", str(git.path / "deep" / "er"), "qoc")
    return Shape(work_on(git), tmp, call, recorded=2, adopted=True)


@shape
def environment(tmp: Path) -> Shape:
    git = work_on(commit_own(make(tmp / "repo")))
    (git.path / ".git").rename(tmp / "books")
    names = {"GIT_DIR": str(tmp / "books"), "GIT_WORK_TREE": str(git.path)}
    return Shape(git, git.path, env=names)


def _alias(tmp: Path, alias: str) -> Shape:
    """The user stands in the second of two desks; git runs the alias at the top, in the first."""
    git = commit_own(make(tmp / "repo"))
    desk_in(git, snapshots=3)
    git("config", "alias.books", alias)
    (git.path / "books" / "desk").mkdir(parents=True)
    return Shape(work_on(git), git.path / "books" / "desk", ("git", "books"), below="books/desk/")


@shape
def alias_of_git_dash_qoc(tmp: Path) -> Shape:
    return _alias(tmp, "!git-qoc")


@shape
def alias_of_git_qoc(tmp: Path) -> Shape:
    return _alias(tmp, "!git qoc")


@shape
def alias_in_a_linked_worktree(tmp: Path) -> Shape:
    main = commit_own(make(tmp / "repo"))
    main("config", "alias.books", "!git qoc")
    main("worktree", "add", "-q", "-b", "side", str(tmp / "linked"))
    linked = Git(tmp / "linked")
    (linked.path / "desk").mkdir()
    return Shape(work_on(linked), linked.path / "desk", ("git", "books"), below="desk/")


@shape
def linked_worktree(tmp: Path) -> Shape:
    main = commit_own(make(tmp / "repo"))
    main("worktree", "add", "-q", "-b", "side", str(tmp / "linked"))
    return of(Git(tmp / "linked"))


@shape
def worktree_of_a_bare_repository(tmp: Path) -> Shape:
    commit_own(make(tmp / "first"))
    bare = clone(tmp / "first", tmp / "books.git", "--bare")
    bare("worktree", "add", "-q", str(tmp / "desk"), "main")
    return of(Git(tmp / "desk"))


@shape
def relative_worktree(tmp: Path) -> Shape:
    main = commit_own(make(tmp / "repo"))
    main("-c", "worktree.useRelativePaths=true", "worktree", "add", "-q", "-b", "side", str(tmp / "linked"))
    # Before git 2.48 the paths are absolute, but a relative one in .git is followed.
    (tmp / "linked" / ".git").write_text("gitdir: ../repo/.git/worktrees/linked\n")
    return of(Git(tmp / "linked"))


@shape
def separate_git_dir(tmp: Path) -> Shape:
    return of(commit_own(make(tmp / "desk", f"--separate-git-dir={tmp / 'books'}")))


@shape
def submodule(tmp: Path) -> Shape:
    commit_own(make(tmp / "origin"))
    outer = commit_own(make(tmp / "outer"))
    outer("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{tmp}/origin", "desk")
    outer("commit", "-q", "-m", "the desk")
    return of(Git(outer.path / "desk"))


@shape
def bare(tmp: Path) -> Shape:
    desk_in(commit_own(make(tmp / "first")))
    git = clone(tmp / "first", tmp / "books.git", "--bare")
    return Shape(git, git.path, recorded=2, bare=True)


@shape
def bare_with_the_desk_in_a_subdirectory(tmp: Path) -> Shape:
    desk_in(commit_own(make(tmp / "first")), "books/desk")
    git = clone(tmp / "first", tmp / "books.git", "--bare")
    return Shape(git, git.path, below="books/desk/", recorded=2, bare=True)


@shape
def detached_head(tmp: Path) -> Shape:
    git = commit_own(make(tmp / "repo"))
    git("checkout", "-q", "--detach")
    return of(git)


@shape
def unborn_branch(tmp: Path) -> Shape:
    git = make(tmp / "repo")
    (git.path / "own").mkdir()
    (git.path / "own" / "staged.txt").write_text("staged\n")
    (git.path / "intended.txt").write_text("intent to add\n")
    git("add", "own/staged.txt")
    git("add", "-N", "intended.txt")
    (git.path / "own" / "staged.txt").write_text("edited\n")
    (git.path / "own" / "new.txt").write_text("untracked\n")
    return Shape(git, git.path)


@shape
def shallow_clone(tmp: Path) -> Shape:
    desk_in(commit_own(make(tmp / "first")))
    git = work_on(clone(tmp / "first", tmp / "clone", "--depth=1"))
    return Shape(git, git.path, recorded=2)


def _sparse(tmp: Path, *how: str) -> Git:
    git = make(tmp / "repo")
    commit_own(git, "far/away")
    commit_own(git)
    git("sparse-checkout", "set", *how)
    return git


@shape
def sparse_cone(tmp: Path) -> Shape:
    return of(_sparse(tmp, "--cone", "own"))


@shape
def sparse_not_cone(tmp: Path) -> Shape:
    return of(_sparse(tmp, "--no-cone", "/own/", "/intended.txt"))


@shape
def sparse_index(tmp: Path) -> Shape:
    return of(_sparse(tmp, "--cone", "--sparse-index", "own"))


@shape
def split_index(tmp: Path) -> Shape:
    git = commit_own(make(tmp / "repo"))
    git("config", "core.splitIndex", "true")
    git("update-index", "--split-index", "--untracked-cache")
    return of(git)


def _partial(tmp: Path, what: str) -> Shape:
    first = desk_in(commit_own(make(tmp / "first")))
    first("config", "uploadpack.allowFilter", "true")
    first("config", "uploadpack.allowAnySHA1InWant", "true")
    git = work_on(clone(first.path, tmp / "clone", f"--filter={what}"))
    return Shape(git, git.path, recorded=2)


@shape
def partial_clone_without_blobs(tmp: Path) -> Shape:
    return _partial(tmp, "blob:none")


@shape
def partial_clone_without_trees(tmp: Path) -> Shape:
    return _partial(tmp, "tree:0")


@shape
def alternates(tmp: Path) -> Shape:
    desk_in(commit_own(make(tmp / "first")))
    subprocess.run(["git", "clone", "-q", "--shared", str(tmp / "first"), str(tmp / "clone")], check=True)
    git = work_on(Git(tmp / "clone"))
    return Shape(git, git.path, recorded=2)


@shape
def worktree_config(tmp: Path) -> Shape:
    main = commit_own(make(tmp / "repo"))
    main("config", "extensions.worktreeConfig", "true")
    main("worktree", "add", "-q", "-b", "side", str(tmp / "linked"))
    git = Git(tmp / "linked")
    git("config", "--worktree", "user.name", "Ada of the linked tree")
    git("config", "--worktree", "user.email", "linked@example.com")
    return Shape(work_on(git), git.path, env=_nobody())


@shape
def include_if(tmp: Path) -> Shape:
    git = commit_own(make(tmp / "repo"))
    work_on(git)
    (tmp / "included").write_text("[user]\n\tname = Ada at the desk\n\temail = desk@example.com\n")
    (tmp / "global").write_text(f'[includeIf "gitdir:{git.path}/"]\n\tpath = {tmp / "included"}\n')
    return Shape(git, git.path, env={**_nobody(), "GIT_CONFIG_GLOBAL": str(tmp / "global")})


def _nobody() -> dict[str, str | None]:
    """An environment that names nobody, so that the configuration must."""
    parts = [f"GIT_{role}_{part}" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")]
    return dict.fromkeys(parts)


@shape
def autocrlf(tmp: Path) -> Shape:
    git = make(tmp / "repo")
    git("config", "core.autocrlf", "true")
    git("config", "core.safecrlf", "false")
    return of(commit_own(git))


@shape
def sha256(tmp: Path) -> Shape:
    return of(commit_own(make(tmp / "repo", "--object-format=sha256")))


@shape
def reftable(tmp: Path) -> Shape:
    if not knows_reftable():
        pytest.skip("this git knows no reftable")
    return of(commit_own(make(tmp / "repo", "--ref-format=reftable")))


@shape
def reftable_and_sha256(tmp: Path) -> Shape:
    if not knows_reftable():
        pytest.skip("this git knows no reftable")
    return of(commit_own(make(tmp / "repo", "--ref-format=reftable", "--object-format=sha256")))


@shape
def behind_a_symbolic_link(tmp: Path) -> Shape:
    git = work_on(commit_own(make(tmp / "repo")))
    (tmp / "link").symlink_to(git.path)
    return Shape(git, tmp / "link")


@shape
def hostile_folder_names(tmp: Path) -> Shape:
    name = os.fsdecode(b"-a 'b\" $c;*[?]\\ \xff\xe2\x80\xa8")
    git = work_on(commit_own(make(tmp / name)))
    (git.path / name).mkdir()
    return Shape(git, git.path / name, below=f"{name}/")


def knows_reftable() -> bool:
    done = subprocess.run(["git", "init", "-h"], capture_output=True, text=True, check=False)
    return "--ref-format" in done.stdout + done.stderr
