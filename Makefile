# Everything that a person does here, in two commands: `make run` and `make test`. Each does its own set-up, once:
# the stamps below make a second run a matter of seconds.

PORT ?= 8000
PYTHON ?=# empty: the interpreter that .venv has already, else the first of python3, python3.13, … that will do
UPGRADE ?=# make lock UPGRADE=1 takes the newest version of everything
IMAGE ?= flotilla:$(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)# exactly what the chart's defaults name
ARGS ?=# passed on: make test ARGS="-k wire", make bench ARGS="--help"

# A cluster is found by KUBECONFIG, kubectl and helm. What differs between clusters:
CLUSTER_LOAD ?=# command that brings local images, named after it, into the cluster: "kind load docker-image"; none: it pulls them
CLUSTER_NODE ?= 127.0.0.1# address at which its NodePorts answer
CLUSTER_ADDONS ?=# folder of programs that start what it has beside (loadtest/sites/kubernetes/addons.py says which)
CLUSTER_PREVIOUS ?= $(if $(CLUSTER_LOAD),flotilla:previous)# image whose internal versions are one lower
CLUSTER = --node "$(CLUSTER_NODE)" --load "$(CLUSTER_LOAD)" $(if $(CLUSTER_ADDONS),--addons "$(CLUSTER_ADDONS)") \
	$(if $(CLUSTER_PREVIOUS),--previous "$(CLUSTER_PREVIOUS)") $(ARGS)

VENV := .venv
BIN := $(VENV)/bin
NODE_MODULES := frontend/node_modules
BUNDLE := app/web/static/flotilla/flotilla-game.js

