#!/usr/bin/env bash
# run.sh [HOST:PORT] runs python/shop.py and its Go port at the same time, on one Redis,
# and lets them answer requests in turn: each serves what the other has cached.
#
# Without an address it starts a redis-server of its own; on another one its keys,
# shop.*, expire after an hour. The Python is $RING_PYTHON_RING,
# or one of a virtual environment that it makes in .cache of the repository.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
pids=()

cleanup() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$dir"
}
trap cleanup EXIT

fail() {
	echo "run.sh: $*" >&2
	exit 1
}

python=${RING_PYTHON_RING:-}
if [ -z "$python" ]; then
	venv=$here/../../.cache/port-venv
	python=$venv/bin/python
	"$python" -c 'import redis, ring' 2>/dev/null || {
		python3 -m venv "$venv"
		"$python" -m pip install -q -r "$here/python/requirements.txt"
	}
fi
(cd "$here" && go build -o "$dir/port" .)

answers() { (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; }

# A port can be taken between the look for a free one and the start of the server: then
# the server ends, and the next port is tried.
start_redis() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		address=127.0.0.1:$((RANDOM % 20000 + 10000)) # below those of outgoing connections
		! answers || continue
		redis-server --bind 127.0.0.1 --port "${address#*:}" --save '' --appendonly no --dir "$dir" >"$dir/redis.log" &
		server=$!
		while kill -0 "$server" 2>/dev/null; do
			if grep -qs 'Ready to accept connections' "$dir/redis.log"; then # which may not be there yet
				pids+=("$server")
				return
			fi
			sleep 0.02
		done
	done
	fail "redis-server does not start: $(cat "$dir/redis.log")"
}

address=${1:-}
if [ -z "$address" ]; then
	command -v redis-server >/dev/null || fail "give the address of a Redis, or install redis-server"
	start_redis
fi

cp "$here/catalogue.json" "$dir/catalogue.json"
shop=nord$$ # part of every key, so that nothing is cached yet
mkfifo "$dir/python.in" "$dir/python.out" "$dir/go.in" "$dir/go.out"
"$python" -W ignore "$here/python/shop.py" "$address" "$dir/catalogue.json" "$shop" <"$dir/python.in" >"$dir/python.out" &
pids+=($!)
"$dir/port" "$address" "$dir/catalogue.json" "$shop" <"$dir/go.in" >"$dir/go.out" &
pids+=($!)
exec 4>"$dir/python.in" 5<"$dir/python.out" 6>"$dir/go.in" 7<"$dir/go.out"

# ask OUT IN REQUEST... sends a request and prints the answer, up to the empty line.
ask() {
	local out=$1 in=$2 line
	shift 2
	echo "$*" >&"$out"
	while read -r line <&"$in"; do
		[ -n "$line" ] || return 0
		echo "$line"
	done
	fail "no answer to: $*"
}
python() { ask 4 5 "$@"; }
go() { ask 6 7 "$@"; }

echo "# each serves what the other has cached"
python product 1
go product 1
go price 1
python price 1 EUR
python price 1 USD
go price 1 USD

echo "# in bulk: what one has cached, the other does not execute"
go page 1 2 3
python page 1 2 3 4
go page 4 3 2 1

echo "# a price changes: who deletes it, deletes it for both"
python set_price 1 4500 EUR
go price 1
python price 1
go set_price 1 5000 USD
python price 1 USD
go price 1 USD
python price 1
