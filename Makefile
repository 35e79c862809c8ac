# `make run` starts the app, `make test` passes the tests, `make docs` builds the site. All set up .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check docs hooks clean

run: .venv/app.stamp
	$(BIN)/streamlit run app.py

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/dev.stamp docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/dev.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

hooks: .venv/dev.stamp
	$(BIN)/pre-commit install

.venv/app.stamp: requirements.txt requirements-samples.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-samples.txt
	touch $@

.venv/dev.stamp: requirements.txt requirements-samples.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-samples.txt
	touch .venv/app.stamp $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis build site
