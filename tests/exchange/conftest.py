from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.running import Running


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running
