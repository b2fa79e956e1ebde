#!/bin/bash
# two_hosts.sh DELAY-MS LOSS-PER-MILLE COMMAND…: runs COMMAND on a "Jitsi host" that reaches a "game host" over a wire that takes DELAY-MS
# each way and loses LOSS-PER-MILLE of the packets of each direction (wire.c): two network namespaces of this run's own.
# COMMAND finds SKOTOS_GAME_HOST, the game host's namespace; the Jitsi host is 10.91.0.1 and 10.91.0.3, the game host
# 10.91.0.2. Exit code 77: namespaces or tun devices are not allowed here.
set -u
delay=$1 loss=$2
shift 2
wire=$(dirname "$0")/../../../build/wire

clean() {
	[[ -z ${hold:-} ]] || exec {hold}>&-
	for ns in "$jitsi" "$game"; do
		pids=$(ip netns pids "$ns" 2>/dev/null)
		# shellcheck disable=SC2086
		[[ -z $pids ]] || kill $pids 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$work"
}
work=$(mktemp -d)
# As random as that folder's name: process numbers repeat in other namespaces.
jitsi=skotos-j${work##*.} game=skotos-g${work##*.}
trap clean EXIT
trap 'exit 130' INT TERM HUP

{ ip netns add "$jitsi" && ip netns add "$game" && ip netns exec "$jitsi" true; } 2>/dev/null || exit 77
mkfifo "$work/hold" "$work/said"
"$wire" "$jitsi" "$game" "$delay" "$loss" 1 <"$work/hold" >"$work/said" &
exec {hold}>"$work/hold"
read -r said <"$work/said" || exit 77
[[ $said == ready ]] || exit 77
for ns in "$jitsi" "$game"; do
	ip -n "$ns" link set lo up
	ip -n "$ns" link set wire0 up mtu 1500 txqueuelen 10000
done
ip -n "$jitsi" address add 10.91.0.1/24 dev wire0
ip -n "$jitsi" address add 10.91.0.3/24 dev wire0
ip -n "$game" address add 10.91.0.2/24 dev wire0
SKOTOS_GAME_HOST=$game ip netns exec "$jitsi" "$@"
