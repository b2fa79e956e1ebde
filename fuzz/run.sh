#!/bin/bash
# run.sh SECONDS JOBS TARGET…: runs the built targets, JOBS at a time, and prints a line for each: how long, how many inputs, what was
# found. Fails when anything was; the input that did it is then in build/fuzz/finds.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=$1 jobs=$2
shift 2

one() {
	local target=$1 begun=$SECONDS log=build/fuzz/$1.log corpus=build/fuzz/corpus/$1 code inputs
	mkdir -p "$corpus" build/fuzz/finds
	nice -n 19 build/fuzz/target/"$target" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
		-dict=fuzz/dictionaries/"$target" -artifact_prefix=build/fuzz/finds/"$target"- \
		"$corpus" fuzz/seeds/"$target" >"$log" 2>&1
	code=$?
	inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [[ $code -eq 0 && ${inputs:-0} -gt 0 ]]; then
		printf 'ok    fuzz %s: %d inputs in %d s, %s\n' "$target" "$inputs" $((SECONDS - begun)) \
			"$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | sed 's/cov: \(.*\)/\1 edges seen/')"
	else
		tail -n 40 "$log"
		printf 'FAIL  fuzz %s after %d s (log: %s)\n' "$target" $((SECONDS - begun)) "$log"
		return 1
	fi
}

status=0 running=0
for target in "$@"; do
	if [[ $running -ge $jobs ]]; then
		wait -n || status=1
		running=$((running - 1))
	fi
	one "$target" &
	running=$((running + 1))
done
while [[ $running -gt 0 ]]; do
	wait -n || status=1
	running=$((running - 1))
done
exit $status
