"""Tree objects rebuilt along one path, the rest of the tree untouched and unread.

Works on the raw objects: 10,000 entries go through `ls-tree` and `mktree` in 20 ms, raw in
10. Format: gitformat-pack and gitdatamodel, "tree": `<mode> <name>\\0<raw id>`, sorted by
name, a folder's name compared as if it ended in `/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from git_qoc.errors import HistoryError
from git_qoc.history.objects import Objects

FOLDER = "40000"
SUBMODULE = "160000"
FILES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """`mode` in octal as git writes it; `id` is the blob's (or tree's, or commit's)."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a name is in a raw tree, or would go (then `start == end`, `entry` None)."""

    start: int
    end: int
    entry: TreeEntry | None


class Trees:
    """Reads trees through `objects`, writes them through `store` (raw tree → its id)."""

    def __init__(self, objects: Objects, store: Callable[[bytes], str], id_bytes: int) -> None:
        self._objects = objects
        self._store = store
        self._id_bytes = id_bytes
        self._raw: dict[str, bytes] = {}
        self._places: dict[tuple[str, str, bool], _Place] = {}

    def entry(self, tree: str | None, path: str) -> TreeEntry | None:
        """What `tree` (None: the empty one) has at `path`; None when nothing.

        Raises:
            HistoryError: a folder on the way is something else.
        """
        head, separator, rest = path.partition("/")
        found = self._place(tree, head, folder=bool(separator)).entry
        if not separator or found is None:
            return found
        return self.entry(self._folder(found, head), rest)

    def graft(self, tree: str | None, files: Mapping[str, TreeEntry]) -> str:
        """The id of `tree` with these files put in."""
        here = {path: entry for path, entry in files.items() if "/" not in path}
        below: dict[str, dict[str, TreeEntry]] = {}
        for path, entry in files.items():
            head, separator, rest = path.partition("/")
            if separator:
                below.setdefault(head, {})[rest] = entry
        for head, inner in below.items():
            found = self._place(tree, head, folder=True).entry
            subtree = self._folder(found, head) if found else None
            here[head] = TreeEntry(FOLDER, self.graft(subtree, inner))
        return self._store(self._spliced(tree, here.items()))

    def _spliced(self, tree: str | None, entries: Iterable[tuple[str, TreeEntry]]) -> bytes:
        raw = self._content(tree)
        places = [(self._place(tree, name, folder=e.mode == FOLDER), name, e) for name, e in entries]
        # From the back, so that earlier places stay true; new names at one place by git's order.
        places.sort(
            key=lambda item: (item[0].start, _order(item[1], folder=item[2].mode == FOLDER)), reverse=True
        )
        for place, name, entry in places:
            line = f"{entry.mode} {name}\0".encode("utf-8", "surrogateescape") + bytes.fromhex(entry.id)
            raw = raw[: place.start] + line + raw[place.end :]
        return raw

    def _folder(self, entry: TreeEntry, name: str) -> str:
        if entry.mode != FOLDER:
            kind = {SUBMODULE: "a submodule", "120000": "a symbolic link"}.get(entry.mode, "a file")
            raise HistoryError(
                f"{name} is {kind} in the newest commit, expected a folder. Rename it and try again"
            )
        return entry.id

    def _content(self, tree: str | None) -> bytes:
        if tree is None:
            return b""
        if tree not in self._raw:
            found = self._objects.get(tree)
            if found is None or found.kind != "tree":
                raise HistoryError(f"tree {tree} is missing from the repository. Run: git fsck")
            self._raw[tree] = found.data
        return self._raw[tree]

    def _place(self, tree: str | None, name: str, *, folder: bool) -> _Place:
        key = (tree or "", name, folder)
        if key not in self._places:
            self._places[key] = _locate(self._content(tree), _order(name, folder=folder), self._id_bytes)
        return self._places[key]


def _locate(raw: bytes, order: bytes, id_bytes: int) -> _Place:
    """Looks at every entry, because a file and a folder of one name do not sort to one place."""
    wanted = order.removesuffix(b"/")
    position, insert = 0, len(raw)
    find = raw.index
    while position < len(raw):
        start, space = position, find(b" ", position)
        zero = find(b"\0", space)
        position = zero + 1 + id_bytes
        found = raw[space + 1 : zero]
        if found == wanted:
            return _Place(
                start, position, TreeEntry(raw[start:space].decode(), raw[zero + 1 : position].hex())
            )
        if insert > start and (found + b"/" if raw.startswith(b"40000 ", start) else found) > order:
            insert = start
    return _Place(insert, insert, None)


def _order(name: str, *, folder: bool) -> bytes:
    return (name + "/" * folder).encode("utf-8", "surrogateescape")
