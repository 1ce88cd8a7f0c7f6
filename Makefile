# The door to the project. `make` lists what it can do.
#
# Belongs here: the order of steps and when a step is up to date.
# Does not: how a step works; tools are configured in pyproject.toml and rust/Cargo.toml.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first interpreter that runs and is new enough. Override: make setup PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3.12 python3.13 python3.14 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 && echo "$$p" && break; done)
HOST ?= 127.0.0.1
PORT ?= 3000

# rustup installs here, and not every shell has been told.
export PATH := $(PATH):$(HOME)/.cargo/bin

VENV := .venv
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Stamps live in the environment they describe: deleting .venv forgets them all.
STAMPS := $(VENV)/.made
NATIVE_SOURCES := $(shell find rust \( -path rust/target -o -path rust/fuzz \) -prune -o -type f -print)
CARGO := cargo
CARGO_FLAGS := --manifest-path rust/Cargo.toml --workspace --locked

PYTEST := $(BIN)/python -m pytest
PYTEST_ARGS ?=

##@ Start here
.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

.PHONY: setup
setup: $(STAMPS)/native ## everything that running needs: environment, locked dependencies, native module

.PHONY: demo
demo: setup ## run the pipeline over the bundled AST JSON and show what came out
	$(BIN)/snake-pipe demo

.PHONY: dev
dev: setup .dagster_home/dagster.yaml ## the Dagster UI on loopback (HOST=, PORT=)
	@mkdir -p "$${SNAKE_PIPE_LANDING:-landing}"
	@echo "The Dagster UI comes up at http://$(HOST):$(PORT) in a quarter of a minute."
	@echo "Land a source, then watch Lineage and Runs:"
	@echo "  cp -r examples/asts/shop-python $${SNAKE_PIPE_LANDING:-landing}/"
	@echo "The tutorial is docs/guides/run-in-dagster.md. Ctrl-C stops everything."
	DAGSTER_HOME="$(CURDIR)/.dagster_home" $(BIN)/dagster dev -w workspace.yaml -h $(HOST) -p $(PORT)

.PHONY: doctor
doctor: ## what this machine lacks to build, and how to get it
	@tools/doctor.sh "$(PYTHON)"

##@ Work on it
.PHONY: test
test: check test-rust test-python ## check, then all tests but the slow ones, with coverage

.PHONY: test-rust
test-rust: $(STAMPS)/dev ## cargo test
	$(CARGO) test $(CARGO_FLAGS)

.PHONY: test-python
test-python: $(STAMPS)/dev ## pytest without the slow tests; fails under the coverage bar (PYTEST_ARGS=)
	$(PYTEST) -m "not slow" --cov --cov-report=term $(PYTEST_ARGS)

.PHONY: test-slow
test-slow: $(STAMPS)/dev ## only the slow tests
	$(PYTEST) -m slow $(PYTEST_ARGS)

.PHONY: test-all
test-all: check test-rust $(STAMPS)/dev ## check, then every test, the slow ones too, with coverage
	$(PYTEST) --cov --cov-report=term $(PYTEST_ARGS)

.PHONY: check
check: check-python check-rust check-docs check-dagster ## everything that needs no run: lint, types, contracts

.PHONY: check-python
check-python: $(STAMPS)/dev ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check-rust
check-rust: $(STAMPS)/venv ## rustfmt, clippy, and that the pure crate knows no Python
	$(CARGO) fmt --manifest-path rust/Cargo.toml --all -- --check
	$(CARGO) clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	@if $(CARGO) tree $(CARGO_FLAGS:--workspace=) -p snake-pipe-ast -e normal | grep -q pyo3; then \
	  echo "snake-pipe-ast depends on pyo3. Python belongs in snake-pipe-py; move the code there."; exit 1; fi

.PHONY: check-docs
check-docs: $(STAMPS)/dev ## that the generated pages match the code
	$(BIN)/python -m docs.generate --check

.PHONY: check-dagster
check-dagster: $(STAMPS)/dev ## that the code location loads
	$(BIN)/dg check toml
	$(BIN)/dg check defs
	$(BIN)/dagster definitions validate -w workspace.yaml

