#!/bin/sh
# certificates.sh DIR: beside what packaging/game-host/make-certificates.sh makes (game.test, jitsi.test), certificates that a bridge has
# to refuse, of the same authority unless their name says otherwise: expired, future, other-name, client (for clients only),
# self-signed, foreign (of foreign-ca), and self-signed ones for odd names: many-names, four-names, addresses, no-host, nameless, guild. And
# locked.key, a key with a pass phrase.
set -eu
umask 077
here=$(dirname "$0")
"$here/../../packaging/game-host/make-certificates.sh" "$1" game.test jitsi.test >/dev/null
"$here/../../packaging/game-host/make-certificates.sh" "$1/foreign" game.test jitsi.test >/dev/null
cd "$1"
mkdir ca-state
: >ca-state/index
cat >ca.cnf <<END
[ca]
default_ca = plain
[plain]
database = ca-state/index
new_certs_dir = ca-state
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
certificate = ca.pem
private_key = ca.key
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
END

# odd NAME HOST USAGE FROM UNTIL
odd() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
	openssl req -new -config ca.cnf -subj "/CN=$2" -key "$1.key" -out "$1.csr"
	printf 'basicConstraints = CA:FALSE\nextendedKeyUsage = %s\nsubjectAltName = DNS:%s\n' "$3" "$2" >"$1.ext"
	openssl ca -batch -config ca.cnf -extfile "$1.ext" -startdate "$4" -enddate "$5" -notext -in "$1.csr" -out "$1.pem" 2>/dev/null
}
odd expired game.test serverAuth 20200101000000Z 20210101000000Z
odd future game.test serverAuth 20480101000000Z 20490101000000Z
odd other-name elsewhere.test serverAuth 20200101000000Z 20480101000000Z
odd client game.test clientAuth 20200101000000Z 20480101000000Z
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out self-signed.key 2>/dev/null
openssl req -new -x509 -config ca.cnf -subj /CN=game.test -addext subjectAltName=DNS:game.test -key self-signed.key -days 30 -out self-signed.pem
# self NAME SUBJECT [NAMES]: self-signed, for these names or none.
self() {
	openssl req -new -x509 -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "$2" ${3:+-addext "subjectAltName=$3"} \
		-days 30 -out "$1.pem" 2>/dev/null
}
self many-names /CN=game.test DNS:a.test,DNS:b.test,DNS:c.test,DNS:d.test,DNS:e.test
self four-names /CN=game.test DNS:a.test,DNS:b.test,DNS:c.test,DNS:d.test
self addresses /CN=game.test email:admin@game.test,IP:127.0.0.2,IP:::2
self no-host /CN=game.test email:admin@game.test
self nameless /CN=game.test
self guild "/O=The Guild" DNS:game.test
openssl pkey -in jitsi.key -aes128 -passout pass:phrase -out locked.key
