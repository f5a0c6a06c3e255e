from __future__ import annotations

import pytest

from tests.cli.qoc import Qoc
from tests.conftest import Git


@pytest.fixture
def qoc(git: Git) -> Qoc:
    """git-qoc in a repository that is no desk yet."""
    return Qoc(git)


@pytest.fixture
def desk(qoc: Qoc) -> Qoc:
    """git-qoc in a new desk without connectors."""
    qoc.ok("init")
    return qoc
