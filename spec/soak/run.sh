#!/bin/sh
# run.sh SECONDS: soak.js in a network namespace that ends with it. Needs root, or a kernel that lets users make namespaces.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] && space="unshare --net" || space="unshare --map-root-user --net"
exec $space sh -c 'ip link set lo up && PATH=$PATH:/usr/sbin NODE_PATH=build/npm/node_modules exec node spec/soak/soak.js "$1"' soak "$1"
