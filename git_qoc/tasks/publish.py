"""Publish the retrospective of what was pushed to a server's repository into a web server's folder.

Which branch, folder and desk is the server's own configuration, and the names of the files are
ours: no push chooses where anything is written. Each file is replaced as a whole, the page last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import DeskError, HistoryError, printable
from git_qoc.history import workfile
from git_qoc.history.lock import alone
from git_qoc.history.process import failed
from git_qoc.history.repository import Repository
from git_qoc.history.walk import blob_at
from git_qoc.report.markdown import to_markdown
from git_qoc.report.names import STEM
from git_qoc.report.notes import extract_notes
from git_qoc.report.pictures import pictures
from git_qoc.tasks import verify
from git_qoc.tasks.incoming import Update
from git_qoc.tasks.numbers import Finding
from git_qoc.tasks.place import Place, require_whole, root_at
from git_qoc.tasks.report_files import RESEARCH, as_page
from git_qoc.tasks.retrospective import Done, Options, compute_at

FOLDER, BRANCH, DESK = "qoc.publishDir", "qoc.publishBranch", "qoc.publishDesk"
SEEN = "qoc.publishVerifyFrom"
"""A commit up to which the findings are known. A record is append-only, so a finding stays one for
ever, and without this a desk that ever had one could publish nothing again."""
HEADS = "refs/heads/"
OF_A_DESK = (":(top,glob)**/snapshots/**", ":(top,glob)**/desk.toml")
VERIFIED = "verify.txt"


@dataclass(frozen=True, slots=True)
class Target:
    """`desk` is its folder in the repository, None where there is only one to find; the record is
    verified from the commit `seen` on, from its beginning where that is "".
    """

    folder: Path
    ref: str
    desk: str | None
    seen: str


@dataclass(frozen=True, slots=True)
class Published:
    """`commit` is what the files are made from; `start` and `end` as the report has them.

    With `findings`, a line each, the folder keeps its report, and its verify.txt names them.
    """

    commit: str
    start: str = ""
    end: str = ""
    findings: tuple[str, ...] = ()


def publish(repo: Repository, updates: Iterable[Update]) -> Published | None:
    """Verify the record, then write its report; None where nothing is to be published.

    What is published is the branch as it is when its turn comes, so that of two pushes at once the
    older never stands over the newer.

    Raises:
        Refused: there is no snapshot.
        QocError: the configuration, the desk or the folder cannot be used; the folder is as it was, or
            has some of the new files.
    """
    target = target_of(repo)
    if target is None or not any(_concerns(repo, target, update) for update in updates):
        return None
    with alone(repo, "publish"):
        commit = repo.resolve(target.ref)
        return None if commit is None else _publish(repo, target, commit)


def target_of(repo: Repository) -> Target | None:
    """What the repository's configuration says; None where it names no folder.

    Raises:
        HistoryError: the folder is not absolute, or there is none.
    """
    names = "|".join(key.lower().replace(".", r"\.") for key in (FOLDER, BRANCH, DESK, SEEN))
    settings = {key: values[-1] for key, values in repo.config(f"^({names})$").items()}
    if not settings.get(FOLDER.lower()):
        return None
    folder = _folder(repo)
    branch = settings.get(BRANCH.lower())
    head = repo.attempt("symbolic-ref", "-q", "HEAD").out.decode("utf-8", "surrogateescape").strip()
    ref = f"{HEADS}{branch.removeprefix(HEADS)}" if branch else head
    if not ref:
        raise HistoryError(f"HEAD is no branch here. Name the one to publish: git config {BRANCH} main")
    desk = settings.get(DESK.lower())
    seen = settings.get(SEEN.lower(), "")
    if seen and repo.resolve(seen) is None:
        raise HistoryError(f'{SEEN} is "{seen}", which is no commit here')
    return Target(folder, ref, None if desk is None else _root(desk), seen)


def _folder(repo: Repository) -> Path:
    """git expands `~` and `%(prefix)`."""
    args = ("config", "--type=path", "-z", "--get", FOLDER)
    done = repo.attempt(*args)
    if done.code:
        raise failed(args, done.err)
    folder = Path(done.out.decode("utf-8", "surrogateescape").removesuffix("\0"))
    if not folder.is_absolute():
        raise HistoryError(f'{FOLDER} is "{folder}", expected an absolute path')
    if not folder.is_dir():
        raise HistoryError(f"{FOLDER} is {folder}, which is no folder. Make it, or correct the setting")
    return folder


def _root(desk: str) -> str:
    path = desk.strip("/")
    return "" if path in ("", ".") else f"{path}/"


def _concerns(repo: Repository, target: Target, update: Update) -> bool:
    """Whether a push changed a snapshot or a desk.toml, whose choices the report is computed with."""
    if update.ref != target.ref or not update.new:
        return False
    if not update.old:
        return True
    args = ("diff-tree", "-r", "--quiet", "--no-renames", update.old, update.new, "--", *OF_A_DESK)
    return repo.attempt(*args).code != 0


def _publish(repo: Repository, target: Target, commit: str) -> Published:
    require_whole(repo)
    place = Place(repo, _found_root(repo, commit) if target.desk is None else target.desk, commit)
    span = f"{target.seen}..{commit}" if target.seen else commit
    verified = verify.verify_place(place, verify.Options(span))
    if told := tuple(_told(finding) for finding in verified.findings):
        head = f"The record has findings at {commit}; the report here is one of before:"
        workfile.write(target.folder, VERIFIED, _lines([head, *told]))
        return Published(commit, findings=told)
    done = compute_at(place, Options())
    seen = f"{verified.snapshots:,} snapshots in {span}: nothing found."
    files = {**_files(place, done), VERIFIED: _lines([seen, *verified.not_verified])}
    for name, data in files.items():
        workfile.write(target.folder, name, data)
    as_page(done, target.folder)
    result = done.retrospective
    return Published(commit, str(result.start or ""), str(result.end or ""))


def _found_root(repo: Repository, commit: str) -> str:
    try:
        return root_at(repo, commit)
    except DeskError as exc:
        raise DeskError(f"{exc} To publish one desk's, name its folder: git config {DESK} FOLDER") from None


def _files(place: Place, done: Done) -> dict[str, bytes]:
    """The report in its forms, by name; the notes are those of the committed one."""
    committed = blob_at(place.repo, place.rev, f"{place.root}{RESEARCH}{STEM}.md") or b""
    notes, drawn = extract_notes(committed.decode("utf-8", "replace")), pictures(done.document)
    text = to_markdown(done.retrospective, notes, drawn, shown=done.document)
    return {f"{STEM}.md": text.encode(), f"{STEM}.json": done.json_text.encode(), **drawn}


def _told(finding: Finding) -> str:
    at = f":{finding.line}" if finding.line else ""
    return printable(f"{finding.path}{at}: {finding.message}.").replace("\n", "\\n")


def _lines(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
