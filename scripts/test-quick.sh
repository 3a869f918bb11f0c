#!/bin/sh
# test-quick.sh [FLAGS] runs the tests that need no server, no Python and no root, with
# further flags of go test. Then it says how many tests it left out, and what they need.
# The names of the tests that failed come last.
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
[ $status = 0 ] || awk '
	/^ *--- FAIL: / { tests[++n] = $3 }
	/^FAIL[ \t]+[^ \t]/ { # the package of these tests, or one that did not build
		for (i = 1; i <= n; i++) print "failed: " $2 " " tests[i]
		if (n == 0) print "failed: " $2 " as a whole"
	}
	/^(ok|FAIL)[ \t]+[^ \t]/ { n = 0 }
' "$log"
exit $status
