#!/bin/bash
# check.sh [STAGE…]: runs the stages of `make check` (all of them by default) and counts what passed and failed. First what must be built is
# built; then the stages' jobs run side by side (pool.sh), as many as JOBS says (default: what this machine's cores can carry).
# The last line is "N passed, N failed"; fails when anything did.
#
# Stages: lint hardening core packaging prosody asan valgrind allocation; quick is a choice of them for what has changed.
#   SPEC=moderation    only the spec files whose names hold this
#   PROSODY=13.0       only on this Prosody
set -u
cd "$(dirname "$0")/../../.." || exit 1
make=${MAKE:-make}
folder=spec/support/check
targets=() # the built things that the stages need, for make
for file in pool specs lint hardening memory quick; do
	# shellcheck source=/dev/null
	. "$folder/$file.sh"
done

need() { targets+=("$@"); }

build() {
	local begun=$SECONDS log
	log=$(mktemp)
	printf 'building %s things\n' "${#targets[@]}"
	if ! "$make" --no-print-directory -j"$(nproc)" "${targets[@]}" >"$log" 2>&1; then
		tail -n 60 "$log"
		rm -f "$log"
		printf 'FAIL  build\n\n0 passed, 1 failed\n'
		exit 1
	fi
	rm -f "$log"
	printf 'ok    build, warnings as errors (%d s)\n' $((SECONDS - begun))
	passed=$((passed + 1))
}

[[ -n $(versions) ]] || { printf 'check.sh: PROSODY is %q; it is 0.12 or 13.0\n' "$PROSODY" >&2; exit 2; }
[[ $# -gt 0 ]] || set -- lint hardening core packaging prosody asan valgrind allocation
for stage in "$@"; do
	declare -F "stage_$stage" >/dev/null || { printf 'check.sh: no stage is called %s\n' "$stage" >&2; exit 2; }
	"stage_$stage"
done
[[ -z ${SPEC:-} || ${#job_names[@]} -gt 0 ]] || { printf 'check.sh: SPEC is %q; no spec file has that in its name\n' "$SPEC" >&2; exit 2; }
[[ ${#targets[@]} -eq 0 ]] || build
run_jobs
run_afters
tell_failures
[[ $skipped -eq 0 ]] || printf '\n%d skipped\n' "$skipped"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
