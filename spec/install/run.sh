#!/bin/bash
# run.sh ROOT [FILE…]: the specs of this folder on the Debian in the folder ROOT, which packaging/check-install.sh makes. It is booted in
# namespaces of its own without a network but loopback, on which the specs' game and clients are too; the specs get its folder as $ROOT and
# the process of its systemd as $INIT. Ends what it started, however it ends.
set -eu
cd "$(dirname "$0")/../.."
if [ "${1:-}" != --enclosed ]; then
	exec unshare --net --mount --pid --fork --kill-child "$0" --enclosed "$@"
fi
shift
root=$1
shift
mount -t proc proc /proc
ip link set lo up

groups=$(findmnt --noheadings --output TARGET --types cgroup2 | head -n 1)
[ -n "$groups" ] || { echo "run.sh: there is no cgroup2 file system to start a system in" >&2; exit 1; }
cgroup=$groups/skotos-install-$(basename "$root")
remove_groups() { find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null; }
end() {
	kill -KILL "$system" 2>/dev/null || true
	wait "$system" 2>/dev/null || true
	for _ in $(seq 50); do
		remove_groups && break
		sleep 0.1
	done
}
remove_groups || true
mkdir "$cgroup"
spec/install/boot.sh "$root" "$cgroup" &
system=$!
trap end EXIT

# Its init is the first process of the group that systemd makes for itself.
for _ in $(seq 300); do
	init=$(head -n 1 "$cgroup/init.scope/cgroup.procs" 2>/dev/null) || true
	[ -z "$init" ] || break
	kill -0 "$system" 2>/dev/null || { echo "run.sh: the system in $root ended while it started" >&2; exit 1; }
	sleep 0.1
done
[ -n "$init" ] || { echo "run.sh: no systemd started in $root within 30 s" >&2; exit 1; }
inside() { timeout 120 nsenter --target "$init" --mount --pid --uts --ipc --cgroup --root --wd "$@" </dev/null; }
for _ in $(seq 300); do
	state=$(inside systemctl is-system-running 2>/dev/null) || true
	[ "$state" != running ] || break
	[ "$state" != degraded ] || { inside systemctl --no-pager --failed >&2; exit 1; }
	sleep 0.1
done
[ "$state" = running ] || { echo "run.sh: the system in $root is $state, and not running, after 30 s" >&2; exit 1; }

ROOT=$root INIT=$init lua5.4 /usr/bin/busted -o spec/support/counts.lua "${@:-spec/install}"
