# Everything that a fresh clone needs is fetched by the go command.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck
FUZZTIME ?= 30s

.PHONY: test servers lint race fuzz bench bench-servers bench-disk cover reference

## test: formatting, vet, staticcheck, and all tests under the race detector, against
## real servers
test: servers lint race

## servers: what the tests start, each on a port of its own, and Python's diskcache
servers:
	@for server in redis-server memcached; do command -v $$server >/dev/null || missing=1; done; \
	/usr/bin/python3 -c 'import diskcache' 2>/dev/null || missing_python=1; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		[ -z "$$missing$$missing_python" ] || { apt-get update -q && \
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server memcached python3-diskcache; }; \
	elif [ -n "$$missing" ]; then \
		echo "install redis-server and memcached: on Debian, apt-get install redis-server memcached as root"; exit 1; \
	elif [ -n "$$missing_python" ]; then \
		echo "the tests beside Python's diskcache are skipped: on Debian, apt-get install python3-diskcache as root"; \
	fi

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt these files:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(GO) -C bench vet ./...

race:
	RING_PYTHON313=$$(scripts/python313.sh || true) $(GO) test -race -shuffle=on ./...

## fuzz: every fuzz target for FUZZTIME each
fuzz:
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -c6-); do \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir || exit 1; \
		done; \
	done

## bench: hits, misses and keys, beside the hand-written equivalent
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

## bench-servers: the storages on servers beside the raw clients, as ratios
bench-servers: servers
	$(GO) -C bench run . servers

## bench-disk: shelves, cache directories and pickles beside the driver and Python's own
bench-disk:
	.cache/venv/bin/python -c 'import ring, diskcache' 2>/dev/null || \
		{ python3 -m venv .cache/venv && .cache/venv/bin/pip install -q ring==0.10.1 diskcache==5.6.3; }
	RING_PYTHON313=$$(scripts/python313.sh) RING_PYTHON_RING=$(CURDIR)/.cache/venv/bin/python $(GO) -C bench run . disk

## reference: docs/reference.md, from internal/reference and the doc comments
reference:
	$(GO) run ./internal/reference/cmd

cover:
	$(GO) test -coverpkg=./... -coverprofile=cover.out ./... && $(GO) tool cover -func=cover.out | tail -1
