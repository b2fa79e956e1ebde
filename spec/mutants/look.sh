#!/bin/bash
# look.sh SPEC plain|sanitized TESTS: runs one spec file of the tree in which it lies, those tests whose names the Lua pattern TESTS finds;
# fails when one does, or, sanitized, when a sanitizer says something of our code.
set -u
cd "$(dirname "$0")/../.." || exit 1
spec=$1 tests=$3
# shellcheck source=spec/support/check/memory.sh
. spec/support/check/memory.sh
if [[ $spec == spec/support/memory/* ]]; then # the stage allocation
	make -s C_WARNINGS= build/memory/allocation || exit 0
	exec build/memory/allocation "$spec"
fi
[[ $2 == sanitized ]] || exec lua5.4 /usr/bin/busted --no-keep-going -o spec/support/counts.lua --filter="$tests" "$spec"
dir=$(report_folder mutant) preload="$(asan_runtime):$PWD/build/memory/keep_loaded.so"
# shellcheck disable=SC2086
env $LESS SKOTOS_BUILD=build/asan "LSAN_OPTIONS=exitcode=0" "ASAN_OPTIONS=log_path=$PWD/$dir/report:fast_unwind_on_malloc=0" "LD_PRELOAD=$preload" \
	lua5.4 /usr/bin/busted --no-keep-going -o spec/support/counts.lua --filter="$tests" "$spec" && reports "$dir"
