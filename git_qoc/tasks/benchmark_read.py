"""The closes of the chosen benchmark, from the record: the same history gives the same report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from git_qoc.errors import UsageError
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.result import Retrospective
from git_qoc.tasks.place import Place

if TYPE_CHECKING:
    from git_qoc.retrospective.benchmark.closes import Series


def read_benchmark(place: Place, rev: str, choice: str | None) -> Series | Undefined | None:
    """Of a revision, whatever the work tree holds; undefined for a file that is missing or broken.

    Raises:
        UsageError: the choice names neither a symbol nor a file of the desk.
    """
    if choice is None:
        return None
    # Most reports have no benchmark, and these cost 10 ms.
    from git_qoc.desk.benchmark import source
    from git_qoc.history.walk import blob_at
    from git_qoc.retrospective.benchmark.csv_file import parse

    try:
        found = source(choice)
    except ValueError as exc:
        raise UsageError(f"--benchmark: {exc}.") from None
    path = place.root + found.path
    data = blob_at(place.repo, rev, path)
    if data is not None:
        return parse(data, path, found.symbol)
    todo = f"Run `git qoc run benchmark {found.symbol}`" if found.fetched else "Commit it"
    return Undefined(f"{path}: found no such file in {rev}, expected closes. {todo}.")


def without_benchmark(result: Retrospective) -> tuple[str, ...]:
    """The warning that a chosen benchmark is in no figure, and why; none otherwise."""
    found = result.benchmark
    if result.choices.benchmark is None or not isinstance(found, Undefined):
        return ()
    return (f"the report has no benchmark: {found.reason}",)
