"""What an instrument costs at an instant, from the closes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from git_qoc.errors import VenueError
from git_qoc.market.closes import close_at
from git_qoc.market.option_price import option_price
from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.market.sessions import last_close
from git_qoc.model import Quote


def quote_at(instrument: Instrument, instant: datetime) -> Quote | None:
    """bid = ask = last at `instant`; None before the first close and after expiry.

    The time is that of the close it comes from. A future and the perpetual stand at their
    underlying; an option is priced by `option_price` for the time left at the last end of a
    session, so that it changes only then.
    """
    if instrument.expiry is not None and instant > instrument.expiry:
        return None
    close = close_at(instrument.underlying or instrument.symbol, instant)
    if close is None or close.last is None:
        return None
    price = close.last
    if instrument.kind is AssetClass.OPTION:
        price = _option_price(instrument, price, instant)
    return Quote(instrument.symbol, close.time, bid=price, ask=price, last=price)


def price_at(instrument: Instrument, instant: datetime) -> Decimal | None:
    quote = quote_at(instrument, instant)
    return None if quote is None else quote.last


def mark_at(instrument: Instrument, instant: datetime) -> Decimal:
    """The price of what is held.

    Raises:
        VenueError: there is none; nothing is worth zero for want of a price.
    """
    price = price_at(instrument, instant)
    if price is None:
        raise VenueError(f"{instrument.symbol} is held and has no price at {instant:%Y-%m-%d %H:%M}Z")
    return price


def _option_price(option: Instrument, spot: Decimal, instant: datetime) -> Decimal:
    assert option.expiry is not None and option.strike is not None  # noqa: S101, PT018  # an option has both
    priced = min(last_close(AssetClass.OPTION, instant), option.expiry)
    left = option.expiry - (option.expiry if instant >= option.expiry else priced)
    return option_price(option.right, spot, option.strike, left)
