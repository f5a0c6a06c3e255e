"""How much of a symbol trades in a session, and how much of that one account can have.

From the seed, the symbol and the day alone: between half and one and a half of a usual volume.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.market.sessions import volume_day

SHARE = Decimal("0.10")
USUAL_VOLUME = {
    AssetClass.STOCK: Decimal(500_000),
    AssetClass.OPTION: Decimal(10_000),
    AssetClass.FUTURE: Decimal(20_000),
    AssetClass.COIN: Decimal(1_000),
    AssetClass.PERPETUAL: Decimal(1_000),
}


def session_volume(instrument: Instrument, day: date, seed: int) -> Decimal:
    digest = hashlib.sha256(f"{seed}:{instrument.symbol}:{day}".encode()).digest()
    part = Decimal(int.from_bytes(digest[:4])) / 2**32
    volume = USUAL_VOLUME[instrument.kind] * (Decimal("0.5") + part)
    return volume.quantize(Decimal(1), rounding=ROUND_DOWN)


def session_share(instrument: Instrument, instant: datetime, seed: int) -> Decimal:
    """What all orders of the account together can fill of it in the session of `instant`."""
    share = session_volume(instrument, volume_day(instrument.kind, instant), seed) * SHARE
    return share.quantize(Decimal(1), rounding=ROUND_DOWN)
