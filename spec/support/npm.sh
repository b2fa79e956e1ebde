#!/bin/sh
# npm.sh DIR: npm's packages for the specs and the demo into DIR/node_modules, as the lock file has them; and Jitsi's client, of which the page
# needs the one bundled file: without its dependencies, since Debian 12's npm cannot read overrides of those that are fetched with git.
set -eu
client=@lyno/lib-jitsi-meet@2.6726.2
sha512=cTrKBgy4ZHD6vyFTOAOx5ylyzjWs3ft6MLhmchu9zRq7uLr8omD4lE2fmSfoyoSqMjFc/3sU9XLYXiJ21hqQuw==

mkdir -p "$1"
cp "$(dirname "$0")/../package.json" "$(dirname "$0")/../package-lock.json" "$1"
cd "$1"
npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error
archive=$(npm pack --silent --ignore-scripts "$client")
came=$(node -p 'require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$archive")
[ "$came" = "$sha512" ] || { echo "npm.sh: $client: its SHA-512 is $came; $sha512 is wanted" >&2; exit 1; }
mkdir -p node_modules/@lyno/lib-jitsi-meet
tar -xzf "$archive" -C node_modules/@lyno/lib-jitsi-meet --strip-components=1
rm "$archive"
