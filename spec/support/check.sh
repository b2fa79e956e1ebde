#!/bin/bash
# check.sh [STAGE…]: runs the stages of `make check` (all of them by default), each with its time, and counts what passed and failed.
# The last line is "N passed, N failed"; fails when anything did. Stages: build lint hardening core packaging prosody-0.12 prosody-13.0 asan valgrind allocation.
set -u
cd "$(dirname "$0")/../.." || exit 1
make=${MAKE:-make}
passed=0 failed=0 skipped=0

# step NAME COMMAND…: one thing that is right or wrong as a whole.
step() {
	local name=$1 log
	shift
	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		printf 'ok    %s\n' "$name"
	else
		failed=$((failed + 1))
		cat "$log"
		printf 'FAIL  %s\n' "$name"
	fi
	rm -f "$log"
}

# [wrapped=COMMAND] specs NAME [VAR=VALUE…] FILE…: busted on files, each in a process of its own, under COMMAND; its counts are added to
# ours.
specs() {
	local name=$1 env=() file log begun counts
	shift
	while [[ $1 == *=* ]]; do env+=("$1"); shift; done
	for file in "$@"; do
		begun=$SECONDS log=$(mktemp)
		# shellcheck disable=SC2086
		env "${env[@]}" ${wrapped:-} lua5.4 /usr/bin/busted -o spec/support/counts.lua "$file" >"$log" 2>&1
		counts=$(grep -E '^counts [0-9]+ [0-9]+ [0-9]+$' "$log" | tail -n 1)
		if [[ -z $counts ]]; then
			cat "$log"
			counts="counts 0 1 0"
		else
			grep -vE '^counts ' "$log"
		fi
		# shellcheck disable=SC2086
		set_counts $counts
		printf '%-5s %s %s: %d passed, %d failed, %d skipped (%d s)\n' "$([[ $bad -eq 0 ]] && echo ok || echo FAIL)" \
			"$name" "$file" "$good" "$bad" "$pending" $((SECONDS - begun))
		passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + pending))
		rm -f "$log"
	done
}

set_counts() { good=$2 bad=$3 pending=$4; }

stage_build() {
	step "build with gcc, warnings as errors" "$make" -j2 build/skotos_bridge.so build/game build/wire build/openssl_queue.so
	step "build with clang, warnings as errors" "$make" -j2 BUILD=build/clang CC=clang build/clang/skotos_bridge.so
	step "npm packages of the specs" "$make" build/npm/.ready
	step "Prosody 13.0 beside the installed one" "$make" build/prosody13/.ready
	step "build the fuzz targets" "$make" -j2 fuzz-targets
	step "nothing is exported but luaopen_*" exports
}

exports() { ! nm -D --defined-only build/skotos_bridge.so | awk '{print $3}' | grep -v '^luaopen_'; }

stage_lint() {
	# shellcheck disable=SC2046
	step "clang-format" clang-format --dry-run --Werror $(git ls-files -co --exclude-standard '*.c' '*.h' ':!packaging/skotos' | sort -u | while read -r f; do [[ -f $f ]] && echo "$f"; done)
	# Files of the tree only: build/ may hold whole systems, in which a search for *.lua never ends.
	# shellcheck disable=SC2046
	step "luacheck" luacheck --quiet $(git ls-files -co --exclude-standard "*.lua" | while read -r f; do [[ -f $f ]] && echo "$f"; done)
	step "shellcheck, as POSIX sh" shellcheck -s sh packaging/bin/skotos-game-setup packaging/need.sh packaging/changelog.sh
	step "cppcheck" cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem $(printf -- '-I%s ' luaclib/*/ luaclib/core/*/) luaclib spec/support/game
}

stage_core() { specs "core" spec/core/*_spec.lua spec/lua/*_spec.lua; }
stage_packaging() { specs "packaging" spec/packaging/*_spec.lua; }
stage_prosody-0.12() { specs "Prosody 0.12" SKOTOS_PROSODY=0.12 spec/prosody/*_spec.lua; }
stage_prosody-13.0() { specs "Prosody 13.0" SKOTOS_PROSODY=13.0 spec/prosody/*_spec.lua; }

for file in spec/support/stages/*.sh; do
	# shellcheck source=/dev/null
	. "$file"
done

[[ $# -gt 0 ]] || set -- build lint hardening core packaging prosody-0.12 prosody-13.0 asan valgrind allocation
for stage in "$@"; do
	begun=$SECONDS
	printf '\n== %s\n' "$stage"
	"stage_$stage"
	printf '== %s: %d s\n' "$stage" $((SECONDS - begun))
done
[[ $skipped -eq 0 ]] || printf '\n%d skipped\n' "$skipped"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
