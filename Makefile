# `make run` and `make test` need Python 3.11 or newer and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
export PORT
PYTHON_IN := .venv/bin/python
# Each process would compile all anew: a test run starts hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help environment tools run test browser faults bench bench-files lint types format messages spec wheel lock clean

help: ## What can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

environment:
	@bin/make-environment requirements.lock

tools: environment
	@bin/make-environment requirements-dev.lock

run: environment ## The demo, web and worker, at http://127.0.0.1:8000 (PORT=… for another)
	@exec $(PYTHON_IN) bin/run

test: tools ## Every test but the browser's, on SQLite and on PostgreSQL when one answers
	@bin/test

browser: tools ## The story in a real Chromium
	@$(PYTHON_IN) bin/messages compile
	@$(PYTHON_IN) -m pytest -q -n $${TEST_PROCESSES:-2} --dist loadgroup tests/browser

faults: tools ## Kills real processes, cuts wires, fills disks; prints what held
	@$(PYTHON_IN) bin/messages compile
	@CONNEXION_FAULT_ROUNDS=$${CONNEXION_FAULT_ROUNDS:-50} $(PYTHON_IN) -m pytest -q -m faults -p no:randomly -p tests.faults.table

bench: tools ## The figures, each beside its floor measured in the same run
	@bin/bench

bench-files: tools ## A document of 1 GiB beside its floors: upload, download, memory
	@DATABASE_URL="$$($(PYTHON_IN) bin/find-postgresql)" $(PYTHON_IN) -m benchmarks.files

lint: tools ## Style, types, layers, migrations, catalogues, settings
	@bin/lint

types: tools
	@.venv/bin/mypy

format: tools ## Lets ruff set the sources
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format --quiet .

messages: tools ## Brings the catalogues up to the sources and compiles them
	@$(PYTHON_IN) bin/messages extract
	@$(PYTHON_IN) bin/messages compile
	@$(PYTHON_IN) bin/messages check

spec: tools ## Every line of the specification, with the tests that hold it
	@$(PYTHON_IN) bin/spec

wheel: tools ## The plugin's wheel, in dist/
	@$(PYTHON_IN) -m build --wheel --outdir dist .

lock: tools ## Locks what requirements.in and requirements-dev.in ask for
	@bin/lock

clean: ## Forgets the demo: its database, keys, documents and mailbox
	rm -rf var staticfiles dist build
