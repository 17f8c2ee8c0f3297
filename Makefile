# Everything a contributor or CI types. Needs only Python >= 3.11 and make; the rest goes into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := requirements/dev.lock
STAMP  := $(VENV)/.stamp

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types layers format check bench docs lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Make .venv with the locked dependencies and catalogsync itself

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "catalogsync needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test: setup ## Run the tests
	$(BIN)/python -m pytest

lint: setup ## Format check and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup ## Strict type check
	$(BIN)/mypy

layers: setup ## Import contracts of the house
	$(BIN)/lint-imports

format: setup ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint types layers test ## All of the above: the bar for every change

lock: ## Renew requirements/dev.lock (needs uv from PyPI)
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --extra sandbox --group dev --no-header -o $(LOCK) pyproject.toml
	rm -rf $(VENV)-lock

clean: ## Remove everything that is not in git
	rm -rf $(VENV) .catalogsync build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
