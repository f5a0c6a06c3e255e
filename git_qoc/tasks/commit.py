"""The commit that recorded a snapshot, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from git_qoc.history import scan
from git_qoc.history.messages import BLOB_TRAILER, PATH_TRAILER
from git_qoc.history.provenance import origins
from git_qoc.history.reader import TreeFile
from git_qoc.history.repository import is_true
from git_qoc.history.walk import FOLDER, SUFFIX, snapshot_files
from git_qoc.tasks.place import Place
from git_qoc.tasks.show import LATEST, TIMESTAMP, Located, locate

FIELDS = "%H%x00%an <%ae>%x00%at%x00%s%x00%b%x00%(trailers)"
SIGNATURE = "%x00%G?%x00%GS%x00%GK"
STATES = {
    "G": "good signature",
    "B": "BAD signature",
    "U": "good signature of unknown validity",
    "X": "good signature that has expired",
    "Y": "good signature by an expired key",
    "R": "good signature by a revoked key",
    "E": "a signature that cannot be checked",
    "N": "no signature",
}


@dataclass(frozen=True, slots=True)
class Commit:
    """`note` is the message without subject and trailers, "" for none.

    `signature` is None unless git's `log.showSignature` asks for it.
    """

    id: str
    author: str
    date: datetime | None
    subject: str
    note: str
    signature: str | None = None


def snapshot_of(place: Place, which: str, start: Path) -> Located:
    """The snapshot that a commit recorded, where `which` names such a commit; else as `locate`."""
    if which == LATEST or TIMESTAMP.fullmatch(which):
        return locate(place, which, start)
    commit = None if "\n" in which else place.repo.resolve(which)
    if commit is None:
        return locate(place, which, start)
    files = snapshot_files(place.repo, commit, place.root)
    recorded = _recorded(place, commit, files)
    return Located(commit, recorded, files) if recorded else locate(place, which, start)


def commit_of(place: Place, located: Located) -> Commit | None:
    """The commit that gave the snapshot its content; None where a shallow clone does not tell."""
    head = place.repo.resolve(located.rev)
    if head is None:
        return None
    file = located.file
    # Nearly always asked of the commit itself, or of the newest.
    if file == _recorded(place, head, located.files):
        return _commit(place, head)
    origin = origins(place.repo, head, [file], place.root + FOLDER).get(file.path)
    return None if origin is None else _commit(place, origin.message.commit)


def _recorded(place: Place, commit: str, files: Sequence[TreeFile]) -> TreeFile | None:
    """The one snapshot file that this very commit added or changed; None where it is not one."""
    parents = (f"{commit}^", f"{commit}^2")
    first, second = (place.repo.resolve(parent) for parent in parents)
    if second is not None or (first is None and place.repo.shallow):
        # A merge records nothing of its own; the oldest commit of a shallow clone seems to add everything.
        return None
    folder = place.root + FOLDER
    touched = {
        (touch.path, touch.blob)
        for touch in scan.touches([commit], place.repo.run_dir, place.repo.environ(), (folder,))
        if touch.path.endswith(SUFFIX)
    }
    own = [file for file in files if (file.path, file.blob) in touched]
    return own[0] if len(own) == 1 else None


def _commit(place: Place, commit: str) -> Commit:
    repo = place.repo
    wanted = is_true(repo.config(r"^log\.showsignature$").get("log.showsignature", ["false"])[-1])
    form = f"--format={FIELDS}{SIGNATURE if wanted else ''}"
    raw = repo.git("log", "-1", "--no-show-signature", "--encoding=UTF-8", form, commit, "--")
    id_, author, time, subject, body, trailers, *signed = (
        raw.decode("utf-8", "replace").rstrip("\n").split("\0")
    )
    return Commit(
        id=id_,
        author=author,
        date=_time(time),
        subject=subject,
        note=_note(body, trailers),
        signature=_signature(signed) if wanted else None,
    )


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _note(body: str, trailers: str) -> str:
    rest = body.strip().removesuffix(trailers.strip()).strip()
    # A block that is not trailers alone git does not take for one.
    ours = (PATH_TRAILER, BLOB_TRAILER)
    return "\n".join(line for line in rest.splitlines() if not line.startswith(ours)).strip()


def _signature(fields: list[str]) -> str:
    state, signer, key = (*fields, "", "", "")[:3]
    text = STATES.get(state, STATES["E"])
    return f"{text} of {signer or key}" if signer or key else text
