"""Objects by name through one `git cat-file` process, as many as are asked for.

Light on purpose: the pre-commit hook passes here.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, NamedTuple

from git_qoc.errors import HistoryError
from git_qoc.history.process import Folder, call, complaint, not_started, plain_environ

IN_FLIGHT = 8192
"""Bytes of names sent before their answers are read. They fit into every system's pipe, so
our write never waits for git while git waits for us to read."""


class Object(NamedTuple):
    """`kind` is git's type: blob, tree, commit or tag. `data` is b"" when only asked about."""

    id: str
    kind: str
    data: bytes


class Objects:
    """A running `git cat-file --batch`; with `contents=False` only ids and kinds are told.

    A name is anything git can resolve (`HEAD`, `<commit>:desk.toml`, an object id).
    """

    def __init__(self, cwd: Folder, env: Mapping[str, str] | None = None, *, contents: bool = True) -> None:
        self._cwd = cwd
        self._env = plain_environ() if env is None else env
        self._contents = contents
        mode = "--batch" if contents else "--batch-check"
        try:
            self._process = subprocess.Popen(
                ["git", "-c", "core.warnAmbiguousRefs=false", "cat-file", mode],
                cwd=cwd,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A pipe nobody reads could fill and block; _died() asks again for the reason.
                stderr=subprocess.DEVNULL,
                bufsize=1 << 16,
            )
        except OSError as exc:
            raise not_started(exc, cwd) from None

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdout, self._process.stdin):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._process.wait()

    def get(self, name: str) -> Object | None:
        """The object, None when the repository has none of that name."""
        return next(self.many((name,)))

    def many(self, names: Iterable[str]) -> Iterator[Object | None]:
        """As `get`, for each name in its order."""
        pending: list[str] = []
        size = 0
        for name in names:
            pending.append(name)
            size += len(name) + 1
            if size >= IN_FLIGHT:
                yield from self._answers(pending)
                pending, size = [], 0
        yield from self._answers(pending)

    def _answers(self, names: list[str]) -> Iterator[Object | None]:
        if any("\n" in name for name in names):
            raise HistoryError("a path or revision holds a line break, which is not supported")
        process = self._process
        assert process.stdin is not None  # noqa: S101 - both are pipes, see above
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write("".join(name + "\n" for name in names).encode("utf-8", "surrogateescape"))
            process.stdin.flush()
        except BrokenPipeError:
            raise self._died(names[0]) from None
        for name in names:
            yield self._answer(process.stdout, name)

    def _answer(self, stdout: IO[bytes], name: str) -> Object | None:
        header = stdout.readline()
        if header.endswith((b" missing\n", b" ambiguous\n")):
            return None
        if not header.endswith(b"\n"):
            raise self._died(name)
        id_, kind, size = header.split()
        if not self._contents:
            return Object(id_.decode(), kind.decode(), b"")
        data = stdout.read(int(size) + 1)
        if len(data) != int(size) + 1:
            raise self._died(name)
        return Object(id_.decode(), kind.decode(), data[:-1])

    def _died(self, name: str) -> HistoryError:
        why = call(("cat-file", "-p", "--end-of-options", name), self._cwd, self._env).err
        if b"from promisor remote" in why:
            return HistoryError(
                f"{name} is still with the remote of this partial clone, which does not give it"
                f" ({complaint(why)}). Connect to it and try again"
            )
        return HistoryError(f"git cannot read {name}: {complaint(why)}. Run: git fsck")
