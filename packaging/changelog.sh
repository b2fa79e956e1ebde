#!/bin/sh
# changelog.sh VERSION: Debian's changelog of the package, from the newest section of CHANGELOG.md, on standard output.
set -eu
cd "$(dirname "$0")/.."
date=$(git log -1 --format=%cD 2>/dev/null) || date=
echo "prosody-mod-skotos-bridge ($1) stable; urgency=medium"
echo
awk '/^## / { if (seen++) exit; next }
	seen && /^- / { sub(/^- /, "  * "); print; next }
	seen && /^  [^ ]/ { sub(/^  /, "    "); print }' CHANGELOG.md | fold -s -w 79 | sed 's/^\([^ ]\)/    \1/; s/ *$//'
echo
echo " -- The skotos_bridge project <packages@skotos-bridge.example>  ${date:-$(date -R)}"
