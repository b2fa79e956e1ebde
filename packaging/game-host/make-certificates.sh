#!/bin/sh
# make-certificates.sh DIR GAME-HOST JITSI-HOST: makes in DIR a small certificate authority and what the two hosts of the link need:
#   ca.pem      the authority's certificate: to both hosts       ca.key      its key: to neither; keep it away from both
#   game.pem    the game's host, with game.key                   jitsi.pem   the Jitsi host, with jitsi.key
# GAME-HOST is what skotos_host (or skotos_tls.verify_name) names: a DNS name or an IP address. Nothing is overwritten; an authority that
# is in DIR already is used. A certificate lives DAYS days (default 1825). No key is ever on a command line.
#
# make-certificates.sh --renew DIR [STUNNEL-DIR]: each of the two certificates in DIR that ends within WITHIN days (default 60) is issued anew
# for the same name and key, so that a pin stays right; the game's is put into STUNNEL-DIR too, and stunnel told. What has to be done by hand, on
# the Jitsi host, is said. skotos-certificates.timer does this once a day. Fails where something ends and cannot be renewed.
set -eu
umask 077

fail() {
	echo "make-certificates.sh: $*" >&2
	exit 1
}

renew=
if [ "${1:-}" = --renew ]; then
	shift
	renew=1 stunnel=${2:-} within=${WITHIN:-60}
	case $stunnel in '' | /*) ;; *) stunnel=$PWD/$stunnel ;; esac
	case $# in 1 | 2) ;; *) fail "wanted: --renew DIR [STUNNEL-DIR]" ;; esac
	set -- "$1" game jitsi
fi
[ $# -eq 3 ] || fail "wanted: DIR GAME-HOST JITSI-HOST"
dir=$1 game=$2 jitsi=$3 days=${DAYS:-1825}
for name in "$game" "$jitsi"; do
	case $name in
	'' | *[!A-Za-z0-9.:-]*) fail "$name: a DNS name or an IP address is wanted" ;;
	esac
done
case $days in
'' | *[!0-9]*) fail "DAYS=$days: a number is wanted" ;;
esac
command -v openssl >/dev/null 2>&1 || fail "openssl is missing: apt-get install openssl"

[ -n "$renew" ] || mkdir -p "$dir"
cd "$dir"
[ -n "$renew" ] || for file in game.pem game.key jitsi.pem jitsi.key; do
	[ ! -e "$file" ] || fail "$dir/$file is there already; move it away first"
done
if [ -z "$renew" ] && { [ -e ca.pem ] || [ -e ca.key ]; }; then
	{ [ -e ca.pem ] && [ -e ca.key ]; } || fail "$dir has one of ca.pem and ca.key without the other; both or neither are wanted"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# Numbers and colons, or four numbers: an address; else a name.
alt_name() {
	case $1 in
	*:*) echo "IP:$1" ;;
	*[!0-9.]*) echo "DNS:$1" ;;
	*) echo "IP:$1" ;;
	esac
}

# quietly COMMAND…: its words only when it fails.
quietly() {
	"$@" >"$work/said" 2>&1 || {
		cat "$work/said" >&2
		fail "openssl failed"
	}
}

# new_key FILE
new_key() { quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

if [ -z "$renew" ] && [ ! -e ca.pem ]; then
	new_key ca.key
	cat >"$work/ca.cnf" <<-END
		[req]
		distinguished_name = name
		prompt = no
		x509_extensions = authority
		[name]
		CN = skotos_bridge authority
		[authority]
		basicConstraints = critical, CA:TRUE, pathlen:0
		keyUsage = critical, keyCertSign, cRLSign
		subjectKeyIdentifier = hash
	END
	quietly openssl req -new -x509 -config "$work/ca.cnf" -key ca.key -sha256 -days 7300 -out ca.pem
fi

# issue FILE NAME USAGE: FILE.key, unless it is there, and FILE.pem for NAME.
issue() {
	[ -e "$1.key" ] || new_key "$1.key"
	printf '[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = %.64s\n' "$2" >"$work/$1.cnf"
	cat >"$work/$1.ext" <<-END
		basicConstraints = critical, CA:FALSE
		keyUsage = critical, digitalSignature
		extendedKeyUsage = $3
		subjectAltName = $(alt_name "$2")
		subjectKeyIdentifier = hash
		authorityKeyIdentifier = keyid
	END
	quietly openssl req -new -config "$work/$1.cnf" -key "$1.key" -out "$work/$1.csr"
	quietly openssl x509 -req -in "$work/$1.csr" -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 15)" \
		-sha256 -days "$days" -extfile "$work/$1.ext" -out "$1.pem.new"
	quietly openssl verify -CAfile ca.pem "$1.pem.new" # on a full disk openssl says nothing and leaves half of it
	mv "$1.pem.new" "$1.pem"
}

# renewed FILE USAGE: whether FILE.pem ended soon, and is anew now.
renewed() {
	openssl x509 -in "$1.pem" -noout -checkend $((within * 86400)) >/dev/null && return 1
	ends=$(openssl x509 -in "$1.pem" -noout -enddate | sed 's/^notAfter=//')
	if [ ! -e ca.key ] || [ ! -e "$1.key" ]; then
		fail "$dir/$1.pem ends on $ends, and ca.key or $1.key is not here to make a new one: bring them, and run this again"
	fi
	name=$(openssl x509 -in "$1.pem" -noout -ext subjectAltName | sed -n 's/^ *\(DNS\|IP Address\)://p')
	issue "$1" "$name" "$2"
	echo "$dir/$1.pem for $name ended on $ends; the new one ends on $(openssl x509 -in "$1.pem" -noout -enddate | sed 's/^notAfter=//')"
}

if [ -n "$renew" ]; then
	if renewed game serverAuth && [ -n "$stunnel" ]; then
		cp game.pem "$stunnel/.game.pem.new"
		chmod 644 "$stunnel/.game.pem.new"
		mv "$stunnel/.game.pem.new" "$stunnel/game.pem"
		[ ! -d /run/systemd/system ] || systemctl try-reload-or-restart stunnel@skotos-game
	fi
	if renewed jitsi clientAuth; then
		echo "bring $dir/jitsi.pem to the Jitsi host, into the place of skotos_tls.certificate there, and say: systemctl reload prosody"
	fi
	exit 0
fi
issue game "$game" serverAuth
issue jitsi "$jitsi" clientAuth

pin=$(openssl x509 -in game.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64)
cat <<END
made in $dir:
  to the game's host ($game):  ca.pem game.pem game.key
  to the Jitsi host ($jitsi):  ca.pem jitsi.pem jitsi.key
  for neither:                 ca.key
the pin of the game's key, for skotos_tls.pin_sha256: $pin
END
