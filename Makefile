# Set-up is done once, into .venv and build/, and again where its inputs change.
PYTHON ?= python3
PORT ?= 8888

BIN := .venv/bin
NODE_MODULES := js/node_modules/.package-lock.json
BENCHED_SITES := build/lite.stamp build/lite-openai.stamp

# The node that Playwright brings needs a library that a small system lacks.
export PLAYWRIGHT_NODEJS_PATH := $(shell which node)

# All in these folders, and the folders, so that a file taken away is a change ("/.": `lite` is a target, too).
inputs = $(shell find $(addsuffix /.,$(1)) \( -name node_modules -o -name static -o -name __pycache__ \) -prune -o -print)

.PHONY: demo test soak lite bench screenshots lint format lock clean lite-site chromium

demo: .venv/chatwidget.stamp
	mkdir -p build/demo
	cp -Ru notebooks/. build/demo
	cd build/demo && ../../$(BIN)/jupyter lab --ip=127.0.0.1 --port=$(PORT) --allow-root \
		--LabApp.default_url=/lab/tree/quickstart.ipynb

test: .venv/chatwidget.stamp $(NODE_MODULES) lite-site chromium
	npm --prefix js test
	$(BIN)/pytest --numprocesses=2 --dist=loadfile

lite: lite-site
	$(BIN)/python lite/serve.py build/lite --port $(PORT)

bench: .venv/chatwidget.stamp $(BENCHED_SITES) chromium
	$(BIN)/python -m tests.bench

soak: .venv/chatwidget.stamp chromium
	$(BIN)/python -m tests.soak $(SOAK_OPTIONS)
	RELOADS=20 $(BIN)/pytest tests/browser/test_reconnect.py -k r09

screenshots: .venv/chatwidget.stamp chromium
	$(BIN)/python -m tests.gallery

lint: .venv/requirements.stamp $(NODE_MODULES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	js/node_modules/.bin/pyright
	npm --prefix js run lint

format: .venv/requirements.stamp $(NODE_MODULES)
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	npm --prefix js run format

# Keeps the pins that still fit; UPGRADE=--upgrade renews them all.
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(UPGRADE)
# The kernel brings a stand-in for the one, and has no use for the other.
COMPILE_LITE = $(COMPILE) --python-platform wasm32-pyodide2025 --python-version 3.14 \
	--no-emit-package widgetsnbextension --no-emit-package jupyterlab-widgets

lock: .venv/requirements.stamp
	$(COMPILE) --universal --python-version 3.11 tests/requirements.in -o tests/requirements.txt
	$(COMPILE_LITE) lite/requirements.in -o lite/requirements.txt
	$(COMPILE_LITE) lite/requirements-openai.in -o lite/requirements-openai.txt
	npm --prefix js install --package-lock-only
	npm --prefix lite install --package-lock-only

clean:
	rm -rf .venv build js/node_modules lite/node_modules src/chatwidget/static

# The site that tests and bench open.
lite-site: build/lite.stamp

chromium:
	@test -x /usr/bin/chromium || tests/apt_install.sh chromium fonts-noto-color-emoji

.venv/requirements.stamp: tests/requirements.txt
	$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or later is needed: make PYTHON=...")'
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || tests/apt_install.sh python3-venv
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@

$(NODE_MODULES): js/package-lock.json
	@which npm >/dev/null || { echo "npm is needed: install Node.js 20 or later" >&2; exit 1; }
	npm --prefix js ci

build/wheel.stamp: .venv/requirements.stamp $(NODE_MODULES) pyproject.toml README.md LICENSE \
		js/package.json js/licences.js js/hatch_build.py $(call inputs,src js/src)
	rm -rf build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel
	touch $@

# Tests, demo and bench run what users install: the wheel, not the tree.
.venv/chatwidget.stamp: build/wheel.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/wheel/*.whl
	touch $@

$(BENCHED_SITES): .venv/chatwidget.stamp $(call inputs,lite notebooks)
	$(BIN)/python lite/build.py --wheel build/wheel/*.whl --out $(basename $@) $(SITE_OPTIONS)
	$(BIN)/python lite/reference.py $(basename $@)/api
	touch $@
build/lite-openai.stamp: SITE_OPTIONS = --with-openai
