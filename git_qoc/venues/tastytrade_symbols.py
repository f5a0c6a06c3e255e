"""tastytrade's symbols, told apart by shape (developer.tastytrade.com, "Instruments & Symbology").

`AAPL`; `AAPL  250620C00100000` (OCC, the root padded to six); `/ESZ6`; `./ESZ6 E1AZ6 261204C6000`;
`BTC/USD`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from git_qoc.model import VenueType

_OCC = re.compile(r"[A-Z0-9.]{1,6} *[0-9]{6}[CP][0-9]{8}", re.ASCII)

OPTION_MULTIPLIER = Decimal(100)
KINDS = {
    "equity": "Equity",
    "equity-option": "Equity Option",
    "future": "Future",
    "future-option": "Future Option",
    "cryptocurrency": "Cryptocurrency",
}
TRADED = {
    VenueType.EQUITIES: "equity",
    VenueType.OPTIONS: "equity-option",
    VenueType.FUTURES: "future",
}


def kind(symbol: str) -> str:
    """The name of this kind of instrument in the market data API, a key of `KINDS`."""
    if symbol.startswith("./"):
        return "future-option"
    if symbol.startswith("/"):
        return "future"
    if _OCC.fullmatch(symbol):
        return "equity-option"
    return "cryptocurrency" if "/" in symbol else "equity"
