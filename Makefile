# Everything a contributor or CI types. Needs only Python >= 3.11 and make; the rest goes into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := requirements/dev.lock
STAMP  := $(VENV)/.stamp
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq # errors are shown, warnings are not

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types layers format check bench docs lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Make .venv with the locked dependencies and catalogsync itself

# A virtual environment without a working pip is what an interrupted or impossible first try leaves behind.
$(STAMP): $(LOCK) pyproject.toml hatch_build.py web/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "catalogsync needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "The virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) ..." >&2
	@$(PIP) install --require-hashes -r $(LOCK)
	@command -v npm >/dev/null 2>&1 || $(PIP) install --require-hashes -r requirements/node.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Sync the example shop to the sandbox; nothing outside build/demo is touched
	@sh examples/demo.sh $(BIN)/catalogsync build/demo

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

bench: setup ## Run every benchmark (see benchmarks/README.md)
	@set -e; for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; echo; done

docs: setup ## Renew what the documentation takes from the program
	$(BIN)/python docs/generate.py

lock: ## Renew requirements/dev.lock (needs uv from PyPI)
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --extra sandbox --extra otel --group dev --no-header -o $(LOCK) pyproject.toml
	rm -rf $(VENV)-lock

clean: ## Remove what the targets above made
	rm -rf $(VENV) catalogsync/sandbox/vendor .catalogsync build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
