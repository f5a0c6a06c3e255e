"""Which instants Alpaca's "last trading day" and "today" mean."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from git_qoc.market.orders import AssetClass
from git_qoc.market.sessions import AROUND_THE_CLOCK, OPENS, at_new_york, last_close, volume_day


def before_today(kind: AssetClass, now: datetime) -> datetime:
    """Just before the last session that has opened: until then prices are the last day's."""
    day = volume_day(kind, now)
    opened = datetime.combine(day, time(), UTC) if kind in AROUND_THE_CLOCK else at_new_york(day, OPENS)
    return opened - timedelta(microseconds=1)


def last_day_close(now: datetime) -> datetime:
    """16:00 New York time of the trading day before the last session that has opened."""
    return last_close(AssetClass.STOCK, before_today(AssetClass.STOCK, now))
