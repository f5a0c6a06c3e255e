"""What `benchmark` in desk.toml names: a symbol, or a CSV file of the desk. Pure.

SPX                      closes in research/benchmarks/SPX.csv
BTC/USD                  in research/benchmarks/BTC%2FUSD.csv
data/closes.csv          the closes of a file of the desk's own, from the desk's folder
data/closes.csv:SPX      of one symbol of a file with several
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

FOLDER = "research/benchmarks"
EXPECTED = 'expected a symbol such as "SPX", or a CSV file of the desk such as "data/closes.csv:SPX"'

_SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=/:_-]{0,31}")
_FILE = re.compile(r"(?P<path>[^:]*\.csv)(?::(?P<symbol>.*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """`path` is of the file, from the desk's folder; `symbol` is "" for the only one that is in it.

    `fetched`: the file is one that `git qoc run benchmark` keeps.
    """

    path: str
    symbol: str
    fetched: bool


def source(choice: str) -> Source:
    """
    Raises:
        ValueError: neither a symbol nor a file below the desk's folder. The message does not quote it.
    """
    found = _FILE.fullmatch(choice)
    if found is None:
        return Source(fetched_path(choice), choice, fetched=True)
    path, symbol = found["path"], found["symbol"]
    if symbol is not None and not _SYMBOL.fullmatch(symbol):
        raise ValueError(EXPECTED)
    pure = PurePosixPath(path)
    inside = not pure.is_absolute() and ".." not in pure.parts and pure.as_posix() == path
    if not (inside and path.isprintable() and "\\" not in path):
        raise ValueError(EXPECTED)
    return Source(path, symbol or "", fetched=False)


def fetched_path(symbol: str) -> str:
    """Where the closes of a symbol are kept; one file a symbol, since `%` is in none of them.

    Raises:
        ValueError: no symbol.
    """
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError(EXPECTED)
    return f"{FOLDER}/{quote(symbol, safe='')}.csv"
