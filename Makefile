# One command each: make demo, make test, make lint, make bench.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PEERS  := .venv-peers
# The tests run in two processes, and what measures time afterwards by itself (tests/sharing.py).
TESTS  := $(BIN)/python -m pytest -n $(or $(JOBS),2)

.PHONY: help install demo test test-fast lint format bench bench-peers profile load chaos audit verify-presets starter screenshots clean

help: ## What can be made here.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(STAMP): pyproject.toml constraints.txt
	@echo "== creating $(VENV) and installing (first time: a few minutes, about 6 GB with torch)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

install: $(STAMP) ## Make the virtual environment and install everything, pinned.

demo: install ## Start the embedded stack, add the samples, ask, check the answers, stop (KEEP=1 leaves it running).
	@$(BIN)/python -m recipes.demo $(if $(filter-out 0 no false,$(KEEP)),--keep)

test: lint ## Lint, types and the whole suite, in JOBS=2 processes.
	$(TESTS)

test-fast: install ## The suite without the slow tests.
	$(TESTS) -m "not slow"

lint: install ## Lint, format, strict types, import directions.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m "not slow" tests/test_imports.py

format: install ## Write the format.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install ## Measure ingest, questions, start, idleness, memory; writes bench.json (ARGS="--only questions --rows 100000").
	$(BIN)/python -m benchmarks.run $(ARGS)

$(PEERS)/.installed: benchmarks/peers/requirements.txt
	@echo "== creating $(PEERS) and installing txtai, Chroma and LanceDB (first time: minutes, about 6 GB with torch)"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	@touch $@

bench-peers: install $(PEERS)/.installed ## The same data and weights with txtai, Chroma and LanceDB; writes peers.json (ARGS="--large").
	$(BIN)/python -m benchmarks.peers $(ARGS)

profile: install ## Where each millisecond of a question and of a small document goes.
	$(BIN)/python -m benchmarks.profile $(ARGS)

load: install ## Queries alone and during a bulk ingest; writes load.json (CLIENTS=8 SECONDS=30 DOCUMENTS=400).
	$(BIN)/python -m benchmarks.load --clients $(or $(CLIENTS),8) --seconds $(or $(SECONDS),30) --documents $(or $(DOCUMENTS),400)

audit: install ## Ask PyPI (SERVICE=osv: OSV) for known vulnerabilities of every pinned package; fails where it is not told.
	@$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --no-deps --timeout 15 \
		--vulnerability-service $(or $(SERVICE),pypi) -r constraints.txt || { \
		echo "audit: vulnerable, or the service could not be asked (see above): nothing here says that it is clean" >&2; \
		exit 1; }
chaos: install ## Load the whole stack for MINUTES=5 while its processes are killed (SEED=1); checks every promise, writes chaos.json.
	$(BIN)/python -m benchmarks.chaos --minutes $(or $(MINUTES),5) --seed $(or $(SEED),1)

verify-presets: install ## Load every preset on real weights; needs a model hub.
	$(BIN)/python -m samespace.encoders.verify

starter: install ## Train the picture tower of preset starter from nothing (data included) and judge it.
	$(BIN)/python -m recipes.starter

screenshots: install ## Start a stack with the samples and take each view of the page into docs/screenshots (VIEWS="search map" takes some).
	$(BIN)/python -m tests.page.screenshots $(VIEWS)

clean: ## Remove caches and build output, never data.
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
