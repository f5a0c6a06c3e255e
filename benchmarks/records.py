"""Repositories of many snapshot commits, made in seconds instead of the better part of an hour.

    python benchmarks/records.py FOLDER flat|monthly COUNT

One commit a snapshot, daily from 1990, with the text and the trailers that git-qoc writes: three
accounts and eight positions each, about 2.6 KB. Every tree is real. `git fast-import` makes
blobs and monthly folders; a flat folder of 100,000 names would cost it half an hour, because it
packs and hashes 5 MB for each commit more than once, so flat trees are written here straight into
a pack: each is its predecessor and one entry more, a delta of 70 bytes. What is left is hashing
them, 260 GB at 100,000 (three minutes). `git index-pack` checks the pack up to 10,000 snapshots;
at 100,000, where it would take another half hour, the index is written here too.
"""

from __future__ import annotations

import hashlib
import math
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name

START = datetime(1990, 1, 1, 21, tzinfo=UTC)
NAMES = ("main-equities", "crypto-spot", "sweep-cash")
DESK = "".join(f'[[connector]]\nname = "{n}"\ntype = "cash"\nvenue = "paper"\n\n' for n in NAMES).encode()
WRITTEN_BY_US = 10_000
RUN = 50
COMMIT, TREE, OFS_DELTA = 1, 2, 6


def snapshot(number: int) -> Snapshot:
    cents = round(5_000_000 * (1 + number / 5000) + 90_000 * math.sin(number / 9))
    nav, when, zero = Decimal(cents) / 100, START + timedelta(days=number), Decimal(0)
    before = when - timedelta(days=1) if number else None
    rows = [
        AccountRow(name, "cash", "paper", nav, when, nav, zero, zero, zero, zero, since=before)
        for name in NAMES
    ]
    positions = [PositionRow(NAMES[k % 2], f"S{k}", nav, nav, nav, zero, mark_time=when) for k in range(8)]
    return Snapshot(
        timestamp=when,
        nav_usd=3 * nav,
        cash_usd=3 * nav,
        realized_pnl=zero,
        unrealized_pnl=zero,
        connectors=NAMES,
        schema=1,
        since=before,
        net_flow_usd=zero,
        buying_power_usd=3 * nav,
        accounts=tuple(rows),
        positions=tuple(positions),
    )


def path_of(number: int, layout: str) -> str:
    when = START + timedelta(days=number)
    folder = f"{when:%Y/%m}/" if layout == "monthly" else ""
    return f"snapshots/{folder}{file_name(when)}"


def message(value: Snapshot, path: str, blob: str) -> bytes:
    stamp = f"{value.timestamp:%Y-%m-%dT%H:%M:%SZ}"
    trailers = (
        f"Qoc-Snapshot: {path}\nQoc-Blob: {blob}\nQoc-Nav-Usd: {value.nav_usd}\n"
        f"Qoc-Cash-Usd: {value.cash_usd}\nQoc-Realized-Pnl: 0.00\nQoc-Connectors: {', '.join(NAMES)}\n"
    )
    return f"snapshot {stamp}: NAV {value.nav_usd:,} USD\n\n{trailers}".encode()


def object_id(kind: str, *parts: bytes | memoryview) -> bytes:
    digest = hashlib.sha1(b"%s %d\0" % (kind.encode(), sum(map(len, parts))), usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return digest.digest()


def who(number: int) -> bytes:
    return b"Ada Trader <ada@example.com> %d +0000" % (10**9 + number)


def monthly(count: int) -> Iterator[bytes]:
    """What `git fast-import` reads."""
    for number in range(count):
        value, path = snapshot(number), path_of(number, "monthly")
        data = dumps(value).encode()
        text = message(value, path, object_id("blob", data).hex())
        yield b"commit refs/heads/main\ncommitter %b\ndata %d\n%b" % (who(number), len(text), text)
        if number == 0:
            yield b"M 100644 inline desk.toml\ndata %d\n%b\n" % (len(DESK), DESK)
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)


class Pack:
    """A pack file and its index (gitformat-pack, version 2)."""

    def __init__(self, file: BinaryIO, objects: int) -> None:
        self._file = file
        self._sum = hashlib.sha1(usedforsecurity=False)
        self._at = 0
        self._rows: list[tuple[bytes, int, int]] = []
        self._put(struct.pack(">4sII", b"PACK", 2, objects))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._sum.update(data)
        self._at += len(data)

    def add(self, id_: bytes, kind: int, data: bytes, base: int | None = None) -> int:
        """Store an object, with `base` (where its base is) as the delta `data`; says where it is."""
        size, first = len(data) >> 4, kind << 4 | len(data) & 15
        head = bytearray([first | 128 * bool(size)])
        while size:
            head.append(size & 127 | 128 * (size > 127))
            size >>= 7
        start = self._at
        if base is not None:
            distance = start - base
            back = [distance & 127]
            while distance := distance >> 7:
                distance -= 1
                back.append(distance & 127 | 128)
            head += bytes(reversed(back))
        row = bytes(head) + zlib.compress(data, 1)
        self._put(row)
        self._rows.append((id_, zlib.crc32(row), start))
        return start

    def close(self, index: Path) -> None:
        self._file.write(self._sum.digest())
        rows = sorted(self._rows)
        fan = [0] * 256
        for id_, _, _ in rows:
            fan[id_[0]] += 1
        for byte in range(1, 256):
            fan[byte] += fan[byte - 1]
        data = struct.pack(">4sI256I", b"\377tOc", 2, *fan) + b"".join(id_ for id_, _, _ in rows)
        data += struct.pack(f">{len(rows)}I", *(crc for _, crc, _ in rows))
        data += struct.pack(f">{len(rows)}I", *(start for _, _, start in rows)) + self._sum.digest()
        index.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())


