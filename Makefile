# Everything starts here: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help env demo test laws lint types contracts docs bench soak mutants clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[charts,postgresql]' --group test --group lint --group docs --group benchmark
	@touch $@

env: $(READY) ## Make the environment from pinned dependencies

demo: $(READY) ## Run experiments/partition.yaml for real
	$(BIN)/chaos run experiments/partition.yaml

test: $(READY) ## Run the whole test suite
	@# Those that measure come first, with nobody beside them; the others are run anyway.
	@failed=0; \
	$(BIN)/python -m pytest -m alone $(ARGS) || failed=1; \
	$(BIN)/python -m pytest -m "not alone" -n 2 $(ARGS) || failed=1; \
	exit $$failed

lint: $(READY) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types
	$(BIN)/mypy

contracts: $(READY) ## Check who imports whom, and what is declared
	$(BIN)/lint-imports
	$(BIN)/deptry .

docs: $(READY) ## Build the documentation
	$(BIN)/sphinx-build -q -W -n -b html docs docs/_build/html

bench: $(READY) ## Measure against Chaos Toolkit, and the proxy against Toxiproxy
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks proxy
	$(BIN)/python -m benchmarks.library

laws: $(READY) ## Try the laws on a thousand new examples each
	$(BIN)/python -m pytest -n 2 --timeout=3600 --hypothesis-profile=explore $$(grep -rl --include='*.py' '@given\|stateful' tests) $(ARGS)

soak: $(READY) ## Kill runs at random and at every step; use the proxy for an hour (SOAK_SECONDS)
	$(BIN)/python -m tests.safety.soak $(or $(RUNS),1000)
	CHAOS_SOAK=1 $(BIN)/python -m pytest tests/safety tests/library/test_killed.py
	$(BIN)/python -m tests.proxy.soak $(or $(SOAK_SECONDS),3600)

mutants: $(READY) ## Break the safety code, and see that the tests notice
	$(BIN)/python -m tests.safety.mutants $(ARGS)

clean: ## Remove the environment and what was built
	rm -rf $(VENV) docs/_build dist
