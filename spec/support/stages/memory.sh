# Stages of check.sh that look at memory: asan, valgrind, allocation. What they run is what the other stages run; a report about the C module, or a
# leak of it, is a failure even where every spec passes. Leaks of the interpreter and of other modules are not ours and are passed over.

# reports DIR: fails when a sanitizer's or valgrind's reports in DIR name our code, and shows those. A sanitizer's report that is no leak
# is always shown: the process ended with it.
reports() {
	local dir=$1 file found=0
	for file in "$dir"/*; do
		[[ -s $file ]] || continue
		if grep -qE 'ERROR: AddressSanitizer|runtime error:' "$file"; then
			cat "$file"
			found=1
		elif awk 'BEGIN { RS = "" } /luaclib\/|skotos_bridge|\((frame|request|game_link|answering|intake|lua_[a-z]+)\.c:/ { print; print ""; found = 1 } END { exit !found }' \
			<(sed -E 's/^==[0-9]+== ?//' "$file"); then
			found=1
		fi
	done
	return $found
}

asan_runtime() { clang -print-file-name=libclang_rt.asan-x86_64.so; }

# In Prosody: those specs that drive the C module hardest.
ASAN_SPECS="spec/prosody/link_spec.lua spec/prosody/lifecycle_spec.lua spec/prosody/login_spec.lua spec/prosody/evening_spec.lua spec/prosody/event_spec.lua \
	spec/prosody/tls_spec.lua spec/prosody/listener_spec.lua spec/prosody/games_spec.lua"

stage_asan() {
	local dir preload common
	step "build with AddressSanitizer and UndefinedBehaviorSanitizer" "$make" -j2 BUILD=build/asan CC=clang SANITIZE=address,undefined \
		build/asan/skotos_bridge.so build/memory/keep_loaded.so
	step "build the stand-in game" "$make" build/game build/wire build/openssl_queue.so
	dir=$(mktemp -d build/memory/asan.XXXXXX) preload="$(asan_runtime):$PWD/build/memory/keep_loaded.so"
	common=(SKOTOS_BUILD=build/asan UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=exitcode=0)
	specs "core with sanitizers" "${common[@]}" "ASAN_OPTIONS=log_path=$PWD/$dir/report:fast_unwind_on_malloc=0" \
		"LD_PRELOAD=$preload" spec/core/*_spec.lua spec/lua/*_spec.lua
	# shellcheck disable=SC2086
	specs "Prosody 0.12 with sanitizers" "${common[@]}" "ASAN_OPTIONS=log_path=$PWD/$dir/report" SKOTOS_PROSODY=0.12 \
		"SKOTOS_PRELOAD=$preload" $ASAN_SPECS
	step "no error and no leak of the C module (AddressSanitizer, UndefinedBehaviorSanitizer)" reports "$dir"
	rm -rf "$dir"
}

stage_valgrind() {
	local dir valgrind
	step "build the C module" "$make" build/skotos_bridge.so build/game build/openssl_queue.so
	mkdir -p build/memory
	dir=$(mktemp -d build/memory/valgrind.XXXXXX)
	valgrind="valgrind --quiet --leak-check=full --show-leak-kinds=definite --keep-debuginfo=yes --num-callers=40 --child-silent-after-fork=yes --log-file=$PWD/$dir/report.%p"
	wrapped=$valgrind specs "core under valgrind" spec/core/*_spec.lua spec/lua/*_spec.lua
	specs "Prosody 0.12 under valgrind" SKOTOS_PROSODY=0.12 "SKOTOS_WRAP=$valgrind" spec/prosody/evening_spec.lua
	step "no error and no leak of the C module (valgrind)" reports "$dir"
	rm -rf "$dir"
}

stage_allocation() {
	step "build the C core with allocations that can fail" "$make" build/memory/allocation
	step "each allocation fails once: an answer or a dropped link, no crash, no leak" build/memory/allocation spec/support/memory/allocation.lua
}
