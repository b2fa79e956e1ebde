#!/bin/bash
# check-install.sh RELEASE (bookworm, trixie): the package on that Debian, for real: built, installed, set up with one line, a client in a
# room, upgraded while Prosody runs, removed, purged, and what goes wrong on such a host. Root's; works in a debootstrapped folder below
# $INSTALL_DIR (/var/tmp/skotos-install), outside the tree so that no tool walks through it; it stays for the next time, and has nothing
# mounted when this ends. The specs are those of spec/install, on that Debian booted with its own systemd (spec/install/run.sh).
set -eu
cd "$(dirname "$0")/.."
release=$1
chroot=${INSTALL_DIR:-/var/tmp/skotos-install}/$release
[ "$(id -u)" = 0 ] || { echo "check-install.sh: it has to run as root" >&2; exit 1; }

mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
	sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' |
	grep -E '/debian/?$' | head -n 1)
[ -n "$mirror" ] || { echo "check-install.sh: no Debian mirror in /etc/apt" >&2; exit 1; }

if [ ! -e "$chroot/.ready" ]; then
	rm -rf "$chroot"
	mkdir -p "$chroot"
	debootstrap --variant=minbase --include=ca-certificates "$release" "$chroot" "$mirror" >"$chroot.log" 2>&1 || { tail "$chroot.log"; exit 1; }
	cp /etc/resolv.conf "$chroot/etc/resolv.conf"
	touch "$chroot/.ready"
fi

# In a mount namespace of its own, so that nothing stays mounted however this ends.
inside() { unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && shift && exec "$@"' sh "$chroot" "$@"; }

packages="systemd systemd-sysv libpam-systemd dbus procps cron openssh-server stunnel4 openssl debconf-utils prosody lua-unbound lua5.4 build-essential debhelper fakeroot lintian liblua5.4-dev libssl-dev libjansson-dev libjwt-dev libicu-dev"
if ! inside chroot "$chroot" sh -c "dpkg-query -W $packages" >/dev/null 2>&1; then
	printf '#!/bin/sh\nexit 101\n' >"$chroot/usr/sbin/policy-rc.d" # here nothing is to start; on the booted system all is
	chmod 755 "$chroot/usr/sbin/policy-rc.d"
	inside chroot "$chroot" sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages" \
		>"$chroot.log" 2>&1 || { tail "$chroot.log"; exit 1; }
	rm "$chroot/usr/sbin/policy-rc.d"
fi

rm -rf "$chroot/src"
mkdir -p "$chroot/src"
tar --exclude=./build --exclude=./.git -cf - . | tar -xf - -C "$chroot/src"
packaging/version.sh >"$chroot/src/VERSION"
inside chroot "$chroot" sh -c 'cd /src && make deb' >"$chroot.log" 2>&1 || { tail -n 30 "$chroot.log"; exit 1; }
said=$(inside chroot "$chroot" sh -c 'cd /src/build/deb && lintian --allow-root -I prosody-mod-skotos-bridge_*.deb' 2>&1) || true
[ -z "$said" ] || { echo "$said"; exit 1; }
echo "lintian -I has nothing to say of $(cd "$chroot/src/build/deb" && echo prosody-mod*~*_*.deb)"

spec/install/run.sh "$chroot"
