# `make` prints this help. Everything here is short enough to type by hand; there is no other place for scripts.
.DEFAULT_GOAL := help
.PHONY: help dev run test test-pg lint fix models manual nightly lock pm4py release
BIN := .venv/bin
COMPILE := .tools/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

help: ## these lines
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

dev: ## make the environment for work on the code, and the hooks of pre-commit if it is installed
	@sh -c '. ./bootstrap.sh; bootstrap dev'
	@if command -v pre-commit >/dev/null; then pre-commit install; fi

run: ## start web, clock and mail sink with an invented office
	@./run

test: ## everything that continuous integration runs
	@./test

test-pg: dev ## the tests on PostgreSQL only
	@APPRODO_TEST_DB=postgres $(BIN)/python -m pytest -n 2 --only-database -m "not browser"

lint: dev ## style, types, layers; fastest first
	@$(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/python -m pytest -q tests/test_architecture.py

fix: dev ## mend what ruff can mend
	@$(BIN)/ruff check --fix .

models: dev ## check every model, form and table under workflows/
	@export APPRODO_DEMO=1 APPRODO_VAR=$$(mktemp -d); trap 'rm -rf "$$APPRODO_VAR"' EXIT; \
	$(BIN)/approdo db upgrade && $(BIN)/approdo models publish >/dev/null && $(BIN)/approdo models check workflows/bpmn/*.bpmn workflows/dmn/*.dmn workflows/forms/*.json

manual: dev ## take the pictures of docs/manual anew
	@APPRODO_MANUAL=1 APPRODO_TEST_DB=sqlite $(BIN)/python -m pytest -q -n 0 tests/web/test_manual.py tests/web/test_browser_workshop_story.py

nightly: dev ## the drills that take hours: a year of reminders with faults, kills, models against a second engine
	@$(BIN)/python -m drills year --cases $${CASES:-2000} && $(BIN)/python -m drills crash --kills $${KILLS:-500} && $(BIN)/python -m drills judge --models $${MODELS:-5000}

lock: ## resolve the Python packages anew (UPGRADE=--upgrade takes newer ones)
	@$(COMPILE) $(UPGRADE) pyproject.toml --group build --group dev -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --group build -c requirements/dev.txt -o requirements/runtime.txt
	@$(COMPILE) $(UPGRADE) --group tools -o requirements/tools.txt
	@$(COMPILE) $(UPGRADE) --group mining -o requirements/mining.txt

pm4py: dev ## ask pm4py (AGPL, in an environment of its own) to read our XES and OCEL
	@.tools/bin/uv venv --quiet --clear --python $(BIN)/python .tools/mining
	@.tools/bin/uv pip sync --quiet --python .tools/mining/bin/python --require-hashes requirements/mining.txt
	@APPRODO_TEST_DB=sqlite $(BIN)/python -m pytest -q -n 0 tests/tasks/test_mining.py

release: dev ## a wheel in dist/; the version comes from pyproject.toml, the changelog must name it
	@version=$$($(BIN)/python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])'); \
	grep -q "^## $$version" CHANGELOG.md || { echo "CHANGELOG.md has no section for $$version" >&2; exit 1; }; \
	.tools/bin/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python && ls dist/*-$$version-*.whl
