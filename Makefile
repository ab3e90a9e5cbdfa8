# Plumbline: make demo | serve | test | lint | setup
VENV ?= .venv
PY := $(VENV)/bin/python
export PLUMBLINE_VENV := $(VENV)

.PHONY: help setup setup-accurate setup-test setup-benchmarks demo serve test lint
help:
	@echo "make demo   make the environment, analyse the sample organisation over HTTP, print what it shows, stop"
	@echo "make serve  the same, and leave the service up"
	@echo "make test   lint and run every test"
	@echo "make setup  only make the environment"
	@echo "make setup-accurate  and what the accurate stance model needs"
	@echo "make setup-benchmarks  and what the tests need and BERTopic, which the benchmark of themes is run beside"

setup:
	@scripts/setup.sh

setup-accurate: setup
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-accurate.txt

setup-test:
	@scripts/setup.sh --test

setup-benchmarks: setup-test
	@$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements-benchmarks.txt

demo: setup
	@$(PY) scripts/demo.py

serve: setup
	@$(PY) scripts/demo.py --keep

lint: setup-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/hadolint Dockerfile

test: lint
	$(PY) -m pytest -n 2 --dist loadgroup
