PYTHON ?= python3
PATH := $(CURDIR)/.venv/bin:$(PATH)
export PATH
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test quick check parity bench growth fuzz compat attacks load django-suite clean

help: ## What each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## The environment in .venv, from hashed requirements

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 install"; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install ## Both sites, the router, the worker and their servers, on this machine
	bridge up

check: install ## Format, lint, types, house laws, docs
	ruff format --check .
	ruff check .
	mypy
	python -m pytest -q tests/test_laws.py tests/test_docs.py

quick: install ## The inner loop: the checks and the tests that need no servers
	ruff check .
	python -m pytest -q -x -n 2 -m "not slow" tests

test: install check ## Everything, on two cores
	python -m pytest -q -n 2 --dist loadfile --floor tests/floor.txt tests

parity: install ## A throw-away stack: every sample and every link, asked of both sides as four personas
	bridge up --parity --report out

bench: install ## Ratios against legacy and HAProxy, side by side in one run
	python -m tests.bench

growth: install ## What pages cost with 1,000 to 1,000,000 events, vacancies and releases: a table and var/growth.png
	python -m tests.bench.growth

fuzz: install ## Ten minutes of templates by chance: Django and their imports must print the same
	python -m tests.legacy_adapters.dtl.generated

compat: install ## The adapters against Django 4.2 to 6.1, each in its own environment
	python -m tests.compat

load: install ## 200 signed-in visitors who change sides for a minute, each counting in its session
	python -m tests.bench.visitors

attacks: install ## Attacks on accounts, what each side makes of them, as a table
	python -m pytest -q -s tests/new_app/test_attacks.py

django-suite: install ## Django's own template tests through the importer; DJANGO= a Django source tree
	python -W ignore -m tests.legacy_adapters.dtl.django_suite $(DJANGO)

clean: ## Remove everything that the other targets made
	rm -rf .venv var out tests/legacy_site/media .pytest_cache .mypy_cache .ruff_cache .hypothesis
