# Everything that a fresh clone needs is fetched by the go command.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/lint.mod staticcheck
FUZZTIME ?= 30s
# Modules of their own, and that of ringgen's tests
MODULES = bench otelring promring ringdebug/browser tools/ringgen tools/ringvet examples/service examples/typed examples/warm
LINTED = otelring promring ringdebug/browser tools/ringgen tools/ringvet tools/ringgen/testdata/golden examples/service examples/typed examples/warm
TESTFLAGS ?=

.PHONY: test test-quick servers chromium lint ringvet format race norace interop fuzz valgrind bench bench-quick bench-go bench-servers bench-disk performance python-ring cover reference freshness screenshot

## test: formatting, vet, staticcheck, and all tests under the race detector, against
## real servers; those together with Python's ring where it can be had, and always if
## CI or RING_INTEROP is set
test: servers chromium format
	@$(MAKE) --no-print-directory -j2 lint race norace # lint and race each have a long step that uses one processor
	@if [ -n "$$CI$$RING_INTEROP" ] || scripts/interop-venv.sh >/dev/null; then \
		$(MAKE) --no-print-directory interop; \
	else \
		echo "the tests together with Python's ring are left out, for the reason above"; \
	fi

## test-quick: formatting, vet, and the tests that need no server, no Python and no root,
## in less than two minutes
test-quick: format
	$(GO) vet ./...
	GO="$(GO)" scripts/test-quick.sh $(TESTFLAGS)

## servers: what the tests start, each on its own port, and Python's diskcache
servers:
	@for server in redis-server memcached; do command -v $$server >/dev/null || missing=1; done; \
	/usr/bin/python3 -c 'import diskcache' 2>/dev/null || missing_python=1; \
	command -v prometheus >/dev/null || missing_prometheus=1; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		[ -z "$$missing$$missing_python$$missing_prometheus" ] || { apt-get update -q && \
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server memcached python3-diskcache prometheus; }; \
	elif [ -n "$$missing" ]; then \
		echo "install redis-server and memcached: on Debian, apt-get install redis-server memcached as root"; exit 1; \
	else \
		[ -z "$$missing_python" ] || echo "the tests beside Python's diskcache are skipped: on Debian, apt-get install python3-diskcache as root"; \
		[ -z "$$missing_prometheus" ] || echo "the tests with Prometheus are skipped: on Debian, apt-get install prometheus as root"; \
	fi

## chromium: the browser for the pages of ringdebug. Where it cannot be had those tests are
## skipped, but not if CI is set.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } || \
		echo "the tests in a browser are skipped: on Debian, apt-get install chromium as root"

format:
	@test -z "$$(gofmt -l .)" || { echo "gofmt these files:"; gofmt -l .; exit 1; }

lint: format
	$(GO) vet ./...
	$(STATICCHECK) ./...
	for module in $(MODULES); do $(GO) -C $$module vet ./... || exit; done
	for module in $(LINTED); do $(GO) -C $$module tool -modfile=$(CURDIR)/tools/lint.mod staticcheck ./... || exit; done
	@$(MAKE) --no-print-directory ringvet

## ringvet: this repository's checks of programs that use ring, over its own examples
RINGVET = $(CURDIR)/.cache/ringvet
ringvet:
	$(GO) -C tools/ringvet build -o $(RINGVET) .
	$(GO) vet -vettool=$(RINGVET) ./examples/... ./docs/...
	@! $(GO) vet -vettool=$(RINGVET) . 2>&1 | grep '^example_' # other tests fail on purpose

# lint vets everything. Much of a test's time is spent waiting, for an expiry, a server or
# a disk, so that more of them run at once than there are processors. On a machine that has
# other work to do, those of the root alone take longer than go test allows by itself.
race:
	RING_PYTHON313=$$(scripts/python313.sh || true) RING_PYTHON_RING=$$(scripts/interop-venv.sh || true) \
		$(GO) test -race -shuffle=on -vet=off -timeout=20m -p=$$(($$(getconf _NPROCESSORS_ONLN) + 1)) -parallel=8 $(TESTFLAGS) $$($(GO) list ./... | grep -v /interop$$)

