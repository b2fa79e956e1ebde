#!/bin/bash
# coverage.sh SPEC…: runs the specs on the module in build/coverage, two at a time, the fuzz targets' seeds and the allocation run, and
# prints what they reached of the C core. Fails below 95 % of the lines or 90 % of the branches.
set -eu
cd "$(dirname "$0")/../.."
find build/coverage -name '*.gcda' -delete
failed=0
run() {
	local log
	log=$(mktemp)
	SKOTOS_BUILD=build/coverage SKOTOS_PROSODY=0.12 lua5.4 /usr/bin/busted -o spec/support/counts.lua "$1" >"$log" 2>&1 && rm "$log" && return
	cat "$log"
	rm "$log"
	echo "failed: $1"
	return 1
}
export -f run
printf '%s\n' "$@" | xargs -P 2 -I '{}' bash -c 'run {}' || failed=1
for target in fuzz/seeds/*; do
	printf '%s: ' "${target##*/}"
	build/coverage/fuzz/"${target##*/}" "$target"/*
done
build/coverage/memory/allocation spec/support/memory/allocation.lua
# shellcheck disable=SC2086
gcovr --root . --filter 'luaclib/' --exclude 'luaclib/binding/' --exclude-unreachable-branches --sort-uncovered --print-summary \
	--fail-under-line 95 --fail-under-branch 90 ${COVERAGE_REPORT:-} build/coverage
exit $failed
