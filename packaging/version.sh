#!/bin/sh
# version.sh: the version of this tree, the one source of it: CHANGELOG.md's newest number with the commit's date (UTC) and hash, which grows with
# every commit; or what the file VERSION says, in a copy of the tree that has no git.
set -eu
cd "$(dirname "$0")/.."
if [ -f VERSION ]; then
	cat VERSION
	exit
fi
number=$(sed -n 's/^## \([0-9][0-9.]*\)$/\1/p' CHANGELOG.md | head -n 1)
commit=$(TZ=UTC git log -1 --date=format-local:%Y%m%d.%H%M%S --format=%cd.%h --abbrev=7 2>/dev/null) || commit=
echo "$number${commit:++$commit}"
