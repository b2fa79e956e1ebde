#!/bin/bash
# run.sh COUNT SEED JOBS [PATTERN], run.sh rules JOBS: `make mutants`. Each job has a copy of the tree of its own, in a folder with a short
# name: Prosody does not read its configuration from a file whose path has 60 characters. What each has seen is in build/mutants.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [[ $1 == rules ]]; then jobs=$2; else count=$1 seed=$2 jobs=$3 pattern=${4:-}; fi

tree() {
	rm -rf "$1"
	mkdir -p "$1/build"
	git ls-files -z -co --exclude-standard | tar --null -T - -c | tar -x -C "$1"
	cp -al build/npm build/prosody13 "$1/build/"
	make -s -C "$1" build/skotos_bridge.so build/skotos_probes.so sanitized-build build/memory/keep_loaded.so build/game build/wire
}

worker() {
	if [[ -z ${count:-} ]]; then
		lua5.4 spec/mutants/break_rules.lua "$trees/$1" "$1" "$jobs"
	else
		lua5.4 spec/mutants/mutants.lua "$count" "$seed" "$trees/$1" "$1" "$jobs" "$pattern"
	fi
}

status=0 workers=()
mkdir -p build/mutants
rm -f build/mutants/*.log
trees=$(mktemp -d /tmp/m.XXXX) || exit 1
trap 'rm -rf "$trees"' EXIT
tree "$trees/1" || exit 1
for ((i = 2; i <= jobs; i++)); do cp -a "$trees/1" "$trees/$i"; done
for ((i = 1; i <= jobs; i++)); do
	worker "$i" | tee "build/mutants/$i.log" &
	workers+=($!)
done
for pid in "${workers[@]}"; do wait "$pid" || status=1; done
died=$(cat build/mutants/*.log | grep -c '^dies') lives=$(cat build/mutants/*.log | grep -cE '^(LIVES|STALE)')
printf '%d of %d mutants die\n' "$died" $((died + lives))
wanted=95
[[ -n ${count:-} ]] || wanted=100
[[ $status -eq 0 && $((died * 100)) -ge $(((died + lives) * wanted)) ]]
