"""The one branch of a remote that a desk's clones share: which it is, its tip, a push with a lease."""

from __future__ import annotations

import re
from dataclasses import dataclass

from git_qoc.errors import HistoryError, Refused, UsageError
from git_qoc.history.clones.network import call_remote, reason, without_secrets
from git_qoc.history.process import failed
from git_qoc.history.repository import Repository, is_true

HEADS = "refs/heads/"
LAYOUT = "%00".join(
    f"%({name})" for name in ("upstream:remotename", "upstream:remoteref", "push:remotename", "push")
)
# What a push is told when somebody else's arrived between our fetch and it.
FASTER = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to (update ref|lock)"
    r"|reference already exists|incorrect old value"
)
BUSY = re.compile(rb"cannot lock ref|\.lock': File exists")
AGAIN = 4
"""How often a fetch is tried once more when another fetch holds the tracking branch."""


@dataclass(frozen=True, slots=True)
class Shared:
    """`ref` is the branch's name at the remote, `tracking` where its last known tip is kept here.

    `follow` says that the local branch shall follow it from its first push on.
    """

    remote: str
    ref: str
    tracking: str
    follow: bool = False

    @property
    def name(self) -> str:
        """`origin/main`, for a person."""
        return f"{self.remote}/{self.ref.removeprefix(HEADS)}"


def shared_branch(repo: Repository, branch: str, remote: str | None) -> Shared:
    """The remote branch that `branch` (`main`) is synced with.

    That is its upstream; with `remote` that remote's; without either the only remote's (or
    that of remote.pushDefault) branch of the same name.

    Raises:
        UsageError: there is no such remote.
        HistoryError: nothing or nothing clear is configured.
    """
    settings = repo.config(r"^remote\.|^push\.autosetupremote$")
    remotes = repo.git("remote").decode("utf-8", "surrogateescape").splitlines()
    if remote is not None and remote not in remotes:
        known = f" It has {', '.join(remotes)}." if remotes else ""
        raise UsageError(f'there is no remote "{remote}".{known} Add one with git remote add NAME URL.')
    layout = repo.git("for-each-ref", f"--format={LAYOUT}", HEADS + branch).rstrip(b"\n")
    upstream, ref, push, push_tracking = layout.decode("utf-8", "surrogateescape").split("\0")
    if upstream and remote in (None, upstream):
        if upstream == ".":
            raise HistoryError(f"{branch} follows a branch of this repository. Name a remote to sync with")
        if upstream not in remotes:
            raise HistoryError(f"{branch} follows an address. Give it a name: git remote add NAME URL")
        tracking = _tracking(settings, upstream, ref)
        if remote is None and (push != upstream or push_tracking not in ("", tracking)):
            raise HistoryError(
                f"{branch} is fetched from {upstream} but pushed elsewhere"
                f" ({without_secrets(push_tracking or push)}). Name the one remote that all clones share:"
                f" git qoc sync REMOTE"
            )
        return Shared(upstream, ref, tracking)
    chosen = remote or _only(remotes, settings, branch)
    ref = HEADS + branch
    follow = not upstream and (
        remote is not None or is_true(settings.get("push.autosetupremote", ["false"])[-1])
    )
    return Shared(chosen, ref, _tracking(settings, chosen, ref), follow)


def fetch(repo: Repository, shared: Shared, timeout_s: float) -> str | None:
    """The remote branch's tip, its commits brought here; None when the remote has no such branch.

    Raises:
        HistoryError: the remote cannot be read, with git's reason.
    """
    args = (
        "fetch",
        "--quiet",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--",
        shared.remote,
        f"+{shared.ref}:{shared.tracking}",
    )
    doing = f"fetch from {shared.remote}"
    done = call_remote(repo, args, timeout_s, doing)
    for _ in range(AGAIN):
        if done.code == 0 or not BUSY.search(done.err):
            break
        done = call_remote(repo, args, timeout_s, doing)
    if done.code == 0:
        return repo.resolve(shared.tracking)
    if b"couldn't find remote ref" in done.err:
        return None
    raise HistoryError(f"{doing} failed: {reason(done.err) or 'git gave no reason'}")


def push(repo: Repository, shared: Shared, expected: str | None, commit: str, timeout_s: float) -> bool:
    """Make `commit` the remote branch's tip if that is still `expected`; False when somebody was faster.

    The user's pre-push hook runs.

    Raises:
        Refused: a hook or the remote does not take it, with the reason.
        HistoryError: the remote cannot be reached or written.
    """
    lease = f"--force-with-lease={shared.ref}:{expected or ''}"
    args = ("push", "--porcelain", lease, "--", shared.remote, f"{commit}:{shared.ref}")
    doing = f"push to {shared.name}"
    done = call_remote(repo, args, timeout_s, doing)
    if done.code == 0:
        return True
    verdict = _verdict(done.out.decode("utf-8", "replace"), shared.ref)
    if FASTER.search(verdict):
        return False
    said = reason(done.err)
    if verdict:
        raise Refused(f"{doing} was refused: {verdict}{f': {said}' if said else ''}")
    if done.code == 1:
        raise Refused(f"{doing} was refused by the pre-push hook: {said or 'it gave no reason'}")
    raise HistoryError(f"{doing} failed: {said or 'git gave no reason'}")


def follow(repo: Repository, shared: Shared, branch: str) -> None:
    """Make `branch` follow the shared branch, as `git push -u` does."""
    args = ("branch", "--quiet", f"--set-upstream-to={shared.tracking}", branch)
    done = repo.attempt(*args)
    if done.code:
        raise failed(args, done.err)


def tips_known(repo: Repository, shared: Shared) -> list[str]:
    """What this clone has seen at the remote branch, newest first, as far as its reflog reaches."""
    done = repo.attempt("log", "-g", "--format=%H", shared.tracking, "--")
    return done.out.decode().split() if done.code == 0 else []


def _verdict(porcelain: str, ref: str) -> str:
    """Git's word on our ref, `[remote rejected] (hook declined)`; "" when it did not come so far."""
    for line in porcelain.splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and fields[0] == "!" and fields[1].endswith(f":{ref}"):
            return fields[2]
    return ""


def _only(remotes: list[str], settings: dict[str, list[str]], branch: str) -> str:
    if not remotes:
        raise HistoryError("there is no remote to sync with. Add one: git remote add origin URL")
    preferred = settings.get("remote.pushdefault", [""])[-1]
    if preferred in remotes:
        return preferred
    if len(remotes) == 1:
        return remotes[0]
    raise HistoryError(
        f"{branch} follows no remote branch, and there are {len(remotes)} remotes"
        f" ({', '.join(remotes)}). Name one: git qoc sync REMOTE"
    )


def _tracking(settings: dict[str, list[str]], remote: str, ref: str) -> str:
    """Where `git fetch` keeps that branch's tip."""
    for spec in settings.get(f"remote.{remote}.fetch", []):
        source, _, target = spec.removeprefix("+").partition(":")
        before, star, after = source.partition("*")
        if source == ref and target:
            return target
        if star and target and ref.startswith(before) and ref.endswith(after):
            return target.replace("*", ref[len(before) : len(ref) - len(after)], 1)
    branch = ref.removeprefix(HEADS)
    raise HistoryError(
        f"this clone does not keep {remote}'s branch {branch}, so nobody could tell whether it was"
        f" rewritten. Run: git remote set-branches --add {remote} {branch}"
    )
