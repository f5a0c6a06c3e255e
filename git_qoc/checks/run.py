"""The checks by name, and running some of them over some files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from git_qoc.checks.fault import Fault

Check = Callable[[str, bytes], list[Fault]]
"""Takes a path and its bytes."""


def _credentials(path: str, data: bytes) -> list[Fault]:
    from git_qoc.checks import credentials

    return credentials.check(path, data)


def _desk(path: str, data: bytes) -> list[Fault]:
    from git_qoc.checks import desk  # costs pydantic

    return desk.check(path, data)


CHECKS: Mapping[str, Check] = {"credentials": _credentials, "desk": _desk}


def run(names: Iterable[str], files: Iterable[tuple[str, bytes]]) -> list[Fault]:
    """The faults that the named checks find, sorted by path, line and column.

    Raises:
        KeyError: a name that is not in `CHECKS`.
    """
    checks = [CHECKS[name] for name in dict.fromkeys(names)]
    return sorted(fault for path, data in files for check in checks for fault in check(path, data))
