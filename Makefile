# Tasks of the repository; `make` lists them. They install nothing outside of this folder (but for `make install`),
# and must stay thin: what a task does belongs in cargo, bun or a script that can be run without make.

DATA    ?= .data
PREFIX  ?= /usr/local
SECONDS ?= 60
DESTDIR ?=

# `quick` builds in minutes and is fast enough to move logs at real speed; `release` is what ships.
PROFILE := quick
TARGET  := $(or $(CARGO_TARGET_DIR),target)
OORED   := $(TARGET)/$(PROFILE)/oored
RELEASE := $(TARGET)/release/oored

# build.rs looks for bun on PATH, so the pinned one comes first.
BUN_VERSION := $(shell cat frontend/.bun-version)
BUN_STAMP   := .tools/bun-$(BUN_VERSION)
BUN         := $(CURDIR)/.tools/node_modules/.bin/bun
export PATH := $(dir $(BUN)):$(PATH)

# nextest is faster and shows slow tests; plain cargo runs the same tests.
CARGO_TEST := $(if $(shell cargo nextest --version 2>/dev/null),\
	cargo nextest run --cargo-profile $(PROFILE),cargo test --profile $(PROFILE))
# The same one after the other, with the figures that tests print.
CARGO_TEST_ALOUD := $(CARGO_TEST) $(if $(findstring nextest,$(CARGO_TEST)),--no-capture)

.DEFAULT_GOAL := help
.PHONY: help tools payloads smtp s3 build run dev test test-rust test-ui test-journeys journeys check lint fmt openapi docs bench faults \
	fuzz release package install ui-hosted dist/share

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

# --- tools -----------------------------------------------------------------------------------------------------------

tools: frontend/node_modules/.installed ## fetch the pinned bun and the front end's packages

# The stamps stand for folders whose own times come from the packages and say nothing.
$(BUN_STAMP):
	mkdir -p .tools
	npm install --prefix .tools --no-audit --no-fund --ignore-scripts=false bun@$(BUN_VERSION)
	$(BUN) --version
	touch $@

frontend/node_modules/.installed: $(BUN_STAMP) frontend/package.json frontend/bun.lock
	cd frontend && $(BUN) install --frozen-lockfile
	touch $@

# An identity provider for journeys and benches; what others build does not need it.
PROVIDER := frontend/e2e/provider
$(PROVIDER)/node_modules/.installed: $(PROVIDER)/package.json $(PROVIDER)/package-lock.json
	cd $(PROVIDER) && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

# The payloads that tests of webhooks deliver, as GitHub publishes them.
PAYLOADS := tests/payloads
$(PAYLOADS)/node_modules/.installed: $(PAYLOADS)/package.json $(PAYLOADS)/package-lock.json
	cd $(PAYLOADS) && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

payloads: $(PAYLOADS)/node_modules/.installed ## fetch the published payloads of webhooks, for tests

# The mail server that tests send to.
SMTP := tests/smtp
$(SMTP)/node_modules/.installed: $(SMTP)/package.json $(SMTP)/package-lock.json
	cd $(SMTP) && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

smtp: $(SMTP)/node_modules/.installed ## fetch the mail server that tests send to

# The S3 server that tests of stores run against.
WEED := .tools/weed-4.48
$(WEED): tests/s3/fetch.mjs
	node tests/s3/fetch.mjs .tools
	touch $@

s3: $(WEED) ## fetch the S3 server for tests

# --- run -------------------------------------------------------------------------------------------------------------

build: tools ## build oored with the UI in it, quickly
	cargo build --profile $(PROFILE)

run: build ## start on http://localhost:8787 with the example project; state is in .data
	$(OORED) run --data-dir $(DATA) --example examples/hello_flutter

dev: build ## the same, and a UI server that reloads on change and passes API calls on
	@$(OORED) run --data-dir $(DATA) --example examples/hello_flutter & daemon=$$!; \
	trap 'kill $$daemon' EXIT; trap 'exit 130' INT TERM; \
	cd frontend && $(BUN) run dev

# --- test ------------------------------------------------------------------------------------------------------------

test: test-rust test-ui test-journeys ## every test: Rust, UI, browser journeys

test-rust: tools payloads smtp s3 ## Rust tests
	$(CARGO_TEST) --workspace

test-ui: tools ## UI tests
	cd frontend && $(BUN) run test

# The journeys need a browser and an nginx that this repository cannot bring along.
test-journeys: build journeys ## browser journeys against the real binary