def number_as_delta(size: int) -> bytes:
    out = bytearray([size & 127 | 128 * (size > 127)])
    while size := size >> 7:
        out.append(size & 127 | 128 * (size > 127))
    return bytes(out)


def appended(before: int, more: bytes) -> bytes:
    """The delta that copies `before` bytes and appends `more`."""
    out = bytearray(number_as_delta(before) + number_as_delta(before + len(more)))
    for start in range(0, before, 0xFFFFFF):
        fields = struct.pack("<I", start) + struct.pack("<I", min(0xFFFFFF, before - start))[:3]
        used = [at for at, byte in enumerate(fields) if byte]
        out.append(128 | sum(1 << at for at in used))
        out += bytes(fields[at] for at in used)
    for start in range(0, len(more), 127):
        piece = more[start : start + 127]
        out += bytes([len(piece)]) + piece
    return bytes(out)


def flat(git_dir: Path, count: int) -> bytes:
    """Commits and their flat trees as a pack; the id of the last commit."""
    tree = bytearray(count * 60)
    end, heads, parent = 0, {1: (0, 0), RUN: (0, 0)}, b""
    commits = []
    target = git_dir / "objects" / "pack" / "pack-trees.pack"
    desk = b"100644 desk.toml\0" + object_id("blob", DESK)
    with target.open("wb") as file:
        pack = Pack(file, 3 * count)
        for number in range(count):
            value, path = snapshot(number), path_of(number, "flat")
            blob = object_id("blob", dumps(value).encode())
            row = b"100644 %b\0%b" % (path.partition("/")[2].encode(), blob)
            tree[end : end + len(row)] = row
            end += len(row)
            id_ = object_id("tree", memoryview(tree)[:end])
            if number % (RUN * RUN) == 0:
                at = pack.add(id_, TREE, bytes(tree[:end]))
            else:  # chains of at most 2 × 50, as short as git's own
                base, old_end = heads[1 if number % RUN else RUN]
                at = pack.add(id_, OFS_DELTA, appended(old_end, bytes(tree[old_end:end])), base)
            heads[1] = (at, end)
            if number % RUN == 0:
                heads[RUN] = (at, end)
            root = desk + b"40000 snapshots\0" + id_
            root_id = object_id("tree", root)
            pack.add(root_id, TREE, root)
            text = b"tree %b\n" % root_id.hex().encode() + parent
            text += b"author %b\ncommitter %b\n\n" % (who(number), who(number))
            text += message(value, path, blob.hex())
            commit = object_id("commit", text)
            commits.append((commit, text))
            parent = b"parent %b\n" % commit.hex().encode()
        for commit, text in commits:
            pack.add(commit, COMMIT, text)
        pack.close(target.with_suffix(".idx"))
    return commits[-1][0]


def build(path: Path, layout: str, count: int) -> None:
    """A packed repository with `count` snapshot commits on `main`, without a work tree checked out."""

    path = path.absolute()

    def git(*args: str, stdin: bytes = b"") -> bytes:
        return subprocess.run(["git", *args], cwd=path, input=stdin, check=True, capture_output=True).stdout

    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    for setting in (
        "user.name=Ada Trader",
        "user.email=ada@example.com",
        "gc.auto=0",
        "maintenance.auto=false",
    ):
        git("config", *setting.split("="))
    importing = ["git", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"]
    with subprocess.Popen(importing, cwd=path, stdin=subprocess.PIPE) as process:
        assert process.stdin
        for part in monthly(count) if layout == "monthly" else blobs(count):
            process.stdin.write(part)
    assert process.returncode == 0
    if layout == "flat":
        head = flat(path / ".git", count)
        pack = str(path / ".git" / "objects" / "pack" / "pack-trees.pack")
        if count <= WRITTEN_BY_US:
            git("index-pack", pack)
        git("update-ref", "refs/heads/main", head.hex())
    one_pack(path)


def blobs(count: int) -> Iterator[bytes]:
    for data in (DESK, *(dumps(snapshot(number)).encode() for number in range(count))):
        yield b"blob\ndata %d\n%b\n" % (len(data), data)


def one_pack(path: Path) -> None:
    """As `git gc` leaves it, in git's order; deltas of trees are taken as they are."""
    folder = path / ".git" / "objects" / "pack"
    old = list(folder.iterdir())
    listing = subprocess.run(
        [
            "git",
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objecttype) %(objectname)",
        ],
        cwd=path,
        check=True,
        capture_output=True,
    ).stdout
    ids = b"".join(line.split()[1] + b"\n" for line in sorted(listing.splitlines()))
    args = ["git", "pack-objects", "-q", "--delta-base-offset", "--no-write-bitmap-index"]
    subprocess.run([*args, str(folder / "pack")], cwd=path, input=ids, check=True, stdout=subprocess.DEVNULL)
    for file in old:
        file.unlink()


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
