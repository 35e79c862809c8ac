# `make run` starts the app, `make test` passes the tests, `make docs` builds the site, `make coverage` prints what the
# tests of `core` reach. All set up .venv first. `make lock`, `make sbom` and `make audit` are about the packages.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check docs coverage lock sbom audit hooks clean

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

coverage: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser" --cov --cov-report=term:skip-covered

# The versions and hashes for the container: Linux on x86-64, PyTorch's build for the CPU.
lock: .venv/dev.stamp
	(sed -n 1p requirements.lock; $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --python-version 3.11 --python-platform linux --torch-backend cpu requirements.txt) > build.lock
	mv build.lock requirements.lock

# A software bill of materials: every installed package with its version and licence, as CycloneDX.
sbom: .venv/dev.stamp
	mkdir -p build
	$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --of JSON -o build/sbom.json .venv

audit: .venv/dev.stamp
	$(BIN)/python .ci/audit.py

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