PYTHON_READY := $(VENV)/.installed
NODE_READY := $(NODE_MODULES)/.installed
PEERS := loadtest/peers
PEERS_READY := build/bench/.installed
# Folders are listed too: their time changes when a file goes.
FRONTEND_SOURCES := $(shell find frontend/src frontend/scripts 2>/dev/null) \
	$(wildcard frontend/*.json frontend/*.ts frontend/*.js frontend/*.mjs) app/sim/thrust.json

NPM := npm --prefix frontend --silent
K6_SOURCES := loadtest/k6 tests/loadtest/k6
K6_TESTS := $(wildcard tests/loadtest/k6/*.test.mjs)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run run-distributed ramp services test test-k6 test-capacity test-faults faults-report test-python test-frontend check check-python check-frontend check-locks check-docs \
	bench bench-check bench-micro capacity build image image-previous sbom test-image compose-check chart-check chart-docs manifests lock format clean chromium compiler FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

install: $(BUNDLE) $(PYTHON_READY) ## everything into .venv, and the built front end

run: install ## the whole game on http://127.0.0.1:8000/, or PORT=…
	@exec $(BIN)/flotilla run --bind 127.0.0.1:$(PORT)

run-distributed: install services ## the same as many processes: Redis, two gateways, tick, web, nginx
	@exec scripts/run-distributed --port $(PORT)

test: test-frontend test-python ## every test: TypeScript, Python, browser

test-python: install chromium compiler services
	@echo "pytest"
	@$(BIN)/python -m pytest -q $(ARGS)

test-frontend: $(NODE_READY)
	@scripts/require-node
	@echo "vitest"
	@$(NPM) test
	@echo "node --test (k6's modules)"
	@node --test --test-reporter=dot $(K6_TESTS)

ramp: install ## the load test against `make run`: a player a second for 90 s, then a verdict and a report (ARGS="--help")
	@$(BIN)/python -m loadtest ramp --metrics http://127.0.0.1:9000/metrics $(ARGS)

test-k6: install ## the real k6 against the real server, in both protocols (needs k6 on the PATH)
	@command -v k6 >/dev/null || { echo "There is no k6 on the PATH: go install go.k6.io/k6@v1.8.1" >&2; exit 2; }
	@$(BIN)/python -m pytest -q tests/loadtest/k6/real_k6.py $(ARGS)

test-capacity: install compiler ## that the nightly gate can fail: a server slowed on purpose, a generator starved
	@$(BIN)/python -m pytest -q tests/loadtest/commands/real_capacity_commands.py $(ARGS)

test-faults: install services ## kills, pauses and restarts every part under 100 players (ARGS="--only NAME")
	@$(BIN)/python -m loadtest.scenarios $(ARGS)

faults-report: install services ## the same at full length and size, into docs/faults.md (45 minutes)
	@$(BIN)/python -m loadtest.scenarios --full --report docs/faults.md $(ARGS)

.PHONY: test-cluster-smoke test-cluster
test-cluster-smoke: install $(if $(CLUSTER_LOAD),image) ## the chart on the cluster of kubectl, as a new user: install, upgrade, uninstall (CLUSTER_LOAD=…)
	@$(BIN)/python -m loadtest.scenarios.on_cluster --smoke $(CLUSTER)

test-cluster: install $(if $(CLUSTER_LOAD),image image-previous) ## the same and all that can happen to a release there, into docs/cluster.md (CLUSTER_ADDONS=…)
	@$(BIN)/python -m loadtest.scenarios.on_cluster --report docs/cluster.md $(CLUSTER)

check: check-locks check-python check-docs check-frontend ## formats, lints, types, lock files, generated docs

check-python: $(PYTHON_READY)
	@echo "ruff, mypy"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run 'make format'." >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary

check-frontend: $(NODE_READY)
	@scripts/require-node
	@echo "eslint, prettier, tsc"
	@$(NPM) run lint
	@$(NPM) run format:check
	@$(NPM) run typecheck
	@$(NODE_MODULES)/.bin/eslint --max-warnings 0 --config frontend/eslint.config.js $(K6_SOURCES)
	@$(NODE_MODULES)/.bin/prettier --log-level warn --config frontend/.prettierrc.json --check $(K6_SOURCES)

check-locks: $(PYTHON_READY)
	@echo "lock files"
	@$(BIN)/python scripts/lock.py --check

check-docs: $(PYTHON_READY)
	@echo "generated docs"
	@$(BIN)/python -m app configuration --check docs/configuration.md
	@$(BIN)/python -m app metrics --check docs/metrics.md

capacity: install compiler ## the nightly gate: players on one core against the textbook server's (a quarter of an hour; ARGS=--quick: a few minutes)
	@$(BIN)/python -m loadtest capacity $(ARGS)

bench: install $(PEERS_READY) ## players on one core, beside other servers (ARGS=--quick: 8 minutes; ARGS=--help)
	@$(BIN)/python -m loadtest bench $(ARGS)

bench-check: install $(PEERS_READY) ## the same, and fails if its ratios fell against loadtest/baselines
	@$(BIN)/python -m loadtest bench --check $(ARGS)

bench-micro: $(PYTHON_READY) ## what single parts cost, in time and bytes
	@$(BIN)/python -m loadtest.bench.micro

build: install ## wheel and sdist into dist/, with the built front end
	@rm -rf build dist
	@$(BIN)/python -m build --no-isolation --outdir dist . > $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log >&2; exit 1; }
	@$(BIN)/python -m zipfile --list dist/*.whl | grep -q $(notdir $(BUNDLE)) \
		|| { echo "The wheel lacks the front end." >&2; exit 1; }
	@ls dist/*

image: ## the container image of all roles, flotilla:VERSION or IMAGE=…; scripts/build-image lists what else it takes
	@scripts/build-image $(IMAGE)

image-previous: ## flotilla:previous, one version lower in all that releases say to each other, made of IMAGE (build that first)
	@$(or $(DOCKER),docker) build --quiet --build-arg IMAGE=$(IMAGE) --tag flotilla:previous \
		--file loadtest/processes/previous.Dockerfile loadtest/processes

sbom: $(PYTHON_READY) ## what the image is made of, as build/sbom/flotilla.cdx.json (CycloneDX)
	@scripts/build-image - sbom build/sbom
	@$(BIN)/python scripts/sbom.py check build/sbom/flotilla.cdx.json

test-image: install services image ## builds the image and runs every role of it as platforms do (needs Docker on Linux)
	@IMAGE_UNDER_TEST=$(IMAGE) $(BIN)/python -m pytest -q tests/image $(ARGS)

compose-check: install services ## compose.yaml, its nginx and its Prometheus, by the real programs where they are
	@$(BIN)/python scripts/check_compose.py
	@$(BIN)/python -m pytest -q tests/compose $(ARGS)

chart-check: $(PYTHON_READY) ## the chart: lint, unit tests, schemas, what is generated from it (wants helm and more on PATH)
	@scripts/check-chart

chart-docs: ## the chart's README and schema of values, out of the comments in values.yaml
	@scripts/check-chart --write

manifests: ## k8s/, rendered from the chart
	@scripts/render-manifests

lock: $(PYTHON_READY) ## the lock files anew from pyproject.toml (UPGRADE=1: the newest of everything)
	@$(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

format: $(PYTHON_READY) $(NODE_READY) ## formats everything in place
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .
	@$(NPM) run format
	@$(NODE_MODULES)/.bin/prettier --log-level warn --config frontend/.prettierrc.json --write $(K6_SOURCES)

clean: ## removes all that make made
	@rm -rf $(VENV) $(NODE_MODULES) $(PEERS)/node_modules $(dir $(BUNDLE)) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find app loadtest scripts tests -type d -name __pycache__ -prune -exec rm -rf {} +

chromium:
	@.ci/system-packages chromium

services:
	@.ci/system-packages redis-server nginx faketime

compiler: # the tests of the load generator compile it; g++ brings the C compiler and its headers
	@command -v cc >/dev/null || .ci/system-packages g++

# The servers to compare with have an environment of their own, of the same Python; nothing else needs it.
$(PEERS_READY): $(PEERS)/requirements.lock $(PEERS)/package-lock.json $(VENV)/pyvenv.cfg
	@scripts/require-node
	@echo "Installing the servers to compare with."
	@rm -rf build/bench/venv
	@$(BIN)/python -m venv build/bench/venv
	@build/bench/venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r $<
	@cd $(PEERS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Asked each time, made only when there is none or PYTHON names another: its time is then the time of .venv.
$(VENV)/pyvenv.cfg: FORCE
	@scripts/virtualenv $(VENV) $(PYTHON)

$(PYTHON_READY): $(VENV)/pyvenv.cfg requirements-dev.lock pyproject.toml
	@echo "Installing the Python packages into $(VENV)."
	@# Wheels only: a source archive would fetch what builds it without a hash.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(NODE_READY): frontend/package.json frontend/package-lock.json $(wildcard frontend/.npmrc)
	@scripts/require-node
	@echo "Installing the front end's packages."
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE): $(NODE_READY) $(FRONTEND_SOURCES)
	@scripts/require-node
	@echo "Building the front end."
	@$(NPM) run build
	@touch $@
