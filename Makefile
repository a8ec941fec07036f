PYTHON ?= python3
PATH := $(CURDIR)/.venv/bin:$(PATH)
export PATH
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test quick check parity bench clean

help: ## What each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## The environment in .venv, from hashed requirements

$(STAMP): requirements/dev.txt pyproject.toml
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

clean: ## Remove everything that the other targets made
	rm -rf .venv var out .pytest_cache .mypy_cache .ruff_cache .hypothesis
