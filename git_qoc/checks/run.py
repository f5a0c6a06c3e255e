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

    What is a literal credential in a line is not told once more as a broken desk.

    Raises:
        KeyError: a name that is not in `CHECKS`.
    """
    checks = [CHECKS[name] for name in dict.fromkeys(names)]
    faults = {fault for path, data in files for check in checks for fault in check(path, data)}
    told = {(fault.path, fault.line) for fault in faults if fault.rule == "credentials"}
    return sorted(f for f in faults if f.rule == "credentials" or (f.path, f.line) not in told)