.PHONY: format
format: $(STAMPS)/dev ## rewrite the sources as the checks want them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(CARGO) fmt --manifest-path rust/Cargo.toml --all

.PHONY: docs
docs: $(STAMPS)/dev ## rewrite the generated pages under docs/reference
	$(BIN)/python -m docs.generate

.PHONY: golden
golden: $(STAMPS)/dev ## rewrite the expected tables of the golden tests; read the diff before you commit
	$(PYTEST) tests/golden --update-golden $(PYTEST_ARGS)

.PHONY: artifacts
artifacts: $(STAMPS)/dev ## run the real parsers again over the golden sources and the bundled examples
	PYTHON=$(BIN)/python tests/golden/generate/run

.PHONY: bench
bench: $(STAMPS)/dev ## measure on the standard workload, beside the alternatives
	$(BIN)/python -m benchmarks

FUZZ_SECONDS ?= 600
FUZZ_MAPPINGS := rust/fuzz/target/mappings.json
# Instrumenting takes flags that the stable toolchain accepts only so.
.PHONY: fuzz
fuzz: $(STAMPS)/dev ## scan what a coverage-guided fuzzer invents, from the kept corpus on (FUZZ_SECONDS=)
	@cargo fuzz --version >/dev/null 2>&1 || $(CARGO) install --locked --quiet cargo-fuzz
	@mkdir -p rust/fuzz/target rust/fuzz/corpus/scan
	@tar -xJf rust/fuzz/corpus.tar.xz -C rust/fuzz/corpus/scan
	@$(BIN)/python -c "from snake_pipe_core.dialects.registry import load_registry; \
	  print(load_registry().mappings_json())" > $(FUZZ_MAPPINGS)
	SNAKE_PIPE_MAPPINGS="$(CURDIR)/$(FUZZ_MAPPINGS)" RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run \
	  --fuzz-dir rust/fuzz scan -- -max_total_time=$(FUZZ_SECONDS) -max_len=16000 -timeout=25

.PHONY: fuzz-keep
fuzz-keep: ## keep of the fuzzer's corpus what covers anything new, for the tests
	@mkdir -p rust/fuzz/target
	SNAKE_PIPE_MAPPINGS="$(CURDIR)/$(FUZZ_MAPPINGS)" RUSTC_BOOTSTRAP=1 $(CARGO) fuzz cmin --fuzz-dir rust/fuzz scan
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C rust/fuzz/corpus/scan -cJf rust/fuzz/corpus.tar.xz .

.PHONY: lock
lock: $(STAMPS)/venv ## resolve the dependencies of pyproject.toml anew into requirements/
	tools/lock.sh

.PHONY: hooks
hooks: $(STAMPS)/dev ## let git run `make check-python check-rust` before each commit
	$(BIN)/pre-commit install

.PHONY: browser
browser: ## install Chromium for the browser test, where this machine can
	@tools/install-browser.sh

.PHONY: clean
clean: ## delete what was built; keeps the lake, the stores and .dagster_home
	rm -rf $(VENV) rust/target dist snake_pipe_core/_native*.so \
	  .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- what the targets above stand on ---------------------------------------------------------

$(STAMPS)/venv: requirements/bootstrap.txt
	@tools/doctor.sh "$(PYTHON)"
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: $(STAMPS)/venv requirements/runtime.txt
	@echo "Installing the locked dependencies."
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/native requirements/dev.txt
	@echo "Installing the locked development dependencies."
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# Editable: Python sources are used in place; only Rust or the metadata needs this again.
$(STAMPS)/native: $(STAMPS)/runtime pyproject.toml $(NATIVE_SOURCES)
	@echo "Building the native module (half a minute the first time)."
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(UV) pip install -q --python $(BIN)/python \
	  --no-deps --no-build-isolation --reinstall-package snake-pipe -e .
	@touch $@

.dagster_home/dagster.yaml: dagster.yaml
	@mkdir -p $(@D) && cp $< $@
