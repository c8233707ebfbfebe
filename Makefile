# Set-up is done once, into build/, .venv and node_modules, and again where its inputs change.
PYTHON ?= python3
PORT ?= 8888

TOOLS := build/tools
DEMO := build/demo-env
NOTEBOOKS := build/demo
SITE := build/site-env
BIN := .venv/bin
UV := $(TOOLS)/bin/uv
BENCHED_SITES := build/lite.stamp build/lite-openai.stamp

# No Python but the one that is here, and patience with a slow network.
export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT ?= 180
# The node that Playwright brings needs a library that a small system lacks.
export PLAYWRIGHT_NODEJS_PATH := $(shell which node)

# All in these folders, and the folders, so that a file taken away is a change ("/.": `lite` is a target, too).
inputs = $(shell find $(addsuffix /.,$(1)) \( -name node_modules -o -name static -o -name __pycache__ \) -prune -o -print)

.PHONY: demo test test-ranges soak lite bench screenshots lint lint-locks format lock clean lite-site chromium
# What is installed stays, also where only another file's recipe asked for it.
.SECONDARY:

demo: $(DEMO)/chatwidget.stamp
	mkdir -p $(NOTEBOOKS)
	cp -Ru notebooks/. $(NOTEBOOKS)
	cd $(NOTEBOOKS) && $(CURDIR)/$(DEMO)/bin/jupyter lab --ip=127.0.0.1 --port=$(PORT) --allow-root \
		--LabApp.default_url=/lab/tree/quickstart.ipynb --LabApp.extension_manager=readonly

test: .venv/chatwidget.stamp js/node_modules/tools.stamp lite-site $(DEMO)/chatwidget.stamp chromium
	npm --prefix js test
	$(BIN)/pytest --numprocesses=2 --dist=worksteal

# The ranges in pyproject.toml are true: the oldest releases that they admit, and today's newest.
test-ranges: build/wheel.stamp .venv/lock.stamp
	tests/ranges.sh lowest-direct
	tests/ranges.sh highest

lite: lite-site
	$(SITE)/bin/python lite/serve.py build/lite --port $(PORT)

bench: .venv/chatwidget.stamp js/node_modules/tools.stamp $(BENCHED_SITES) chromium
	$(BIN)/python -m tests.bench

soak: .venv/chatwidget.stamp chromium
	$(BIN)/python -m tests.soak $(SOAK_OPTIONS)
	RELOADS=20 $(BIN)/pytest tests/browser/test_reconnect.py -k r09

screenshots: .venv/chatwidget.stamp js/node_modules/tools.stamp chromium
	$(BIN)/python -m tests.gallery

lint: .venv/lock.stamp js/node_modules/tools.stamp lint-locks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	js/node_modules/.bin/pyright
	npm --prefix js run lint

# No lock has a gap: what each package in it needs is in it, too.
lint-locks: $(DEMO)/lock.stamp $(SITE)/lock.stamp .venv/lock.stamp
	for environment in $(TOOLS) $(DEMO) $(SITE) .venv; do $(UV) pip check --python $$environment || exit; done
	$(SITE)/bin/python lite/build.py --check-pins

format: .venv/lock.stamp js/node_modules/tools.stamp
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	npm --prefix js run format

# Keeps the pins that still fit; UPGRADE=--upgrade renews them all.
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(UPGRADE)
COMPILE_ALL = $(COMPILE) --universal --python-version 3.11
# The kernel brings a stand-in for the one, and has no use for the other.
COMPILE_LITE = $(COMPILE) --python-platform wasm32-pyodide2025 --python-version 3.14 \
	--no-emit-package widgetsnbextension --no-emit-package jupyterlab-widgets

lock: $(UV)
	for name in tools tests demo site; do \
		$(COMPILE_ALL) tests/requirements/$$name.in -o tests/requirements/$$name.txt || exit; done
	$(COMPILE_LITE) lite/requirements.in -o lite/requirements.txt
	$(COMPILE_LITE) lite/requirements-openai.in -o lite/requirements-openai.txt
	npm --prefix js install --package-lock-only
	npm --prefix lite install --package-lock-only

clean:
	rm -rf .venv build js/node_modules lite/node_modules src/chatwidget/static

# The site that tests and bench open.
lite-site: build/lite.stamp

# One installation of system packages at a time: making $(UV) may need one, too.
chromium: | $(UV)
	@test -x /usr/bin/chromium || tests/apt_install.sh chromium fonts-noto-color-emoji
	@test -x /usr/bin/chromium-headless-shell || tests/apt_install.sh chromium chromium-headless-shell \
		|| echo "Without it, the browser tests take a sixth longer."

# pip alone resolves nothing here: each of these few is pinned, and what they need is among them.
$(UV): tests/requirements/tools.txt
	$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or later is needed: make PYTHON=...")'
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || tests/apt_install.sh python3-venv
	$(PYTHON) -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python -m pip install --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes -r $<
	touch $@

# An environment is exactly its lock: nothing is resolved, nothing is built.
define install
	$(UV) venv --clear --python $(PYTHON) $(@D)
	$(UV) pip sync --python $(@D) --require-hashes --no-build $<
endef

.venv/lock.stamp: tests/requirements/tests.txt $(UV)
	$(install)
	touch $@

$(SITE)/lock.stamp: tests/requirements/site.txt $(UV)
	$(install)
	touch $@

$(DEMO)/lock.stamp: tests/requirements/demo.txt tests/requirements/jupyterlab.json $(UV)
	$(install)
	mkdir -p $(@D)/share/jupyter/lab/settings
	cp tests/requirements/jupyterlab.json $(@D)/share/jupyter/lab/settings/overrides.json
	touch $@

# The bundle needs few of the packages; all of them check and test it, too.
js/node_modules/bundle.stamp: js/package-lock.json
	@which npm >/dev/null || { echo "npm is needed: install Node.js 20 or later" >&2; exit 1; }
	npm --prefix js ci --omit=dev
	touch -r js/package-lock.json $@

js/node_modules/tools.stamp: js/package-lock.json js/node_modules/bundle.stamp
	npm --prefix js ci
	touch -r js/package-lock.json js/node_modules/bundle.stamp $@

# Installing the tools empties node_modules, from which the bundle is built; both may be asked for at once.
build/wheel.stamp: | $(if $(filter lint test bench screenshots,$(MAKECMDGOALS)),js/node_modules/tools.stamp)
build/wheel.stamp: $(UV) js/node_modules/bundle.stamp pyproject.toml README.md LICENSE \
		js/package.json js/licences.js js/hatch_build.py $(call inputs,src js/src)
	rm -rf build/wheel
	$(TOOLS)/bin/python -m build --wheel --no-isolation --outdir build/wheel
	touch $@

# Tests, demo and bench run what users install: the wheel, not the tree.
%/chatwidget.stamp: build/wheel.stamp %/lock.stamp
	$(UV) pip install --python $* --no-deps --reinstall build/wheel/*.whl
	touch $@

$(BENCHED_SITES): $(SITE)/chatwidget.stamp $(call inputs,lite notebooks)
	$(SITE)/bin/python lite/build.py --wheel build/wheel/*.whl --out $(basename $@) $(SITE_OPTIONS)
	$(SITE)/bin/python lite/reference.py $(basename $@)/api
	touch $@
build/lite-openai.stamp: SITE_OPTIONS = --with-openai
