# Stage of check.sh that a change passes before its commit: builds, lints, the core's specs, and those live specs that have to do with the
# changed files (against main's last commit, or QUICK_BASE), on one Prosody.

# Each line: files that change -> spec files that have to do with them.
touches() {
	cat <<'END'
luaclib/(core/wire|core/answer|link)/	link_spec
luaclib/core/token/	login_bad_tokens_spec evening_spec
luaclib/core/request/	command_refused_spec
luaclib/core/policy/	games_spec
luaclib/link/listener|game/listener	listener_spec
luaclib/binding/	evening_spec command_refused_spec
skotos_bridge/game/	games_spec
mod_auth_skotos|skotos_bridge/login/	login_bad_tokens_spec evening_spec
skotos_bridge/room/(moderation|people|expel)	moderation_spec
skotos_bridge/room/(events|occupants)	event_spec
skotos_bridge/room/	command_refused_spec
skotos_bridge/shards/	shards_spec
skotos_bridge/admin/(metrics|health)	metrics_spec
skotos_bridge/admin/	shell_spec
skotos_bridge/ctl/	ctl_spec
mod_skotos_bridge\.lua	evening_spec log_spec
spec/support/(rig|game)	evening_spec
END
}

changed_files() { git diff --name-only "${QUICK_BASE:-HEAD}" && git ls-files -o --exclude-standard; }

# The live specs of the changed files: those that changed themselves, and those that the table names.
touched_specs() {
	local files pattern names name
	files=$(changed_files)
	grep -E '^spec/prosody/.*_spec\.lua$' <<<"$files"
	while IFS=$'\t' read -r pattern names; do
		grep -qE "$pattern" <<<"$files" || continue
		for name in $names; do echo "spec/prosody/$name.lua"; done
	done < <(touches)
}

stage_quick() {
	stage_lint
	stage_core
	if changed_files | grep -q '^packaging/'; then stage_packaging; fi
	# shellcheck disable=SC2046
	PROSODY=${PROSODY:-0.12} live_specs $(touched_specs | sort -u | while read -r f; do [[ -f $f ]] && echo "$f"; done)
}
