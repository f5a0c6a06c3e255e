# Needs Python >= 3.11 with venv, git and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= demo

.PHONY: test lint demo docs bench clean

# One worker more than there are cores: many tests wait for a deadline.
test: .venv/stamp lint
	$(BIN)/python -m pytest -n $$(( $$(nproc 2>/dev/null || echo 1) + 1 )) --cov --cov-report=term:skip-covered --cov-fail-under=90
	QOC_NO_PYGIT2=1 PYTHONPATH=tests/without_pygit2 $(BIN)/python -m pytest -q tests/history

lint: .venv/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: .venv/stamp
	@if [ '$(DEMO)' = demo ]; then rm -rf demo; fi
	PATH="$(CURDIR)/$(BIN):$$PATH" git qoc demo $(DEMO)
	@echo 'git-qoc is in .venv here. First: export PATH="$(CURDIR)/$(BIN):$$PATH"'

# The demo's report, which the README shows.
docs: .venv/stamp
	rm -rf docs/demo demo
	PATH="$(CURDIR)/$(BIN):$$PATH" git qoc demo demo >/dev/null
	mkdir -p docs/demo
	cp demo/research/*.md demo/research/*.svg docs/demo
	rm -rf demo

bench: .venv/stamp
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/startup.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/history.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/retrospective.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/against.py
	$(BIN)/python benchmarks/damage.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/log.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/verify.py
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/slow_venues.py

.venv/stamp: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "git-qoc needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	touch $@

clean:
	rm -rf .venv demo
