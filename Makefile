# Everything here installs what it lacks by itself (.ci/setup): see `make help`.
# DEMO_ARGS and PYTEST_ARGS are handed on, for instance: make demo DEMO_ARGS=--once; tests run on all cores

BIN := .venv/bin
UV ?= uv
PYTEST_ARGS ?= -n auto

# Tests start hundreds of daemons and workers: each would compile every module once more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check lock clean

help:
	@echo "make demo    a sample mail becomes a fax on this machine (DEMO_ARGS=--once: then stop)"
	@echo "make test    lint, types and all tests (PYTEST_ARGS=...)"
	@echo "make check   lint and types alone"
	@echo "make lock    pin the newest versions into requirements.lock (needs uv)"
	@echo "make clean   remove what the others made here"

demo:
	@.ci/setup demo
	@$(BIN)/smtpfax demo $(DEMO_ARGS)

test:
	@.ci/setup test
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check:
	@.ci/setup check
	@$(MAKE) --no-print-directory lint

.PHONY: lint
lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict smtpfax

# No index, no path and no header goes into the lock: it must say the same wherever it was made.
lock:
	$(UV) pip compile pyproject.toml --group dev --group build --universal --python-version 3.11 --upgrade \
		--no-config --no-sources --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet \
		--output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build .coverage htmlcov
	find smtpfax tests -name __pycache__ -type d -prune -exec rm -rf {} +
