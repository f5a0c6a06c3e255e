from __future__ import annotations

from pathlib import Path

import pytest

from tests.market.trader import Trader


@pytest.fixture
def trader(tmp_path: Path) -> Trader:
    """Ten million dollars just after the first close of the data."""
    return Trader(tmp_path)
