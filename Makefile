# Two commands matter: `make demo` and `make test`. Both set everything up on a fresh machine first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/installed

.DEFAULT_GOAL := help
NODE := web/node_modules/.package-lock.json
WEB := src/masterflow/web/index.html
WEB_SOURCES := $(shell find web/src web/public -type f) web/index.html web/package.json web/vite.config.ts web/postcss.config.js

.PHONY: help setup web demo test fix check lock docs client bench screenshots drills

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-11s %s\n", $$1, $$2}'

setup: $(STAMP) $(WEB) ## Make .venv with the locked dependencies and masterflow itself, and build the web application

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later found. Install one, or run: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE): web/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node 20 or later is needed to build the web application."; exit 1; }
	cd web && npm install --no-save --no-fund --no-audit --loglevel=error
	@touch $@

$(WEB): $(NODE) $(WEB_SOURCES)
	cd web && npm run --silent build -- --logLevel=warn
	@touch $@

web: $(WEB) ## Build the web application into the package

demo: setup ## Run the bundled estate through discovery, assessment and planning; writes out/demo
	$(BIN)/masterflow demo --out out/demo

check: setup ## Format, lint, types, import contracts, the generated client, and the web application's own tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/write_openapi.py web/openapi.json
	cd web && npm run --silent api -- --check && npm run --silent check && npm run --silent test

test: check ## All that CI runs: the checks, then every test with coverage
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

fix: setup ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	cd web && npm run --silent fix

client: setup ## Write the web application's client anew from the API
	$(BIN)/python tools/write_openapi.py web/openapi.json
	cd web && npm run --silent api

docs: setup ## Write docs/reference anew from the code
	$(BIN)/python tools/write_reference.py

bench: setup ## Run the benchmarks; each prints a table
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

screenshots: setup ## Write a picture of every page to out/screenshots, wide and narrow, light and dark
	PYTHONPATH=. $(BIN)/python tools/screenshots.py out/screenshots

drills: setup ## Put faults into running processes and print what held; SEED=n repeats a run
	$(BIN)/python -m drills $(if $(SEED),--seed $(SEED)) $(DRILLS)

lock: setup ## Pin the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --all-extras --upgrade \
	    --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock
