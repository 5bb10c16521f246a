# Everything that is done by hand more than once. `make` alone lists it.

PYTHON ?= python3
PORT ?= 8000
# More words for pytest: make test ARGS="-k photo"
ARGS ?=

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Whoever runs out of tests takes over some of another's, and modules mostly stay in one process.
PYTEST := $(BIN)/python -m pytest --numprocesses=auto --dist worksteal -r sfE
ON_SQLITE := env -u DATABASE_URL
POSTGRES := $(BIN)/python tests/with_postgres.py
PAGES := $(shell find templates -name '*.html')
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/*.po)

# Stamps. Each is written when its step has succeeded: what broke off half-way is done again.
VENV := .venv/.made
PACKAGES := .venv/.packages
DEV_PACKAGES := .venv/.dev-packages
BENCH_PACKAGES := .venv/.bench-packages
LIGHTHOUSE := tools/looks/node_modules/.made

# What tests need that PyPI hasn't. `make test` goes without it, `make ci` refuses to.
LACKING = $(shell \
	$(PYTHON) tests/with_postgres.py --check || echo "PostgreSQL: make test-postgres."; \
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || echo "Chromium: make test-browser."; \
	command -v exiftool >/dev/null || echo "exiftool: the tests that read photos with it."; \
	command -v openssl >/dev/null || echo "openssl: a test of certificates."; \
	PATH=$$PATH:/usr/sbin command -v nginx >/dev/null || echo "nginx: the tests of the site that deploy/ ships."; \
	command -v redis-server >/dev/null || echo "redis-server: the tests of what machines share.")

.PHONY: help run test test-browser test-postgres faults coverage audit bench scale lighthouse screenshots card ci complete lint translations deployable format lock messages catalogues clean
.DELETE_ON_ERROR:
.NOTPARALLEL:
# Where it is set, each process compiles anew what it imports, and pytest all tests.
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

run: export DEBUG = on
run: export SITE_URL = http://127.0.0.1:$(PORT)
run: $(PACKAGES) catalogues  ## the site with demo content, on port 8000 or PORT=…
	$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo
	$(MANAGE) runserver 127.0.0.1:$(PORT)

test: $(DEV_PACKAGES) catalogues  ## all tests but the browser's, on SQLite
	$(ON_SQLITE) $(PYTEST) -m "not browser and not faults" $(ARGS)

test-browser: $(DEV_PACKAGES) catalogues  ## the tests in a browser, on SQLite (needs Chromium)
	$(ON_SQLITE) $(PYTEST) -m browser $(ARGS)

test-postgres: $(DEV_PACKAGES) catalogues  ## all but the browser's and the journeys in a browser, on PostgreSQL
	$(POSTGRES) $(PYTEST) -m "journey or not browser and not faults" $(ARGS)

# One process: the site of the second line has as many as the machine can bear.
faults: $(DEV_PACKAGES) catalogues  ## the site on two machines with one fault after another (QUICK=1: some), and all slow tests
	$(if $(QUICK),,$(ON_SQLITE) $(PYTEST) -m "slow and not faults" $(ARGS))
	$(ON_SQLITE) $(PYTEST) --numprocesses=0 $(if $(QUICK),-m "not slow") tests/faults $(ARGS)

coverage: $(DEV_PACKAGES) catalogues  ## how much of the code the tests but the browser's run
	$(ON_SQLITE) $(PYTEST) -m "not browser and not faults" --cov --cov-report=term:skip-covered $(ARGS)

audit: $(DEV_PACKAGES)  ## known vulnerabilities of what the locks pin (asks pypi.org)
	$(BIN)/pip-audit --strict --require-hashes --disable-pip $(patsubst %,--requirement %,requirements-machines.txt requirements-dev.txt)

bench: $(BENCH_PACKAGES) catalogues  ## what pages, photos, logs, writes and readers cost, beside other ways; QUICK=1 takes two minutes
	$(if $(findstring PostgreSQL,$(LACKING)),$(ON_SQLITE),$(POSTGRES)) $(BIN)/python -m tools.bench

scale: $(PACKAGES) catalogues  ## what a day of ten million visitors takes, counted; ARGS=--count counts anew
	$(BIN)/python -m tools.scale $(ARGS)

lighthouse: $(PACKAGES) $(LIGHTHOUSE) catalogues  ## what Lighthouse says of the main pages (needs npm and Chromium)
	$(BIN)/python -m tools.looks.lighthouse

screenshots: $(DEV_PACKAGES) catalogues  ## pictures of all pages in var/screenshots; ARGS=--readme makes those of the README
	$(BIN)/python -m tools.looks.screenshots $(ARGS)

card: $(DEV_PACKAGES)  ## draw what links to pages without a photo show elsewhere
	$(BIN)/python -m tools.looks.card

ci: export REQUIRE_ALL = 1
ci: QUICK = 1
ci: complete lint translations deployable test test-browser test-postgres faults  ## what must pass before a change is merged; leaves nothing out

complete:
	@test -z "$(LACKING)" || { echo "make ci leaves nothing out, but lacks $(LACKING)" >&2; exit 1; }

lint: export DEBUG = on
lint: $(DEV_PACKAGES)  ## style, format, types, containers, direction of imports, missing and unsafe migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djade --target-version 5.2 --check $(PAGES)
	$(BIN)/oxlint --deny correctness --deny suspicious static/js
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yml
	$(BIN)/python -m tools.import_layers
	$(BIN)/mypy
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) lintmigrations --settings tools.migrations_settings

# The catalogue must hold just the messages that the code and the templates do, each translated.
translations: export DEBUG = on
translations: $(PACKAGES)
	$(foreach po,$(CATALOGUES),msgfmt --check --output-file=/dev/null $(po) &&) true
	$(MANAGE) makemessages $(MESSAGES) --exclude vi --keep-pot
	msgcmp locale/vi/LC_MESSAGES/django.po locale/django.pot; status=$$?; rm -f locale/django.pot; exit $$status

deployable: export DEBUG = off
deployable: export SECRET_KEY = $(shell $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(64))")
deployable: export ALLOWED_HOSTS = vietmusic.example
deployable: export SITE_URL = https://vietmusic.example
deployable: export WORK = worker
deployable: $(PACKAGES) catalogues
	@# One database for both: the policy is checked against what migrate has published.
	$(POSTGRES) sh -ec '$(MANAGE) migrate --verbosity 0; $(MANAGE) check --deploy --fail-level WARNING --database default'
	$(MANAGE) collectstatic --no-input --verbosity 0

format: $(DEV_PACKAGES)  ## put the code into its format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djade --target-version 5.2 $(PAGES)

# For every platform and each Python from 3.11 on, not just those of this machine.
LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: $(DEV_PACKAGES)  ## pin all packages with their hashes, after a change of requirements*.in
	@# One after another: each layer keeps the versions of production.
	$(LOCK) --output-file requirements.txt requirements.in
	$(LOCK) --constraint requirements.txt --output-file requirements-machines.txt requirements-machines.in
	$(LOCK) --constraint requirements-machines.txt --output-file requirements-dev.txt requirements-dev.in
	$(LOCK) --constraint requirements.txt --output-file requirements-bench.txt requirements-bench.in

MESSAGES := --extension html,txt,py,svg --no-obsolete --add-location file --ignore var --ignore tests --ignore tools --ignore demo
messages: export DEBUG = on
messages: $(PACKAGES)  ## write new texts into the Vietnamese catalogue, to be translated (needs gettext)
	$(MANAGE) makemessages $(MESSAGES) --locale vi

catalogues: $(CATALOGUES:.po=.mo)  ## compile the translations (`make run` and `make test` do)

# polib rather than gettext's msgfmt, which a fresh machine hasn't.
%.mo: %.po $(PACKAGES)
	$(BIN)/python -c "import sys, polib; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])" $< $@

clean:  ## remove what the commands above made, but not the data in var/
	rm -rf .venv tools/looks/node_modules staticfiles locale/*/LC_MESSAGES/*.mo

$(VENV):
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
	|| { echo "Python 3.11 or later is needed: install it, or name it with PYTHON=…" >&2; exit 1; }
	@# Debian has split what makes a virtual environment from Python.
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
		apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq"; \
		$$sudo true 2>/dev/null && $$apt update && $$apt -y --no-install-recommends install python3-venv; \
	} || { echo "A virtual environment cannot be made: install python3-venv, then try again." >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

$(PACKAGES): requirements.txt $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(DEV_PACKAGES): requirements-dev.txt $(PACKAGES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(BENCH_PACKAGES): requirements-bench.txt $(PACKAGES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(LIGHTHOUSE): tools/looks/package.json
	npm install --prefix tools/looks --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
