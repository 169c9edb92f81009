# Every target prepares what it needs, and is quick when nothing has changed.
# Not called PYTHON: that one names the interpreter .ci/prepare makes the environment with.
PY := .venv/bin/python
READY := .venv/.ready

# Images often forbid compiled files; here every one of hundreds of processes would compile the same sources again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo web test check audit bench torture screenshots format lock clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml .ci/prepare .ci/faces.lock
	@.ci/prepare python
	@touch $@

.PHONY: programs-run programs-test
programs-run programs-test: programs-%:
	@.ci/prepare programs $*

web: $(READY) ## build the web application, if its sources have changed
	@$(PY) app/web/hatch_build.py

run: programs-run $(READY) web ## start the product on this machine with demo data; prints address and log-ins
	@.venv/bin/plainclothes demo --serve $(ARGS)

demo: programs-run $(READY) ## walk one visit through from assignment to publication and say what happened
	@.venv/bin/plainclothes demo $(ARGS)

test: programs-test $(READY) web ## run the tests on SQLite and PostgreSQL; ARGS="-k rotation" chooses
	@$(PY) -m pytest -n auto --maxprocesses 8 $(ARGS)

check: $(READY) ## formatting, lint, secrets, known holes, types, import order, and whether generated files are fresh
	@$(PY) -m ruff format --check --quiet . || { echo "not formatted: make format"; exit 1; }
	@$(PY) -m ruff check --quiet .
	@.ci/secrets
	@.ci/audit daily
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/plainclothes checklist schema --check checklists/checklist.schema.json
	@.venv/bin/plainclothes checklist lock --check checklists >/dev/null
	@.venv/bin/plainclothes openapi --check app/openapi.json

format: $(READY) ## format the code and mend what the linter can mend
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format --quiet .

bench: programs-test $(READY) ## measure what the documentation promises; PVRP=DIR adds the public yardstick
	@$(PY) -m tests.bench
	@$(PY) -m tests.bench.bench_media
	@$(PY) -m tests.bench.bench_insight
	@$(PY) -m tests.bench.bench_load
	@$(PY) -m tests.bench.bench_absence
	@$(PY) app/web/hatch_build.py && $(PY) -m tests.bench.bench_pages
	@$(PY) -m tests.bench.bench_planning sizes 200/20@20 2000/100@120 10000/500@180 --greedy
	@if [ -n "$(PVRP)" ]; then $(PY) -m tests.bench.bench_planning pvrp "$(PVRP)"; fi

audit: $(READY) ## ask now which locked packages have known holes; without a network that lets it ask, a failure
	@.ci/audit

torture: programs-test $(READY) ## hurt the running product at random and look for losses; ARGS="--seconds 600 --seed 7"
	@$(PY) -m tests.torture $(ARGS)

screenshots: programs-test $(READY) web ## make the pictures of the documentation anew
	@$(PY) -m tests.screenshots $(ARGS)

lock: $(READY) ## pin the newest packages that fit pyproject.toml, without the address of any index
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) -m uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.lock
	@echo pip-audit | $(PY) -m uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 - -o .ci/audit.lock

clean: ## remove the environment and all caches; data in var/ stays
	@rm -rf .venv app/web/dist app/web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
