#!/bin/sh
# prosody13.sh DIR: unpacks Debian backports' Prosody 13.0 into DIR, beside the installed 0.12, from the mirror of this machine's own apt
# sources. Installs nothing; what it depends on is what 0.12 depends on.
set -eu
dir=$1
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
	sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' |
	grep -E '/debian/?$' | head -n 1)
if [ -z "$mirror" ]; then
	echo "prosody13.sh: no Debian mirror in /etc/apt" >&2
	exit 1
fi
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
chmod 755 "$apt"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm-backports main" > "$apt/sources.list"
set -- -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
	-o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root
apt-get "$@" update -qq
cd "$apt"
apt-get "$@" download -qq prosody/bookworm-backports
rm -rf "$dir/usr" "$dir/etc"
dpkg-deb -x prosody_13.*.deb "$dir"
