# Two commands: `make demo` runs the main job up to a page in the browser, `make test` passes all tests.
# Both install what they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
DEMO ?= demo
# Where it is set, every process of the tests compiles all of Teisen and of the tests again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint types lock clean

demo: $(VENV)/.run
	$(BIN)/teisen demo $(DEMO) $(if $(filter 0,$(SERVE)),--no-serve,)

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist loadgroup

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Teisen needs Python 3.11 or newer; set PYTHON=python3.12 or the like")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements/dev.txt pyproject.toml
	$(BIN)/python -m pip install --quiet -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@ $(VENV)/.run

# One set of versions for every Python as far as it goes: the same case then gives the same bytes under any of them.
LOCK := $(BIN)/uv pip compile --universal --fork-strategy fewest --python-version 3.11 --no-header --no-annotate

lock: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt requirements/run.in -o requirements/run.txt
	$(LOCK) -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf $(VENV) demo dist build
