"""Every case of the corpora, which were written by others without sight of the checker."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from git_qoc.checks.credentials import check, check_text

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("corpus_*.py"))
CASES = [
    pytest.param(case, id=f"{module}-{case.name}")
    for module in MODULES
    for case in importlib.import_module(f"tests.checks.{module}").CASES
]


@pytest.mark.parametrize("case", CASES)
def test_case_of_the_corpora_gets_its_verdict(case: Any) -> None:
    is_desk = case.path.rpartition("/")[2].casefold() == "desk.toml"
    faults = (check if is_desk else check_text)(case.path, case.data)
    assert bool(faults) == case.must_be_found, [f"{fault.line}: {fault.message}" for fault in faults]


@pytest.mark.parametrize("module", MODULES)
def test_a_corpus_is_what_it_says_it_is(module: str) -> None:
    """Names once, at least half of it clean, clean files parse, checksums hold."""
    importlib.import_module(f"tests.checks.{module}").promised()
