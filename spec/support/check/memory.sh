# Stages of check.sh that look at memory: asan, valgrind, allocation. What they run is what the other stages run, as far as it has to do with the
# C module; a report about that, or a leak of it, is a failure even where every spec passes. Leaks of the interpreter and of other modules are not
# ours and are passed over.

# reports DIR: fails when a sanitizer's or valgrind's reports in DIR name our code, and shows those. A sanitizer's report that is no leak
# is always shown: the process ended with it.
reports() {
	local dir=$1 file found=0
	for file in "$dir"/*; do
		[[ -s $file ]] || continue
		if grep -qE 'ERROR: AddressSanitizer|runtime error:' "$file"; then
			cat "$file"
			found=1
		elif awk 'BEGIN { RS = "" } /luaclib\/|skotos_bridge|\((frame|request|game_link|responder|request_queue|lua_[a-z]+)\.c:/ { print; print ""; found = 1 } END { exit !found }' \
			<(sed -E 's/^==[0-9]+== ?//' "$file"); then
			found=1
		fi
	done
	[[ $found -ne 0 ]] || rm -rf "$dir"
	return $found
}

asan_runtime() { clang -print-file-name=libclang_rt.asan-x86_64.so; }

# In Prosody: those specs that drive the C module hardest.
ASAN_SPECS="spec/prosody/link_spec.lua spec/prosody/lifecycle_spec.lua spec/prosody/login_spec.lua spec/prosody/evening_spec.lua spec/prosody/event_spec.lua \
	spec/prosody/tls_spec.lua spec/prosody/listener_spec.lua spec/prosody/games_spec.lua"

# What they run there: fewer rounds of chance and of enumerations, which the stage core runs in full, and one authority instead of the system's
# 140, which each TLS context without a "ca" reads.
LESS="SPLITS=4 ROUNDS=400 SSL_CERT_FILE=/etc/ssl/certs/ISRG_Root_X1.pem"

# Those core specs that load the C module, by themselves or by one of their helpers.
c_specs() {
	local module='skotos_(bridge|probes)' helpers
	helpers=$(grep -lE "require \"$module\"" spec/support/*.lua | sed -E 's/\.lua$//; s,/,.,g' | paste -sd '|')
	core_specs | xargs grep -lE "require \"($module|$helpers)\""
}

# A folder for reports under build/, of this run's own.
report_folder() { mkdir -p build/memory && mktemp -d "build/memory/$1.XXXXXX"; }

stage_asan() {
	local dir preload common
	# shellcheck disable=SC2086
	need $RIG sanitized-build build/memory/keep_loaded.so
	dir=$(report_folder asan) preload="$(asan_runtime):$PWD/build/memory/keep_loaded.so"
	common=(SKOTOS_BUILD=build/asan UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=exitcode=0)
	# shellcheck disable=SC2046,SC2086
	specs "core with sanitizers" $LESS "${common[@]}" "ASAN_OPTIONS=log_path=$PWD/$dir/report:fast_unwind_on_malloc=0" \
		"LD_PRELOAD=$preload" $(c_specs)
	# shellcheck disable=SC2086
	specs "Prosody 0.12 with sanitizers" "${common[@]}" "ASAN_OPTIONS=log_path=$PWD/$dir/report" SKOTOS_PROSODY=0.12 \
		"SKOTOS_PRELOAD=$preload" $ASAN_SPECS
	after "no error and no leak of the C module (AddressSanitizer, UndefinedBehaviorSanitizer)" reports "$dir"
}

stage_valgrind() {
	local dir valgrind
	# shellcheck disable=SC2086
	need $RIG build/memory/keep_loaded.so
	dir=$(report_folder valgrind)
	valgrind="valgrind --quiet --leak-check=full --show-leak-kinds=definite --keep-debuginfo=yes --num-callers=40 --child-silent-after-fork=yes --log-file=$PWD/$dir/report.%p.%q{REPORT}"
	# shellcheck disable=SC2046,SC2086
	# ICU's tables belong to its library: were that taken out of memory when Lua closes the module, they would count as lost.
	wrapped="env LD_PRELOAD=$PWD/build/memory/keep_loaded.so $valgrind" specs "core under valgrind" $LESS REPORT=core $(c_specs)
	specs "Prosody 0.12 under valgrind" SKOTOS_PROSODY=0.12 REPORT=live "SKOTOS_WRAP=$valgrind" spec/prosody/evening_spec.lua
	after "no error and no leak of the C module (valgrind)" reports "$dir"
}

stage_allocation() {
	need build/memory/allocation
	job "each allocation fails once: an answer or a dropped link, no crash, no leak" build/memory/allocation spec/support/memory/allocation.lua
}
