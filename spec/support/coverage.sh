#!/bin/bash
# coverage.sh SPEC…: runs the specs on the module in build/coverage, and the allocation run, and prints what they reached of the C core.
# Fails below 95 % of the lines or 90 % of the branches.
set -eu
cd "$(dirname "$0")/../.."
find build/coverage -name '*.gcda' -delete
failed=0
for spec in "$@"; do
	SKOTOS_BUILD=build/coverage SKOTOS_PROSODY=0.12 lua5.4 /usr/bin/busted -o spec/support/counts.lua "$spec" >build/coverage/log 2>&1 ||
		{ cat build/coverage/log; echo "failed: $spec"; failed=1; }
done
build/coverage/memory/allocation spec/support/memory/allocation.lua
gcovr --root . --filter 'luaclib/' --exclude 'luaclib/lua_' --exclude-unreachable-branches --sort-uncovered --print-summary \
	--fail-under-line 95 --fail-under-branch 90 ${COVERAGE_REPORT:-} build/coverage
exit $failed
