#!/bin/sh
# interop-venv.sh [DIR] makes a virtual environment with the packages of
# interop/requirements.txt in DIR (default: .cache/interop in the repository) and prints
# the path of a command that runs Python with them. That is the Python 3.13 of
# python313.sh where there is one, whose shelve writes what package shelve reads, and
# the Python of the environment else: the packages are the same for both.
#
# It fails, and says what to install, where there is no Python with venv and pip.
set -eu

cd "$(dirname "$0")/.."
dir=${1:-.cache/interop}
requirements=interop/requirements.txt

fail() {
	echo "interop-venv.sh: $*" >&2
	exit 1
}

# suits tells whether $1 can make a virtual environment with pip in it.
suits() {
	"$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

mkdir -p "$dir" || fail "cannot make $dir"
dir=$(cd "$dir" && pwd)

# What is there is good if it is whole, of these versions, and where it was made.
if [ "$(cat "$dir/made" 2>/dev/null)" != "$dir $(cksum <$requirements)" ]; then
	base=
	for name in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
		if command -v "$name" >/dev/null && suits "$name"; then
			base=$name
			break
		fi
	done
	[ -n "$base" ] || fail "there is no Python 3.10 or newer with venv and pip: on Debian, apt-get install python3-venv as root"
	rm -rf "$dir/venv" "$dir/made"
	"$base" -m venv "$dir/venv" >&2 || fail "$base cannot make a virtual environment: on Debian, apt-get install python3-venv as root"
	"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps -r $requirements >&2 ||
		fail "the packages of $requirements cannot be installed"
	echo "$dir $(cksum <$requirements)" >"$dir/made"
fi

packages=$("$dir/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || fail "the environment in $dir does not run: remove it"
python=$(scripts/python313.sh) || python=$dir/venv/bin/python
cat >"$dir/python.new" <<END
#!/bin/sh
PYTHONPATH='$packages' exec '$python' "\$@"
END
chmod +x "$dir/python.new"
mv "$dir/python.new" "$dir/python"
"$dir/python" -W ignore -c 'import ring, redis, pymemcache, memcache, diskcache' >&2 || fail "$python does not run with the packages of $dir"
echo "$dir/python"
