# Two commands matter: `make demo` and `make test`. Both set everything up on a fresh machine first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test fix check lock docs bench drills

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with the locked dependencies and masterflow itself

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later found. Install one, or run: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Run the bundled estate through discovery, assessment and planning; writes out/demo
	$(BIN)/masterflow demo --out out/demo

check: setup ## Format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: check ## All that CI runs: the checks, then every test with coverage
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

fix: setup ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: setup ## Write docs/reference anew from the code
	$(BIN)/python tools/write_reference.py

bench: setup ## Run the benchmarks; each prints a table
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

drills: setup ## Put faults into running processes and print what held; SEED=n repeats a run
	$(BIN)/python -m drills $(if $(SEED),--seed $(SEED)) $(DRILLS)

lock: setup ## Pin the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --all-extras --upgrade \
	    --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock
