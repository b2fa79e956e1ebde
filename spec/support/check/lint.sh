# Stage of check.sh that looks at the code without running it, and that it builds with another compiler.

# The files of the tree that match, also new ones; not those that are about to go. build/ may hold whole systems.
tree_files() { git ls-files -co --exclude-standard "$@" | sort -u | while read -r f; do [[ -f $f ]] && echo "$f"; done; }

exports() { ! nm -D --defined-only build/skotos_bridge.so | awk '{ print $3 }' | grep -v '^luaopen_'; }

# A header that bears the name of one of the system's is found from everywhere.
headers() { ! find luaclib -name '*.h' -printf '%f\n' | while read -r h; do find /usr/include -maxdepth 1 -name "$h"; done | grep .; }

# Prints what `covers` names that is not there, and code for which it names nothing.
covers() {
	local name patterns
	patterns=$(grep -v '^#' "$folder/covers" | cut -f 1)
	! {
		grep -v '^#' "$folder/covers" | cut -f 2 | tr ' ' '\n' | while read -r name; do
			[[ -f spec/prosody/${name}_spec.lua ]] || echo "covers: there is no spec/prosody/${name}_spec.lua"
		done
		tree_files 'luaclib/*.c' 'mod_skotos_bridge/*.lua' | grep -vE "$patterns"
	} | grep .
}

stage_lint() {
	need build/skotos_bridge.so clang-build fuzz-targets
	# shellcheck disable=SC2046
	job "clang-format" clang-format --dry-run --Werror $(tree_files '*.c' '*.h' ':!packaging/skotos')
	# shellcheck disable=SC2046
	job "luacheck" luacheck --quiet $(tree_files '*.lua')
	job "shellcheck, as POSIX sh" shellcheck -s sh packaging/bin/skotos-game-setup packaging/need.sh packaging/changelog.sh
	# shellcheck disable=SC2046
	job "cppcheck" cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem $(printf -- '-I%s ' luaclib/*/ luaclib/core/*/) luaclib spec/support/game
	after "what covers a file is there" covers
	after "nothing is exported but luaopen_*" exports
	after "no header is called as one of the system's" headers
}