# With the binary that is there: the one that `make test-rust` has built is as good, and another feature set would be built anew.
journeys: $(PROVIDER)/node_modules/.installed
	@for chromium in "$$CHROMIUM" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		/Applications/Chromium.app/Contents/MacOS/Chromium none; do \
		if [ -x "$$chromium" ]; then break; fi; \
	done; \
	if [ "$$chromium" = none ]; then \
		echo 'No Chromium found: install chromium (apt-get install chromium) or Google Chrome, or set CHROMIUM.' >&2; \
		exit 1; \
	fi; \
	for nginx in "$$NGINX" /usr/sbin/nginx /usr/bin/nginx /opt/homebrew/bin/nginx /usr/local/bin/nginx none; do \
		if [ -x "$$nginx" ]; then break; fi; \
	done; \
	if [ "$$nginx" = none ]; then \
		echo 'No nginx found: install it (apt-get install nginx-light, brew install nginx), or set NGINX.' >&2; \
		exit 1; \
	fi; \
	NGINX="$$nginx" CHROMIUM="$$chromium" OORED_BIN="$(abspath $(OORED))" node frontend/e2e/run.mjs

check: lint test-ui ## lint and UI tests: what to run before a commit

lint: tools ## format, clippy, TypeScript types and lint, generated client current
	cargo fmt --all --check
	cargo clippy --profile $(PROFILE) --workspace --all-targets -- -D warnings
	cd frontend && $(BUN) run routes && $(BUN) run typecheck && $(BUN) run lint && $(BUN) run generate --check

fmt: tools ## format Rust and TypeScript
	cargo fmt --all
	cd frontend && $(BUN) run format

# By way of a second file: a daemon that fails must not leave an empty document.
openapi: build ## write openapi/openapi.json and the TypeScript client from the code
	$(OORED) openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json
	cd frontend && $(BUN) run generate

docs: tools ## write the pages of docs/ that are tables of rules: states, permissions
	OORE_WRITE_DOCS=1 $(CARGO_TEST) --lib domain::

bench: tools s3 $(PROVIDER)/node_modules/.installed ## figures of this machine, as ratios taken in one run
	cargo bench --profile release --bench product

faults: tools ## the tests that kill, freeze and fill disks; slow
	RUST_TEST_NOCAPTURE=1 OORE_FAULT_POINTS=200 $(CARGO_TEST_ALOUD) --test it -- faults key::

fuzz: tools ## feed what reads foreign bytes with bytes, SECONDS (60) for each reader
	RUST_TEST_NOCAPTURE=1 RUST_TEST_THREADS=1 OORE_FUZZ_SECONDS=$(SECONDS) $(CARGO_TEST_ALOUD) --test fuzz

# --- ship ------------------------------------------------------------------------------------------------------------

# Paths of the building machine have no place in a binary that others run.
release: tools ## build the shipping binary
	RUSTFLAGS="--remap-path-prefix=$(CURDIR)=oore --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo" \
		cargo build --release

# What `make package` packs and `make install` installs: another program than the one that is built here, for instance the signed one.
BINARY  ?= $(RELEASE)
SYSTEM  := $(patsubst darwin,macos,$(shell uname -s | tr A-Z a-z))
MACHINE ?= $(patsubst arm64,aarch64,$(shell uname -m))
VERSION := $(shell sed -n '/^\[workspace.package\]/,/^$$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
PACKAGE := oored-$(VERSION)-$(SYSTEM)-$(MACHINE)

# The same program writes its completions and the pages of its manual.
dist/share: $(if $(filter $(RELEASE),$(BINARY)),release)
	rm -rf $@ && mkdir -p $@/completions $@/man
	$(BINARY) oore completions bash > $@/completions/oore.bash
	$(BINARY) oore completions zsh > $@/completions/_oore
	$(BINARY) oore completions fish > $@/completions/oore.fish
	$(BINARY) oore man $@/man

# The name says for which machine: oored-0.1.0-linux-x86_64.tar.gz
package: dist/share ## release archive in dist/
	rm -rf "dist/$(PACKAGE)" && mkdir -p "dist/$(PACKAGE)"
	install -m 0755 $(BINARY) "dist/$(PACKAGE)/oored"
	ln -s oored "dist/$(PACKAGE)/oore"
	cp LICENSE README.md packaging/oored.example.env "dist/$(PACKAGE)"
	cp -R packaging/systemd packaging/launchd dist/share/completions dist/share/man "dist/$(PACKAGE)"
	tar -czf "dist/$(PACKAGE).tar.gz" -C dist "$(PACKAGE)"
	rm -r "dist/$(PACKAGE)"
	@echo "dist/$(PACKAGE).tar.gz"

# Static files for any web host; docs/HOSTED_UI.md says what it has to know.
ui-hosted: tools ## build the web UI for a web host of its own, in dist/ui-hosted
	cd frontend && $(BUN) run build.ts --hosted --outdir ../dist/ui-hosted

install: dist/share ## install oored, its second name oore, completions and manual under PREFIX (/usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
		"$(DESTDIR)$(PREFIX)/etc/bash_completion.d" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 0755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/oored"
	ln -sf oored "$(DESTDIR)$(PREFIX)/bin/oore"
	install -m 0644 dist/share/man/*.1 "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 0644 dist/share/completions/oore.bash "$(DESTDIR)$(PREFIX)/etc/bash_completion.d/oore"
	install -m 0644 dist/share/completions/_oore "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_oore"
	install -m 0644 dist/share/completions/oore.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/oore.fish"
