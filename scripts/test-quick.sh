#!/bin/sh
# test-quick.sh [FLAGS] runs the tests that need no server, no Python and no root, with
# further flags of go test. Then it says how many tests it left out, and what they need.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
${GO:-go} test -short -v -shuffle=on "$@" ./... >"$log" 2>&1
status=$?
if [ $status != 0 ]; then
	grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|SKIP)|[a-z_0-9]*\.go:[0-9]*: skipped)' "$log" |
		grep -E -B 25 -A 12 '^ *--- FAIL|^panic: |build failed|^FAIL.*[[]' # what a test logs comes first
fi
grep -E '^(ok|FAIL)[[:space:]]+[^[:space:]]' "$log"
sed -n 's/.*skipped with -short: it needs //p' "$log" | sort | uniq -c |
	while read -r count what; do
		echo "skipped: $count tests that need $what"
	done
echo "go test -short -v ./... names them; make test runs them"
exit $status
