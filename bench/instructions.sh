#!/bin/bash
# instructions.sh: instructions that one piece of work costs, by valgrind's callgrind: the difference between two runs of different
# length, so that what a process costs to start falls out. The same on a busy machine. (callgrind's processor has no SHA extensions:
# SHA-256 counts there as an old processor would run it; "beside libcrypto" is what this project's own code costs.)
set -eu
cd "$(dirname "$0")/.."
few=2000 many=12000

# total FILE: instructions in all, and those outside libcrypto.
total() {
	callgrind_annotate --threshold=100 "$1" 2>/dev/null | awk '
		/PROGRAM TOTALS/ { gsub(",", "", $1); all = $1 }
		/libcrypto/ { gsub(",", "", $1); crypto += $1 }
		END { printf "%d %d\n", all, all - crypto }'
}

count() { # NAME COUNT
	local out
	out=$(mktemp)
	valgrind --tool=callgrind --callgrind-out-file="$out" build/bench/contenders "$1" "$2" >/dev/null 2>&1 || {
		echo "$1 fails under callgrind" >&2
		exit 1
	}
	total "$out"
	rm -f "$out"
}

printf '%-24s %14s %18s\n' "once" "instructions" "beside libcrypto"
for name in make-ours make-floor check-ours answer-ours answer-stream answer-jansson-floor; do
	read -r all_few own_few < <(count "$name" $few)
	read -r all_many own_many < <(count "$name" $many)
	printf '%-24s %14d %18d\n' "$name" $(((all_many - all_few) / (many - few))) $(((own_many - own_few) / (many - few)))
done
