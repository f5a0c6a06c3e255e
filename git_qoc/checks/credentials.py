"""No credential gets into a desk.toml. Standard library only: the pre-commit hook's hot path.

First the structure: under a connector's `auth` only secret references may stand, whatever
they look like. Then the look of everything else: values, keys, comments, blocks that are
commented out. What cannot be read for certain is a fault too. No message holds a secret or
a part of one, which is why no parser's words are repeated.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from git_qoc.checks.fault import Fault
from git_qoc.checks.names import names_secret_value
from git_qoc.checks.references import judge
from git_qoc.checks.tokens import find
from git_qoc.checks.wording import in_auth, in_plain_text
from git_qoc.desk.positions import Lines, Path, Position, Scan, scan

RULE = "credentials"
MAX_BYTES = 1 << 20


def check(path: str, data: bytes) -> list[Fault]:
    """Every credential in the bytes of one desk.toml, in the order of the text.

    Bytes that are not plain UTF-8 TOML of at most `MAX_BYTES` are a fault: they cannot be
    judged. Text that does not parse is looked through all the same.
    """
    if len(data) > MAX_BYTES:
        return [unreadable(path, f"larger than {MAX_BYTES >> 20} MiB")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [unreadable(path, "not UTF-8 text")]
    if "\0" in text or text.startswith("\ufeff"):
        return [unreadable(path, "UTF-16 or starts with a byte order mark; TOML is plain UTF-8")]
    return _Check(path, text).faults()


NO_FILE = {"120000": "a symbolic link", "160000": "a submodule"}
"""By git's mode, what may stand in the place of desk.toml and is no file."""


def unreadable(path: str, why: str) -> Fault:
    """The fault of a file whose credentials cannot be checked because it is `why`."""
    return Fault(path, 1, 1, RULE, f"this file is {why}, so it cannot be checked for credentials. Replace it")


_STATED = re.compile(r"at line (\d+), column (\d+)")


class _NotToml(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Check:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = Lines(text)
        self.scan: Scan = scan(text)
        self._starts = [statement.start for statement in self.scan.statements]
        self._judged: set[int] = set()  # statements that have their fault

    def faults(self) -> list[Fault]:
        found: list[Fault] = []
        document = None
        try:
            document = self._parsed()
            found.extend(self._in_auth(document))
        except _NotToml as exc:
            found.append(exc.fault)
        found.extend(self._in_text())
        if document is not None:
            found.extend(self._in_values(document))
        return sorted(found)

    def _parsed(self) -> Mapping[str, object]:
        position = self.lines.position(self.scan.end)
        if self.scan.complete:  # else tomllib, quadratic in the depth of a key, may not return
            try:
                return tomllib.loads(self.text)
            except (ValueError, RecursionError) as exc:
                stated = _STATED.search(str(exc))
                if stated:
                    position = Position(int(stated[1]), int(stated[2]))
        why = "not valid TOML, so it cannot be checked for credentials. Fix it, then commit again"
        raise _NotToml(Fault(self.path, *position, RULE, why))

    def _in_auth(self, document: Mapping[str, object]) -> Iterator[Fault]:
        for entry_path, entry in _connectors(document):
            for auth_path, auth in _auths(entry, entry_path):
                parts = auth.items() if isinstance(auth, dict) else [("", auth)]
                for key, value in parts:
                    path = (*auth_path, key) if key else auth_path
                    for below, why in judge(value):
                        offset = self._offset((*path, *below))
                        self._judged.add(self._statement(offset))
                        yield self._fault(offset, in_auth(entry_path, entry, key, (value, why)))

    def _in_text(self) -> Iterator[Fault]:
        covered = -1
        for found in sorted(find(self.text), key=lambda found: (found.start, -found.end)):
            statement = self._statement(found.start)
            if found.start < covered or statement in self._judged:
                continue
            covered = found.end
            if statement >= 0:
                self._judged.add(statement)
            yield self._fault(found.start, in_plain_text(found.what))

    def _in_values(self, document: Mapping[str, object]) -> Iterator[Fault]:
        """What only shows when escapes, line breaks and the names around a value are read."""
        for path, value, is_key in _texts(document, ()):
            names = [key for key in path if isinstance(key, str)]
            offset = self._offset(path)
            statement = self._statement(offset)
            if statement in self._judged or _is_auth(names):
                continue
            what = ""
            if not self.text.startswith(value, offset + 1):  # else it was read as it stands
                what = next((found.what for found in find(value)), "")
            if not what and not is_key and names_secret_value(names[-1], value, "quoted"):
                what = "a secret by its name"
            if what:
                self._judged.add(statement)
                yield self._fault(offset, in_plain_text(what))

    def _offset(self, path: Path) -> int:
        while path and path not in self.scan.offsets:
            path = path[:-1]
        return self.scan.offsets.get(path, 0)

    def _statement(self, offset: int) -> int:
        """The index of the statement an offset is in, -1 between statements (comments)."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self.scan.statements[index].end else -1

    def _fault(self, offset: int, message: str) -> Fault:
        return Fault(self.path, *self.lines.position(offset), RULE, message)


def _connectors(document: Mapping[str, object]) -> Iterator[tuple[Path, Mapping[str, object]]]:
    for key, value in document.items():
        if key.casefold() not in ("connector", "connectors"):
            continue
        entries = enumerate(value) if isinstance(value, list) else [("", value)]
        for index, entry in entries:
            if isinstance(entry, dict):
                yield ((key, index) if index != "" else (key,)), entry


def _auths(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Every `auth` under a connector, also where a nested or misspelt table hides it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key.casefold() == "auth":
                yield (*path, key), item
            else:
                yield from _auths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _auths(item, (*path, index))


def _is_auth(names: list[str]) -> bool:
    folded = [name.casefold() for name in names]
    return bool(folded) and folded[0] in ("connector", "connectors") and "auth" in folded


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str, bool]]:
    """Every key and every string, with where it stands and whether it is a key."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key, True
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str):
        yield path, value, False
