# Everything that a fresh clone needs is fetched by the go command.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck
FUZZTIME ?= 30s

.PHONY: test servers lint race fuzz bench bench-servers cover

## test: formatting, vet, staticcheck, and all tests under the race detector, against
## real servers
test: servers lint race

## servers: what the tests start, each on a port of its own
servers:
	@for server in redis-server memcached; do command -v $$server >/dev/null || missing=1; done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server memcached; \
		else \
			echo "install redis-server and memcached: on Debian, apt-get install redis-server memcached as root"; exit 1; \
		fi; \
	fi

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt these files:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(GO) -C bench vet ./...

race:
	$(GO) test -race -shuffle=on ./...

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

cover:
	$(GO) test -coverpkg=./... -coverprofile=cover.out ./... && $(GO) tool cover -func=cover.out | tail -1
