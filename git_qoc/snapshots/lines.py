"""A snapshot file as lines for `git diff`: one fact a line, its kind first, in a fixed order.

All quantities stand together, then all marks and so on, so that of a diff's blocks one holds
the positions that were opened, closed or resized and another the marks that moved. Every line
is aligned by itself: a long name moves no other line. The times of single rows (`as_of`,
`since`, `mark_time`), which every snapshot changes, are left out; only a mark of another day
than the snapshot's is told with its date.

Light on purpose: git starts one process for every file it compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from git_qoc.errors import printable
from git_qoc.snapshots import layout

KIND_WIDTH = 17
NAME_WIDTH = 30
WHOLE_WIDTH = 13
MOVING = ("as_of", "since", "mark_time")
ROWS = {
    "account": (("connector",), ()),
    "cash": (("connector", "currency"), ("amount", "amount_usd")),
    "flow": (("time", "connector", "kind"), ("amount_usd",)),
    "realized": (("connector", "symbol"), ("pnl_usd",)),
    "position": (("connector", "symbol"), ("quantity", "avg_cost", "mark", "pnl_open")),
}
"""Our tables in their order: the keys whose values name a row, and the keys that come first."""
KINDS = {"cash.amount": "cash", "cash.amount_usd": "cash in USD", "flow.amount_usd": "flow"}
KINDS |= {"realized.pnl_usd": "realized", "flow.id": "flow id"}
EXACT = ("quantity", "multiplier", "fx_usd", "schema")
FILL = "fill"
FILL_NAMING, FILL_FIRST = ("time", "connector", "symbol"), ("side", "quantity", "price")
Table = Mapping[str, object]


class Digits(str):
    """A number as its file writes it, without `_`."""

    __slots__ = ()


def lines(text: str) -> str | None:
    """The lines of a snapshot file, each ending in a newline; None for a text that is none."""
    tables = _tables(text)
    if tables is None or not isinstance(tables.get("meta"), dict):
        return None
    return "".join(f"{printable(line).rstrip()}\n" for line in _lines(tables))


def _tables(text: str) -> Table | None:
    ours = layout.tables(text, Digits)
    if ours is not None:
        return ours
    import tomllib

    try:
        return tomllib.loads(text, parse_float=lambda digits: Digits(digits.replace("_", "")))
    except (ValueError, RecursionError):
        return None


def _lines(tables: Table) -> Iterator[str]:
    meta = tables["meta"]
    assert isinstance(meta, dict)  # noqa: S101 - as its caller saw
    for key, value in meta.items():
        yield from _fact(key, "", key, value)
    day = _text(meta.get("timestamp", ""))[:10]
    for name in ROWS:
        rows = tables.get(name, [])
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            yield from _section(name, rows, day)
        else:
            yield from _anything(name, rows)
    fills = tables.get(FILL, [])
    if isinstance(fills, list) and all(isinstance(row, dict) for row in fills):
        yield from map(_fill, fills)
    else:
        yield from _anything(FILL, fills)
    for name in sorted(tables.keys() - ROWS.keys() - {"meta", FILL}):
        yield from _anything(name, tables[name])


def _section(table: str, rows: Iterable[Table], day: str) -> Iterator[str]:
    naming, first = ROWS[table]
    named = sorted(((_name(row, naming), row) for row in rows), key=lambda pair: pair[0])
    keys = dict.fromkeys((*first, *(key for _, row in named for key in row)))
    for key in keys:
        if key in naming or key in MOVING:
            continue
        kind = KINDS.get(f"{table}.{key}", key)
        for name, row in named:
            if key in row and not (key == "amount_usd" and row.get("currency") == "USD"):
                yield from _fact(kind, name, key, row[key], _date(row, day) if key == "mark" else "")


def _fill(row: Table) -> str:
    """All of an execution in one line: no part of it ever changes, it is there or it is not."""
    keys = dict.fromkeys((*FILL_FIRST, *row))
    facts = (
        _told(key, row[key]) if key in FILL_FIRST else f"{key} {_told(key, row[key])}"
        for key in keys
        if key in row and key not in FILL_NAMING
    )
    return f"{FILL:<{KIND_WIDTH}} {_name(row, FILL_NAMING):<{NAME_WIDTH}} {'  '.join(facts)}"


def _told(key: str, value: object) -> str:
    return _shown(key, value).strip()


def _name(row: Table, naming: tuple[str, ...]) -> str:
    return " ".join(_text(row[key]) for key in naming if key in row)


def _date(row: Table, day: str) -> str:
    marked = _text(row.get("mark_time", day))[:10]
    return f"  of {marked}" if marked != day else ""


def _fact(kind: str, name: str, key: str, value: object, remark: str = "") -> Iterator[str]:
    start = f"{kind:<{KIND_WIDTH}} {name:<{NAME_WIDTH}} "
    if isinstance(value, dict):
        yield from _anything(f"{kind} {name}".rstrip(), value)
    elif isinstance(value, list):
        yield from (f"{start}{item}" for item in sorted(map(_text, value)))
    else:
        yield f"{start}{_shown(key, value)}{remark}"


def _anything(name: str, value: object) -> Iterator[str]:
    """What is not ours, by the path to each value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _anything(f"{name}.{_text(key)}", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _anything(f"{name}[{number}]", item)
    else:
        yield f"{name} {_shown(name, value).lstrip()}"


def _shown(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(key, str(value)) if isinstance(value, int | Digits) else _text(value)


def _number(key: str, digits: str) -> str:
    """In groups, the points below each other; equal numbers are written alike."""
    whole, _, fraction = digits.removeprefix("-").partition(".")
    if not whole.isdecimal() or (fraction and not fraction.isdecimal()):
        return digits
    fraction = fraction.rstrip("0") if key in EXACT else fraction.rstrip("0").ljust(2, "0")
    sign = "-" if digits.startswith("-") else ""
    return f"{sign + f'{int(whole):,}':>{WHOLE_WIDTH}}" + (f".{fraction}" if fraction else "")


def _text(value: object) -> str:
    return str(value).replace("\n", "\\n")
