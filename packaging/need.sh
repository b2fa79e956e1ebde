#!/bin/sh
# need.sh WHAT...: installs with apt the Debian packages that are not there. WHAT is a package, or command:NAME=PACKAGE, which is
# enough when a command of that name is on the PATH, wherever it came from. Starts no service. Says nothing when all is there.
set -eu

missing=
for what in "$@"; do
	case $what in
	command:*)
		name=${what#command:}
		command -v "${name%%=*}" >/dev/null 2>&1 || missing="$missing ${name#*=}" ;;
	*)
		dpkg-query -W -f '${db:Status-Status}' "$what" 2>/dev/null | grep -qx installed || missing="$missing $what" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "missing Debian packages; as root: apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "installing with apt:$missing" >&2

# A package's own service is not to start, only because its files are wanted.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
	trap '$as_root rm -f $policy' EXIT
	trap 'exit 130' INT TERM HUP
fi
log=$(mktemp)
install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 && return
	tail -n 20 "$log" >&2
	rm -f "$log"
	exit 1
}
install update -q
# shellcheck disable=SC2086
install install -q -y --no-install-recommends $missing
rm -f "$log"
