from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the hooks of `tests.tasks.hooks` write that they ran."""
    file = tmp_path / "record"
    monkeypatch.setenv("RECORD", str(file))
    return file
