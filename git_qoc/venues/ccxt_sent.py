"""In which market an order went, for venues that find an order in its market only.

A file of the connector's state, never history: one line an order, its client id and ccxt's unified symbol.
"""

from __future__ import annotations

import os
from pathlib import Path

from git_qoc.venues.ccxt_ask import Market, Markets


class SentOrders:
    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, client_order_id: str, market: Market) -> None:
        """Write it down for good; to be called before the order is sent."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{client_order_id}\t{market.unified}\n")
            file.flush()
            os.fsync(file.fileno())

    def market(self, client_order_id: str, markets: Markets) -> Market | None:
        """Where it went; None when it was not sent from here."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return None
        sent = dict(line.split("\t", 1) for line in lines if "\t" in line)
        return markets.find(sent.get(client_order_id, ""))
