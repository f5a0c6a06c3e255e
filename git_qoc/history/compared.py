"""Which files commits touched, for snapshots that no trailer explains; kept, since it is slow.

Comparing trees takes git a millisecond or two a commit: seconds for a record that another
tool or a person committed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from git_qoc.history import scan
from git_qoc.history.cache import Cache
from git_qoc.history.repository import Repository
from git_qoc.history.scan import Touch


class Compared:
    """What commits did to files under `folder`; with `keep` each commit is compared only once."""

    def __init__(self, repo: Repository, folder: str, *, keep: bool) -> None:
        self._repo = repo
        self._folder = folder
        self._cache = Cache(repo, "touches", folder, "1") if keep else None
        self._before = _parsed((self._cache and self._cache.read()) or b"")
        self._known: dict[str, list[Touch]] = {}

    def touches(self, commits: Iterable[str]) -> list[Touch]:
        """As `scan.touches`, in no order among commits."""
        wanted = list(commits)
        new = [commit for commit in wanted if commit not in self._before]
        self._known |= {commit: self._before.get(commit, []) for commit in wanted}
        if new:
            for touch in scan.touches(new, self._repo.run_dir, self._repo.environ(), (self._folder,)):
                self._known[touch.commit].append(touch)
        return [touch for commit in wanted for touch in self._known[commit]]

    def keep(self, commits: Container[str]) -> None:
        """What is known of these commits; others are forgotten."""
        known = {commit: touches for commit, touches in self._before.items() if commit in commits}
        known |= self._known
        if self._cache is not None and known.keys() != self._before.keys():
            self._cache.write("\0".join(_fields(known)).encode("utf-8", "surrogateescape"))


def _fields(known: dict[str, list[Touch]]) -> Iterator[str]:
    for commit, touches in known.items():
        yield from (commit, str(len(touches)))
        for touch in touches:
            yield from touch[1:]


def _parsed(data: bytes) -> dict[str, list[Touch]]:
    fields = iter(data.decode("utf-8", "surrogateescape").split("\0") if data else ())
    return {
        commit: [Touch(commit, next(fields), next(fields), next(fields)) for _ in range(int(next(fields)))]
        for commit in fields
    }
