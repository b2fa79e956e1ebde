#!/bin/sh
# make-certificates.sh DIR GAME-HOST JITSI-HOST: makes in DIR a small certificate authority and what the two hosts of the link need:
#   ca.pem      the authority's certificate: to both hosts       ca.key      its key: to neither; keep it away from both
#   game.pem    the game's host, with game.key                   jitsi.pem   the Jitsi host, with jitsi.key
# GAME-HOST is what skotos_host (or skotos_tls.verify_name) names: a DNS name or an IP address. Nothing is overwritten; an authority that
# is in DIR already is used. A certificate lives DAYS days (default 1825). No key is ever on a command line.
set -eu
umask 077

fail() {
	echo "make-certificates.sh: $*" >&2
	exit 1
}

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

mkdir -p "$dir"
cd "$dir"
for file in game.pem game.key jitsi.pem jitsi.key; do
	[ ! -e "$file" ] || fail "$dir/$file is there already; move it away first"
done
if [ -e ca.pem ] || [ -e ca.key ]; then
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

if [ ! -e ca.pem ]; then
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

# issue FILE NAME USAGE: FILE.key and FILE.pem for NAME.
issue() {
	new_key "$1.key"
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
		-sha256 -days "$days" -extfile "$work/$1.ext" -out "$1.pem"
}
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
