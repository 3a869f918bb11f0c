#!/bin/sh
# python313.sh [DIR] prints the path of a Python 3.13 or newer whose shelve writes
# dbm.sqlite3, the format of package shelve. One on PATH is taken as it is. Otherwise,
# as root on Debian or Ubuntu, the packages of Debian 13 (trixie) are unpacked into DIR
# (default: .cache/python3.13 in the repository) without being installed: apt works
# with a configuration and a state of its own there, and the system's stay untouched.
set -eu

dir=${1:-$(dirname "$0")/../.cache/python3.13}
packages="python3.13-minimal libpython3.13-minimal libpython3.13-stdlib
	libc6 libsqlite3-0 zlib1g libexpat1 libssl3t64 libffi8 libbz2-1.0 liblzma5
	libuuid1 libgcc-s1 libncursesw6 libtinfo6 libreadline8t64"

fail() {
	echo "python313.sh: $*" >&2
	exit 1
}

# suits tells whether $1 runs, is new enough and has what the tests use.
suits() {
	"$1" -c 'import sys, shelve, dbm.sqlite3; sys.exit(sys.version_info < (3, 13))' >/dev/null 2>&1
}

for name in python3.13 python3.14 python3.15 python3; do
	found=$(command -v "$name") || continue
	if suits "$found"; then
		echo "$found"
		exit
	fi
done

mkdir -p "$dir" || fail "cannot make $dir"
dir=$(cd "$dir" && pwd)
python=$dir/python3.13
if suits "$python"; then
	echo "$python"
	exit
fi

advice="install Python 3.13 or newer so that python3.13 is on PATH"
[ "$(id -u)" = 0 ] || fail "there is no Python 3.13 on PATH, and fetching one takes root: $advice"
for tool in apt-get dpkg; do
	command -v "$tool" >/dev/null || fail "there is no Python 3.13 on PATH and no $tool to fetch one: $advice"
done

# The host that this system fetches Debian from, also when it is a mirror.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
	grep -Ev '^[[:space:]]*#' | grep -Eo 'https?://[^[:space:]]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]') || true
[ -n "$mirror" ] || fail "apt's sources name no mirror of Debian: $advice"

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "there is no $keyring to check Debian's packages with: apt-get install debian-archive-keyring, or $advice"

apt=$dir/apt
root=$dir/root
rm -rf "$apt" "$root" "$python"
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/none" "$root"
: >"$apt/status"
echo "deb [signed-by=$keyring] $mirror trixie main" >"$apt/sources.list"

# What -c names is read after the system's own settings, which hold where it does not
# replace them (a proxy, for example). The system's hooks are not for these files.
cat >"$apt/apt.conf" <<END
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::Preferences "$apt/preferences";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::State::Extended_States "$apt/extended_states";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi;
END

log=$apt/log
apt-get -q -c "$apt/apt.conf" update >"$log" 2>&1 || { cat "$log" >&2; fail "apt-get update with $mirror failed: $advice"; }
(cd "$apt/archives" && apt-get -q -c "$apt/apt.conf" download $packages) >>"$log" 2>&1 ||
	{ cat "$log" >&2; fail "the packages cannot be fetched from $mirror: $advice"; }
for deb in "$apt/archives"/*.deb; do
	dpkg -x "$deb" "$root" || fail "$deb cannot be unpacked"
done

# The packages bring their own C library, since the system's may be older.
library=$(find "$root" -name libsqlite3.so.0 -exec dirname {} \; | head -n 1)
loader=$(find "$root" -name 'ld-linux*.so.*' | head -n 1)
[ -n "$library" ] && [ -n "$loader" ] || fail "the packages of trixie are not laid out as expected in $root: $advice"
cat >"$python" <<END
#!/bin/sh
PYTHONHOME='$root/usr' exec '$loader' --library-path '$library' '$root/usr/bin/python3.13' "\$@"
END
chmod +x "$python"
rm -rf "$apt"

suits "$python" || { "$python" -c 'import shelve, dbm.sqlite3' >&2 || true; fail "the Python in $root does not run here: $advice"; }
echo "$python"
