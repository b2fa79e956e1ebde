#!/bin/sh
# apt-repo.sh FOLDER [DEB...]: a signed, static apt repository in FOLDER, which any web server can hold as it is. The packages given are added
# (those of build/deb when none is), the ones that are there already stay; ~deb12 in a version means bookworm, ~deb13 trixie. Signed with the
# key APT_KEY (as gpg --list-secret-keys names it) of GNUPGHOME. What was there is replaced in one step, when all is signed.
set -eu

fail() {
	echo "apt-repo.sh: $*" >&2
	exit 1
}

[ $# -ge 1 ] || fail "wanted: FOLDER [DEB...]"
repo=$1
shift
here=$(dirname "$0")
[ $# -gt 0 ] || set -- "$here"/../build/deb/*.deb
[ -n "${APT_KEY:-}" ] || fail "APT_KEY is missing: the key that signs. gpg --quick-gen-key 'skotos_bridge packages' ed25519 sign never makes one"
for tool in apt-ftparchive gpg dpkg-deb gzip; do
	command -v $tool >/dev/null || fail "$tool is missing: apt-get install apt-utils gnupg dpkg gzip"
done
gpg --batch --list-secret-keys "$APT_KEY" >/dev/null 2>&1 || fail "APT_KEY=$APT_KEY: there is no such secret key in ${GNUPGHOME:-~/.gnupg}"

mkdir -p "$repo"
new=$(mktemp -d "$repo/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT TERM HUP

for deb; do
	case $deb in *-dbgsym_*) continue ;; esac
	version=$(dpkg-deb --field "$deb" Version) || fail "$deb is no package"
	case $version in
	*~deb12*) suite=bookworm ;;
	*~deb13*) suite=trixie ;;
	*) fail "$deb: its version $version names no release of Debian that is known here (~deb12, ~deb13)" ;;
	esac
	mkdir -p "$repo/pool/$suite"
	# By the name that apt-ftparchive wants, whatever the file is called.
	# shellcheck disable=SC2016 # it is dpkg-deb that reads these
	name=$(dpkg-deb --showformat '${Package}_${Version}_${Architecture}.deb' --show "$deb")
	cp "$deb" "$repo/pool/$suite/.new"
	mv "$repo/pool/$suite/.new" "$repo/pool/$suite/$name"
done

cd "$repo"
for pool in pool/*/; do
	[ -d "$pool" ] || fail "no package was given"
	suite=${pool#pool/} && suite=${suite%/}
	lists="${new##*/}/dists/$suite/main"
	architectures=
	for deb in "$pool"*.deb; do
		architecture=$(dpkg-deb --field "$deb" Architecture)
		case " $architectures " in *" $architecture "*) ;; *) architectures="$architectures $architecture" ;; esac
	done
	for architecture in $architectures; do
		mkdir -p "$lists/binary-$architecture"
		apt-ftparchive -a "$architecture" packages "${pool%/}" >"$lists/binary-$architecture/Packages"
		gzip -9nk "$lists/binary-$architecture/Packages"
	done
	apt-ftparchive -o APT::FTPArchive::Release::Origin=skotos_bridge -o APT::FTPArchive::Release::Label=skotos_bridge \
		-o APT::FTPArchive::Release::Suite="$suite" -o APT::FTPArchive::Release::Codename="$suite" \
		-o APT::FTPArchive::Release::Architectures="${architectures# }" -o APT::FTPArchive::Release::Components=main \
		release "${lists%/main}" >"${new##*/}/Release"
	mv "${new##*/}/Release" "${lists%/main}/Release"
	gpg --batch --yes --local-user "$APT_KEY" --clearsign --output "${lists%/main}/InRelease" "${lists%/main}/Release"
	gpg --batch --yes --local-user "$APT_KEY" --armor --detach-sign --output "${lists%/main}/Release.gpg" "${lists%/main}/Release"
done
gpg --batch --armor --export "$APT_KEY" >"${new##*/}/skotos-bridge.asc"
mv "${new##*/}/skotos-bridge.asc" skotos-bridge.asc
[ ! -e dists ] || mv dists "${new##*/}/old"
mv "${new##*/}/dists" dists
chmod -R u=rwX,go=rX pool dists skotos-bridge.asc
