# The two main commands are `make run` and `make test`. Each target installs what it needs; stamp files skip what is already
# installed.

PORT ?= 8000
PYTHON ?=# empty: the interpreter of .venv, else the first suitable one of python3, python3.13, …
UPGRADE ?=# make lock UPGRADE=1 updates all packages
IMAGE ?= flotilla:$(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)# the image of the chart's defaults
ARGS ?=# more arguments: make test ARGS="-k wire", make bench ARGS="--help"

# kubectl and helm find the cluster by KUBECONFIG. Options that differ between clusters:
CLUSTER_LOAD ?=# command that loads local images into the cluster, for example "kind load docker-image"; empty: the cluster pulls images
CLUSTER_NODE ?= 127.0.0.1# address of its NodePorts
CLUSTER_ADDONS ?=# folder of programs that start add-ons (loadtest/sites/kubernetes/addons.py lists them)
CLUSTER_PREVIOUS ?= $(if $(CLUSTER_LOAD),flotilla:previous)# image whose internal protocol versions are one lower
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
# Folders are included, because their time changes when a file is deleted.
FRONTEND_SOURCES := $(shell find frontend/src frontend/scripts 2>/dev/null) \
	$(wildcard frontend/*.json frontend/*.ts frontend/*.js frontend/*.mjs) app/sim/thrust.json

# Prose that check-docs reads.
PROSE := $(wildcard *.md docs/*.md) helm/flotilla/README.md helm/flotilla/UPGRADING.md k8s/README.md \
	helm/flotilla/values.yaml app loadtest

NPM := npm --prefix frontend --silent
K6_SOURCES := loadtest/k6 tests/loadtest/k6
K6_TESTS := $(wildcard tests/loadtest/k6/*.test.mjs)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run run-distributed ramp services test test-k6 test-capacity test-faults faults-report test-python test-frontend check check-python check-frontend check-locks check-docs \
	bench bench-check bench-micro capacity build image image-previous sbom test-image compose-check chart-check chart-docs manifests lock format clean chromium compiler FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

install: $(BUNDLE) $(PYTHON_READY) ## install all packages into .venv and build the front end

run: install ## run the game in one process on http://127.0.0.1:8000/, or PORT=…
	@exec $(BIN)/flotilla run --bind 127.0.0.1:$(PORT)

run-distributed: install services ## run the game as separate processes: Redis, two gateways, tick, web, nginx
	@exec scripts/run-distributed --port $(PORT)

test: test-frontend test-python ## run all tests: TypeScript, Python, browser

test-python: install chromium compiler services
	@echo "pytest"
	@$(BIN)/python -m pytest -q $(ARGS)

test-frontend: $(NODE_READY)
	@scripts/require-node
	@echo "vitest"
	@$(NPM) test
	@echo "node --test (modules for k6)"
	@node --test --test-reporter=dot $(K6_TESTS)

ramp: install ## load test against `make run`: one more player per second for 90 s, then a report (ARGS="--help")
	@$(BIN)/python -m loadtest ramp --metrics http://127.0.0.1:9000/metrics $(ARGS)

test-k6: install ## test with k6 against a real server, in both protocols (needs k6 in PATH)
	@command -v k6 >/dev/null || { echo "k6 is missing: run 'go install go.k6.io/k6@v1.8.1'." >&2; exit 2; }
	@$(BIN)/python -m pytest -q tests/loadtest/k6/real_k6.py $(ARGS)

test-capacity: install compiler ## test that the nightly capacity check fails for a slow server and for a starved generator
	@$(BIN)/python -m pytest -q tests/loadtest/commands/real_capacity_commands.py $(ARGS)

test-faults: install services ## kill, pause and restart every part under 100 players (ARGS="--only NAME")
	@$(BIN)/python -m loadtest.scenarios $(ARGS)

faults-report: install services ## the same with full length and load, into docs/faults.md (45 minutes)
	@$(BIN)/python -m loadtest.scenarios --full --report docs/faults.md $(ARGS)

.PHONY: test-cluster-smoke test-cluster
test-cluster-smoke: install $(if $(CLUSTER_LOAD),image) ## install, upgrade and uninstall the chart on kubectl's cluster (CLUSTER_LOAD=…)
	@$(BIN)/python -m loadtest.scenarios --site cluster --smoke $(CLUSTER)

test-cluster: install $(if $(CLUSTER_LOAD),image image-previous) ## all scenarios on kubectl's cluster, into docs/cluster.md (CLUSTER_ADDONS=…)
	@$(BIN)/python -m loadtest.scenarios --site cluster --report docs/cluster.md $(CLUSTER)

check: check-locks check-python check-docs check-frontend ## check formats, lint rules, types, lock files, generated docs, prose

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
	@$(BIN)/python -m app configuration --check docs/configuration.md helm/flotilla/config.schema.json helm/flotilla/templates/_settings.tpl
	@$(BIN)/python -m app metrics --check docs/metrics.md
	@echo "prose"
	@$(BIN)/python scripts/check_prose.py $(PROSE)

capacity: install compiler ## nightly check: players on one core relative to a simple server (15 minutes; ARGS=--quick: a few minutes)
	@$(BIN)/python -m loadtest capacity $(ARGS)

bench: install $(PEERS_READY) ## measure players on one core, beside other servers (ARGS=--quick: 8 minutes; ARGS=--help)
	@$(BIN)/python -m loadtest bench $(ARGS)

bench-check: install $(PEERS_READY) ## the same; fails if a ratio is below loadtest/baselines
	@$(BIN)/python -m loadtest bench --check $(ARGS)

bench-micro: $(PYTHON_READY) ## measure time and bytes of single parts
	@$(BIN)/python -m loadtest.bench.micro

build: install ## build wheel and sdist with the front end into dist/
	@rm -rf build dist
	@$(BIN)/python -m build --no-isolation --outdir dist . > $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log >&2; exit 1; }
	@$(BIN)/python -m zipfile --list dist/*.whl | grep -q $(notdir $(BUNDLE)) \
		|| { echo "The wheel has no front end: see $(VENV)/build.log." >&2; exit 1; }
	@ls dist/*

image: ## build the container image flotilla:VERSION or IMAGE=… (scripts/build-image lists more options)
	@scripts/build-image $(IMAGE)

image-previous: ## build flotilla:previous from IMAGE, with internal protocol versions one lower (needs `make image`)
	@$(or $(DOCKER),docker) build --quiet --build-arg IMAGE=$(IMAGE) --tag flotilla:previous \
		--file loadtest/processes/previous.Dockerfile loadtest/processes

sbom: $(PYTHON_READY) ## write the software bill of materials to build/sbom/flotilla.cdx.json (CycloneDX)
	@scripts/build-image - sbom build/sbom
	@$(BIN)/python scripts/sbom.py check build/sbom/flotilla.cdx.json

test-image: install services image ## build the image and run every role in it (needs Docker on Linux)
	@IMAGE_UNDER_TEST=$(IMAGE) $(BIN)/python -m pytest -q tests/image $(ARGS)

compose-check: install services ## test compose.yaml, its nginx and its Prometheus with the installed programs
	@$(BIN)/python scripts/check_compose.py
	@$(BIN)/python -m pytest -q tests/compose $(ARGS)

chart-check: $(PYTHON_READY) ## check the chart: lint, unit tests, schemas, generated files (needs helm and more in PATH)
	@scripts/check-chart

chart-docs: ## generate the chart's README and values schema from values.yaml
	@scripts/check-chart --write

manifests: ## generate k8s/ from the chart
	@scripts/render-manifests

lock: $(PYTHON_READY) ## regenerate the lock files from pyproject.toml (UPGRADE=1: update all packages)
	@$(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

format: $(PYTHON_READY) $(NODE_READY) ## format all files
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .
	@$(NPM) run format
	@$(NODE_MODULES)/.bin/prettier --log-level warn --config frontend/.prettierrc.json --write $(K6_SOURCES)

clean: ## remove everything that make created
	@rm -rf $(VENV) $(NODE_MODULES) $(PEERS)/node_modules $(dir $(BUNDLE)) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find app loadtest scripts tests -type d -name __pycache__ -prune -exec rm -rf {} +

chromium:
	@.ci/system-packages chromium

services:
	@.ci/system-packages redis-server nginx faketime

compiler: # tests compile the load generator; g++ includes the C compiler and its headers
	@command -v cc >/dev/null || .ci/system-packages g++

# The peer servers of the benchmarks have a separate environment with the same Python.
$(PEERS_READY): $(PEERS)/requirements.lock $(PEERS)/package-lock.json $(VENV)/pyvenv.cfg
	@scripts/require-node
	@echo "Installing the peer servers of the benchmarks."
	@rm -rf build/bench/venv
	@$(BIN)/python -m venv build/bench/venv
	@build/bench/venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r $<
	@cd $(PEERS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Runs each time, but only changes .venv if it is missing or if PYTHON is another interpreter.
$(VENV)/pyvenv.cfg: FORCE
	@scripts/virtualenv $(VENV) $(PYTHON)

$(PYTHON_READY): $(VENV)/pyvenv.cfg requirements-dev.lock pyproject.toml
	@echo "Installing the Python packages into $(VENV)."
	@# Only wheels: source archives would download build tools without hashes.
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
