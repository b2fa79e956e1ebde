# Stage of check.sh that a change passes before its commit: builds, lints, the core's specs, and those live specs that have to do with the
# changed files (against main's last commit, or QUICK_BASE), on one Prosody.

changed_files() { git diff --name-only --diff-filter=d "${QUICK_BASE:-HEAD}" && git ls-files -o --exclude-standard; }

# The live specs of the changed files: those that changed themselves, and of those that cover the others the two quickest.
touched_specs() {
	local file pattern names name
	while read -r file; do
		[[ $file != spec/prosody/*_spec.lua ]] || echo "$file"
		while IFS=$'\t' read -r pattern names; do
			[[ $file =~ $pattern && $pattern != '#'* ]] || continue
			for name in $(cut -d ' ' -f 1,2 <<<"$names"); do echo "spec/prosody/${name}_spec.lua"; done
			break
		done <"$folder/covers"
	done < <(changed_files)
}

stage_quick() {
	stage_lint
	stage_core
	if changed_files | grep -q '^packaging/'; then stage_packaging; fi
	# shellcheck disable=SC2046
	PROSODY=${PROSODY:-0.12} live_specs $(touched_specs | sort -u)
}
