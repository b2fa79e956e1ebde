#!/bin/bash
# run.sh COUNT SEED JOBS [PATTERN]: `make mutants`. Each job has a copy of the tree of its own in build/mutants.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=$1 seed=$2 jobs=$3 pattern=${4:-}

tree() {
	rm -rf "$1"
	mkdir -p "$1/build"
	git ls-files -z -co --exclude-standard | tar --null -T - -c | tar -x -C "$1"
	cp -al build/npm build/prosody13 "$1/build/"
	make -s -C "$1" build/skotos_bridge.so build/skotos_probes.so sanitized-build build/memory/keep_loaded.so build/game build/wire
}

status=0 workers=()
for ((i = 1; i <= jobs; i++)); do
	tree "build/mutants/$i" || exit 1
	lua5.4 spec/mutants/mutants.lua "$count" "$seed" "build/mutants/$i" "$i" "$jobs" "$pattern" | tee "build/mutants/$i.log" &
	workers+=($!)
done
for pid in "${workers[@]}"; do wait "$pid" || status=1; done
died=$(cat build/mutants/*.log | grep -c '^dies') lives=$(cat build/mutants/*.log | grep -c '^LIVES')
[[ $status -eq 0 ]] && printf '%d of %d mutants die\n' "$died" $((died + lives)) && [[ $((died * 100)) -ge $(((died + lives) * 95)) ]]
