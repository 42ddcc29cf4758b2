# make demo: from a bare clone to predictions. make test: the tests. Both need Python 3.11+, git and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo demo-run dist docs image licences lowest own-models install install-all screenshots test test-slow lint types check

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

# What the tests of pretrained models need besides; torch is large.
install-all: $(VENV)/.installed-all

$(VENV)/.installed-all: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[annotation,dev,docs,spacy,static,transformers]"
	touch $@

demo: install demo-run

# In a folder and a tracking store of its own, so that it can be run again and again.
demo-run:
	rm -rf demo && mkdir demo
	cd demo && env -u MLFLOW_TRACKING_URI ../$(BIN)/stance train ../experiments/quickstart.yaml
	cd demo && env -u MLFLOW_TRACKING_URI ../$(BIN)/stance predict ../data/sample/fresh --model models:/stance@champion --model models:/sentiment@champion --output out.csv
	cd demo && cut -c 1-160 out.csv | head -n 4

# The models that come with the toolkit, made again: make own-models DOCUMENTS=FOLDER (see data/real/README.md).
define COPY_OWN
import shutil, sys
from pathlib import Path
from toolkit.model import find_model_folder
from toolkit.tracking import fetch_model, open_store
open_store(must_exist=True)
for scheme in ("stance", "sentiment"):
    target = Path("../../toolkit/own_models") / scheme
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(find_model_folder(fetch_model(f"models:/{scheme}@candidate")), target)
endef
export COPY_OWN

own-models: install
	test -d data/real-joined || $(BIN)/stance data import real "$(DOCUMENTS)" -o data/real-joined
	rm -rf build/own-models && mkdir -p build/own-models
	cd build/own-models && env -u MLFLOW_TRACKING_URI ../../$(BIN)/stance train ../../experiments/own-models.yaml
	cd build/own-models && echo "$$COPY_OWN" | env -u MLFLOW_TRACKING_URI ../../$(BIN)/python -

test: install-all
	$(BIN)/python -m pytest -n auto --dist worksteal

test-slow: install-all
	$(BIN)/python -m pytest -m slow

lint: install
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

# The pages of the documentation, in build/site; a broken link is an error.
docs: install-all
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The pictures of the terminal page in docs/images.
screenshots: install
	$(BIN)/python docs/screenshots.py

check: lint types docs test

# ------------------------------------------------------------------------------------------------------ releases

$(VENV)/.installed-release: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,release]"
	touch $@

# Wheel and sdist in dist/, checked, installed into an empty environment and used there; the bill of materials of that.
dist: $(VENV)/.installed-release
	rm -rf dist build/released
	$(BIN)/python -m tests.versions
	$(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(PYTHON) -m venv build/released
	build/released/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt dist/*.whl
	cd build/released && bin/stance --version && bin/stance init project
	cd build/released/project && env -u MLFLOW_TRACKING_URI ../bin/stance train experiments/first.yaml 'models=[cues]' tuning.repeats=1
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-file dist/sbom.cdx.json build/released/bin/python

# The page of licences, from what is installed here.
licences: install
	mkdir -p build && $(BIN)/python -m tests.licences > build/licences.md
	mv build/licences.md docs/reference/licences.md

# The lowest versions that pyproject.toml allows: resolved, installed, and what people do first tried with them.
lowest: $(VENV)/.installed-release
	rm -rf build/lowest && mkdir -p build/lowest
	$(BIN)/uv pip compile --quiet pyproject.toml --resolution lowest-direct --python-version 3.11 --output-file build/lowest/requirements.txt
	$(BIN)/uv venv --quiet --python 3.11 build/lowest/venv
	$(BIN)/uv pip install --quiet --python build/lowest/venv -r build/lowest/requirements.txt pytest pytest-socket hypothesis jsonschema
	build/lowest/venv/bin/python -m pytest -o filterwarnings= -o addopts= -q -m "not slow" --import-mode=importlib tests/cli/test_pipelines.py tests/storage tests/gold

# An image that runs as an ordinary user; where there is an engine.
image:
	docker build --tag stance .
	docker run --rm --network none --read-only --tmpfs /tmp stance --version
