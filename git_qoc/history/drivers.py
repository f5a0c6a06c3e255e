"""The diff and merge drivers that git runs for a desk, and the attributes that choose them.

A driver's command stands in git's configuration, which is never cloned; a desk's own
.gitattributes can only name a driver. So a cloned desk makes git run nothing, and where the
driver is not configured git diffs and merges plain text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from git_qoc.history.process import Done, call, failed
from git_qoc.history.repository import Repository

DIFF = "qoc-snapshot"
MERGE = "qoc-desk"

MERGE_COMMAND = (
    "git-qoc merge-desk %O %A %B %L %P %S %X %Y"
    # Any other answer than "merged" or "conflicts" leaves ours in the file, and git calls that
    # the result: without git-qoc on PATH, theirs would be lost to whoever then runs `git add`.
    " || { test $? = 1 && exit 1; git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B; }"
)

# Without git-qoc on PATH git would show no snapshot at all.
SHOW_COMMAND = 'f() { if command -v git-qoc >/dev/null; then git-qoc textconv "$1"; else cat "$1"; fi; }; f'

# In this order, because git refuses to merge at all while a driver has a name and no command.
SETTINGS = {
    f"diff.{DIFF}.textconv": SHOW_COMMAND,
    # For --no-textconv. Lines of the conversion name themselves, and git's default would name others.
    f"diff.{DIFF}.xfuncname": r"^(\[.*\])",
    f"merge.{MERGE}.driver": MERGE_COMMAND,
    f"merge.{MERGE}.name": "desk.toml by connector, schedule and guard",
}
"""What is configured. No cachetextconv: its notes grow with every diff, are never pruned, and
follow `git push --mirror`; one snapshot's conversion costs less than reading them back."""

SNAPSHOT = "snapshots/2026-07-05T16-00-00Z.toml"


class Attribute(NamedTuple):
    """`name`=`value` for the files of `pattern`; `probe` is a path that the pattern must match."""

    pattern: str
    name: str
    value: str
    probe: str

    @property
    def line(self) -> str:
        return f"{self.pattern} {self.name}={self.value}"


def desk_attributes(root: str) -> tuple[Attribute, Attribute]:
    """What the desk in the folder `root` ("" or "books/") needs."""
    return (
        Attribute(_pattern(f"/{root}snapshots/**"), "diff", DIFF, root + SNAPSHOT),
        Attribute(_pattern(f"/{root}desk.toml"), "merge", MERGE, f"{root}desk.toml"),
    )


def everywhere() -> tuple[Attribute, Attribute]:
    """For all repositories of a user; narrow, because other projects have a snapshots/ too."""
    day = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T"
    return (
        Attribute(f"**/snapshots/**/{day}*.toml", "diff", DIFF, SNAPSHOT),
        Attribute("desk.toml", "merge", MERGE, "desk.toml"),
    )


def in_force(repo: Repository, attribute: Attribute) -> str | None:
    """The value git acts on, also "set" and "unset"; None where nobody says."""
    asked = repo.git("check-attr", "-z", attribute.name, "--", attribute.probe)
    value = asked.decode("utf-8", "surrogateescape").split("\0")[2]
    return None if value == "unspecified" else value


def attributes_file(environ: Mapping[str, str]) -> Path:
    """The user's own attributes, for all repositories (gitattributes(5)); it need not exist."""
    done = _config(None, "--includes", "--type=path", "-z", "--get", "core.attributesFile")
    if done.out:
        return Path(os.fsdecode(done.out.removesuffix(b"\0")))
    config = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME') or os.devnull}/.config"
    return Path(config) / "git" / "attributes"


def setting(repo: Repository | None, key: str) -> str | None:
    """What the repository's own configuration says, or the user's; None when it has no such key."""
    done = _config(repo, "-z", "--get", key)
    if done.code not in (0, 1):
        raise failed(("config",), done.err)
    return None if done.code else done.out.decode("utf-8", "surrogateescape").removesuffix("\0")


def put_setting(repo: Repository | None, key: str, value: str | None) -> None:
    """Write one setting over all its values, or take it away when `value` is None."""
    done = _config(repo, "--unset-all", key) if value is None else _config(repo, "--replace-all", key, value)
    if done.code:
        raise failed(("config",), done.err)


def _config(repo: Repository | None, *args: str) -> Done:
    if repo is None:
        return call(("config", "--global", *args), os.sep)
    return repo.attempt("config", "--local", *args)


def _pattern(path: str) -> str:
    """The path as git reads a pattern: no other meaning for its signs, quoted where it must be."""
    plain = "".join(f"\\{sign}" if sign in "\\*?[" else sign for sign in path.removesuffix("**"))
    plain += "**" if path.endswith("**") else ""
    if not any(sign in ' \t"' or ord(sign) < 32 or ord(sign) == 127 for sign in plain):
        return plain
    quoted = "".join(
        f"\\{sign}" if sign in '\\"' else f"\\{ord(sign):03o}" if ord(sign) < 32 or ord(sign) == 127 else sign
        for sign in plain
    )
    return f'"{quoted}"'
