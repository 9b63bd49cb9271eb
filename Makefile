# Everything sets itself up on a fresh machine; all it needs is make and Python 3.11 or newer (PYTHON=… picks one).
PYTHON ?= python3
VERSIONS := 3.11 3.12 3.13
RUN := .venv/bin/python -m
SIDE_BY_SIDE := -n auto --maxprocesses 4
EXPLORING := --hypothesis-profile nightly --timeout 7200
# What `make mutation` mutates, as mutmut names it (kaizen_eval.memory.buffer.*), and for how long at most.
MUTANTS ?=
MUTATION_TIME ?= 2h

.DEFAULT_GOAL := help
.PHONY: help suites test check nightly mutation kailash bench matrix clean $(VERSIONS:%=matrix-%)

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

suites: .venv/ready ## Test the example agents, offline: on the fake, through the real OpenAI SDK, over loopback HTTP, from cassettes
	$(RUN) pytest suites --kaizen-llm direct $(SIDE_BY_SIDE)
	$(RUN) pytest suites --kaizen-llm sdk $(SIDE_BY_SIDE)
	$(RUN) pytest suites --kaizen-llm server $(SIDE_BY_SIDE)
	$(RUN) pytest suites --kaizen-llm replay $(SIDE_BY_SIDE)

test: .venv/ready ## Run the project's own tests
	$(RUN) pytest tests $(SIDE_BY_SIDE)

check: .venv/ready ## All that a change must pass: format, lint, types, import contracts, tests with coverage, suites
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	.venv/bin/lint-imports --no-cache
	$(RUN) coverage erase
	$(RUN) coverage run -m pytest tests $(SIDE_BY_SIDE)
	$(RUN) coverage combine --quiet
	$(RUN) coverage report
	$(MAKE) --no-print-directory suites

nightly: .venv/ready ## Try far more than `make check` has time for: tests, suites, mutants, the reference
	$(RUN) pytest tests $(SIDE_BY_SIDE) $(EXPLORING)
	$(RUN) pytest suites --kaizen-llm direct $(EXPLORING)
	.venv/bin/kaizen-eval selftest --only mutants --seeds 5
	.venv/bin/kaizen-eval selftest --only reference --seeds 50
	.venv/bin/kaizen-eval check kaizen_eval:BaseAgent --effort thorough

mutation: .venv/ready ## Change the code in small ways and name the changes that no test sees (docs/mutation.md)
	.venv/bin/python -m pip install --quiet --editable '.[dev,mutation]'
	PATH="$(CURDIR)/.venv/bin:$$PATH" timeout $(MUTATION_TIME) \
		.venv/bin/mutmut run --max-children 2 $(foreach mutant,$(MUTANTS),'$(mutant)') || [ $$? = 124 ]
	.venv/bin/mutmut results

kailash: .venv/ready ## Install the package kailash, and test workflows under its runtimes (docs/kailash.md)
	.venv/bin/python -m pip install --quiet --editable '.[dev,kailash]'
	$(RUN) pytest tests/test_kailash.py

bench: .venv/ready ## Measure speed; prints ratios taken side by side in one run
	.venv/bin/python benchmarks/run.py

matrix: ## Run tests and suites on every supported Python
	@failed=; \
	for version in $(VERSIONS); do $(MAKE) --no-print-directory matrix-$$version || failed="$$failed $$version"; done; \
	[ -z "$$failed" ] || { echo "make matrix: missing or failed:$$failed" >&2; exit 1; }

$(VERSIONS:%=matrix-%): matrix-%: .venv-%/ready
	.venv-$*/bin/python -m pytest -q tests $(SIDE_BY_SIDE)
	.venv-$*/bin/python -m pytest -q suites --kaizen-llm direct
	.venv-$*/bin/python -m pytest -q suites --kaizen-llm sdk
	.venv-$*/bin/python -m pytest -q suites --kaizen-llm server
	.venv-$*/bin/python -m pytest -q suites --kaizen-llm replay

clean: ## Remove what make and the tools made
	rm -rf .venv .venv-* .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		mutants build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $(PYTHON) does not run, or is older than Python 3.11; name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "make: $(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# A python3.12 on PATH may be pyenv's stand-in that refuses to run: only one that starts counts.
.venv-%/ready: pyproject.toml
	@for python in python$* "$$(PYENV_VERSION="$$(pyenv latest $* 2>/dev/null)" pyenv which python$* 2>/dev/null)"; do \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then exec "$$python" -m venv .venv-$*; fi; \
	done; \
	echo "make: no Python $* that runs and can make virtual environments (as python$*, or through pyenv)" >&2; exit 1
	.venv-$*/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $@
