# Two commands: `make run` starts the app, `make test` passes the tests. Both set up what they need in .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check clean

run: .venv/app.stamp
	$(BIN)/streamlit run app.py

test: .venv/dev.stamp check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy

.venv/app.stamp: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev.stamp: requirements.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch .venv/app.stamp $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis
