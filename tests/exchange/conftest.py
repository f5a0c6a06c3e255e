from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.running import Running


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that is only asked, and refuses: it stays as it began."""
    with Running(tmp_path_factory.mktemp("idle")) as running:
        yield running