# The race detector allocates, and leaves a part of the rounds to this.
norace:
	$(GO) test $(TESTFLAGS) -vet=off -run 'Allocations|ShortWays|Bounded|Digits|EveryBit|Injective|Model' . ./pickle ./lrucache ./internal/keytext ./internal/keyhash
	for module in $(MODULES); do $(GO) -C $$module test -vet=off $(TESTFLAGS) ./... || exit; done

## interop: Python's ring and this one, on the same servers and files
interop: servers
	python=$$(scripts/interop-venv.sh) && RING_INTEROP_PYTHON=$$python RING_INTEROP=$${RING_INTEROP:-$${CI:+required}} \
		$(GO) test -count=1 -shuffle=on $(TESTFLAGS) ./interop

## fuzz: every fuzz target for FUZZTIME each
fuzz:
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -c6-); do \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir || exit 1; \
		done; \
	done

# Flags of the benchmark program: -lenient, -only TEXT, -json FILE
BENCHFLAGS ?=
PYTHON_RING = $(CURDIR)/.cache/venv/bin/python

# valgrind counts instructions. Where it cannot be had, the program judges times instead.
valgrind:
	@command -v valgrind >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends valgrind; } || \
		echo "valgrind cannot be installed"

## bench: hits, misses, keys and large caches in memory beside a cache written by hand,
## other caches and Python's, as ratios of instructions and of times, with their goals
bench: python-ring valgrind
	RING_PYTHON_RING=$(PYTHON_RING) $(GO) -C bench run . $(BENCHFLAGS) memory

## bench-quick: the hits alone, in about a minute, beside Python's where bench or
## bench-disk have been before
bench-quick: valgrind
	RING_PYTHON_RING=$(wildcard $(PYTHON_RING)) $(GO) -C bench run . -samples 15 $(BENCHFLAGS) hits

## bench-go: the benchmarks of the packages
bench-go:
	$(GO) test -run '^$$' -bench . -benchmem ./...

## performance: bench and hits in Redis, and their results in docs/performance.md and its chart
performance: python-ring valgrind servers
	RING_PYTHON_RING=$(PYTHON_RING) $(GO) -C bench run . -lenient -json $(CURDIR)/.cache/bench.json memory redis
	$(GO) -C bench run . document $(CURDIR)/.cache/bench.json $(CURDIR)/docs/performance.md
	$(GO) -C bench run . chart $(CURDIR)/.cache/bench.json > .cache/performance.svg
	mv .cache/performance.svg docs/performance.svg

## bench-servers: the storages on servers beside the raw clients, as ratios
bench-servers: servers
	$(GO) -C bench run . redis servers

## bench-disk: shelves, cache directories and pickles beside the driver and Python's own
bench-disk: python-ring
	RING_PYTHON313=$$(scripts/python313.sh) RING_PYTHON_RING=$(PYTHON_RING) $(GO) -C bench run . disk

# Python's ring, in a separate environment
python-ring:
	$(PYTHON_RING) -c 'import ring, diskcache' 2>/dev/null || \
		{ python3 -m venv .cache/venv && .cache/venv/bin/pip install -q ring==0.10.1 diskcache==5.6.3; }

## reference: docs/reference.md, from tools/reference and the doc comments
reference:
	$(GO) run ./tools/reference/cmd

## freshness: the picture and the table of docs/freshness.md
freshness:
	$(GO) run ./docs/freshness > .freshness.svg && mv .freshness.svg docs/freshness.svg
	$(GO) test ./docs/freshness -run TestDay -update

## screenshot: docs/ringdebug.png, the live page of a program that is busy for a minute
screenshot: chromium
	$(GO) -C ringdebug/browser run ./screenshot -o $(CURDIR)/docs/ringdebug.png

cover:
	$(GO) test -coverpkg=./... -coverprofile=cover.out ./... && $(GO) tool cover -func=cover.out | tail -1
