# Everything one does with a checkout of Jalon. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help run setup bundles test check bench lock clean parts
MAKEFLAGS += --no-print-directory
# what Python has compiled is kept, whatever the machine says: the tests start it hundreds of times
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
BROWSER := jalon/browser
BUILT := jalon/static/built
SOURCES := $(shell find $(BROWSER) -path $(BROWSER)/node_modules -prune -o -type f ! -name package-lock.json -print)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
# one more than there are cores: a quarter of the time a test waits for a server of its own
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 3 ] && echo 4 || echo $$((n + 1)))

help: ## montrer cette aide
	@echo "Jalon. Les commandes :"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup bundles ## tout préparer, puis servir Jalon sur 127.0.0.1:8080 avec la CPTS de démonstration
	@exec $(BIN)/jalon up

setup: $(STAMPS)/run ## créer .venv et y installer ce que Jalon demande

bundles: $(BUILT)/LICENSES.txt ## construire les parties du navigateur (Node vient de .venv)

test: $(STAMPS)/dev bundles parts ## tout éprouver : unités, parcours entiers sur SQLite et PostgreSQL, pages, accessibilité
	@echo "→ essais ($(WORKERS) à la fois)"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(STAMPS)/dev ## relire le code sans l'exécuter : ruff, mypy, import-linter
	@failed=0; \
	echo "→ ruff"; $(BIN)/ruff check . || failed=1; \
	echo "→ mypy"; $(BIN)/mypy || failed=1; \
	echo "→ import-linter"; $(BIN)/lint-imports --no-cache || failed=1; \
	exit $$failed

bench: $(STAMPS)/dev ## mesurer : FEEL et DMN, départ, réponses, débit, lignes et octets par dossier (ARGS=feel : FEEL et DMN seuls)
	@$(BIN)/python -m bench $(ARGS)

lock: $(STAMPS)/venv ## refaire requirements.lock et requirements-dev.lock depuis pyproject.toml
	@.ci/lock

clean: ## retirer ce qui a été construit ; .venv et les données de var/ restent
	@rm -rf build dist $(BUILT) $(BROWSER)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

parts: # the parts of the machine that the tests need
	@.ci/parts

$(STAMPS)/venv:
	@echo "→ environnement Python dans $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Jalon demande Python 3.11 ou plus récent. Indiquez-le : make PYTHON=python3.11"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); echo "Il manque le module venv de Python. Installez-le : apt-get install python3-venv"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/locked: requirements.lock $(STAMPS)/venv
	@echo "→ dépendances, une à deux minutes la première fois"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(STAMPS)/run: pyproject.toml $(STAMPS)/locked
	@echo "→ Jalon"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/run
	@echo "→ outils d'essai et de relecture"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(BROWSER)/node_modules/.package-lock.json: $(BROWSER)/package-lock.json | $(STAMPS)/locked
	@echo "→ paquets du navigateur"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix $(BROWSER) --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(BUILT)/LICENSES.txt: $(SOURCES) $(BROWSER)/node_modules/.package-lock.json
	@echo "→ parties du navigateur"
	@$(BIN)/node $(BROWSER)/build.mjs
	@touch $@
