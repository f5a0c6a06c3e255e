"""Write the workflow with which a forge publishes the retrospective on every push.

The workflows are the files of data/ci/. A line in each says what the rest was when it was written,
so that a later version replaces its own file and never one that somebody changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

import git_qoc
from git_qoc.errors import DeskError
from git_qoc.history import workfile
from git_qoc.history.write import commit_files, refuse_if_busy, write_only
from git_qoc.tasks.desk import Desk, open_desk
from git_qoc.tasks.place import DESK_FILE, Place, detached

FILES: Mapping[str, str] = {
    "github": ".github/workflows/qoc.yml",
    "gitlab": ".gitlab-ci.yml",
    "forgejo": ".forgejo/workflows/qoc.yml",
}
"""Where each forge looks, from the repository's top."""
INCLUDED = ".gitlab/qoc.yml"
"""For a repository that has a .gitlab-ci.yml, which is never touched."""
SUM = "# SHA-256 of the lines below, as made: "


@dataclass(frozen=True, slots=True)
class Workflow:
    """`state`: new, written, updated, present; kept where the user's file stands.

    `include` is what the user's .gitlab-ci.yml is to hold besides, "" where there is nothing to add.
    """

    forge: str
    path: str
    text: str
    state: str = "new"
    commit: str | None = None
    include: str = ""
    warnings: tuple[str, ...] = ()


def workflow(start: Path, forge: str) -> Workflow:
    """What `write_workflow` would write; nothing is written.

    Raises:
        HistoryError, DeskError: not in a desk, or its folder has a name that no workflow can hold.
    """
    return _workflow(open_desk(start), forge)


def write_workflow(start: Path, forge: str, *, commit: bool = True, force: bool = False) -> Workflow:
    """Write the forge's file and commit it alone.

    A file that is not as some git-qoc made it is kept, unless with `force`.

    Raises:
        HistoryError: the repository is busy, or the file cannot be written or committed.
        DeskError: as `workflow`.
    """
    desk = open_desk(start)
    wanted = _workflow(desk, forge)
    if commit:
        refuse_if_busy(desk.repo)
    found, data = workfile.read(_top(desk), wanted.path), wanted.text.encode()
    if found is not None and found != data and not force and not is_ours(found):
        return replace(wanted, state="kept")
    state = "present" if found == data else "written" if found is None else "updated"
    files = {wanted.path: data}
    if not commit:
        write_only(desk.repo, files)
        return replace(wanted, state=state)
    subject = f"ci {forge}: publish the retrospective on every push\n"
    run_hooks = desk.config.history.run_hooks
    seen = {wanted.path: found}
    done = commit_files(desk.repo, files, subject, what="ci", derived_from=seen, run_hooks=run_hooks)
    if done is None and found != data:  # HEAD has it, and the work tree had another
        write_only(desk.repo, files)
    return replace(wanted, state=state, commit=done.id if done else None, warnings=detached(done))


def is_ours(found: bytes) -> bool:
    """Whether a file is to the byte as this or another version of git-qoc made it."""
    head, mark, rest = found.decode("utf-8", "replace").partition(SUM)
    told, _, body = rest.partition("\n")
    return bool(mark) and not head and told == _digest(body)


def templates() -> Path:
    """The folder of the workflows, as they are before they are filled in."""
    return Path(git_qoc.__file__).resolve().parent / "data" / "ci"


def _workflow(desk: Desk, forge: str) -> Workflow:
    path, include = FILES[forge], ""
    if forge == "gitlab":
        path, include = _gitlab(_top(desk))
    return Workflow(forge, path, _text(forge, desk.place.root, path), include=include)


def _top(desk: Desk) -> Path:
    return Place(desk.repo, "").file("")


def _gitlab(top: Path) -> tuple[str, str]:
    """Where to write, and what to add to the user's own file."""
    found = workfile.read(top, FILES["gitlab"])
    if found is None or SUM.encode() in found:
        return FILES["gitlab"], ""
    named = INCLUDED.encode() in found
    return INCLUDED, "" if named else f"include:\n  - local: {INCLUDED}"


def _text(forge: str, root: str, path: str) -> str:
    folder = _plain(root)
    values = {
        "VERSION": git_qoc.__version__,
        "FOLDER": json.dumps(folder or ".", ensure_ascii=False),
        "FOLDER_SHELL": quote(folder or "."),
        "PATH_SNAPSHOTS": json.dumps(f"{root}snapshots/**", ensure_ascii=False),
        "PATH_DESK": json.dumps(root + DESK_FILE, ensure_ascii=False),
        "FILE": path,
    }
    body = (templates() / f"{forge}.yml").read_text("utf-8")
    for name, value in values.items():
        body = body.replace(f"${{{name}}}", value)
    return f"{SUM}{_digest(body)}\n{body}"


def _plain(root: str) -> str:
    """The folder without its slash, which must mean itself in YAML, in a glob and in an expression."""
    if not all(sign.isalnum() or sign in "/ ._-" for sign in root) or "/ " in f"/{root}":
        raise DeskError(
            f"{root}: the desk's folder has a sign in its name that no workflow can hold. Rename it with"
            " letters, digits, spaces, dots, dashes and underscores only."
        )
    return root.removesuffix("/")


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]
