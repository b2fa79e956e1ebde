# Stages of check.sh that run spec files with busted, each file in a process of its own.
RIG="build/skotos_bridge.so build/skotos_probes.so build/game build/wire build/npm/.ready"

# wanted FILE: whether SPEC chooses it.
wanted() { [[ -z ${SPEC:-} || $(basename "$1") == *"$SPEC"* ]]; }

# specs NAME [VAR=VALUE…] FILE…: a job for each file.
specs() {
	local name=$1 env=() file
	shift
	while [[ ${1:-} == *=* ]]; do env+=("$1"); shift; done
	for file in "$@"; do
		# shellcheck disable=SC2086
		! wanted "$file" || job "$name $file" env ${env[@]+"${env[@]}"} ${wrapped:-} lua5.4 /usr/bin/busted -o spec/support/counts.lua "$file"
	done
}

core_specs() { find spec/luaclib spec/mod_skotos_bridge spec/try spec/*_spec.lua -name '*_spec.lua' | sort; }

# versions: the Prosodys that are wanted.
versions() {
	local version
	for version in 0.12 13.0; do
		[[ -n ${PROSODY:-} && $PROSODY != "$version" ]] || echo "$version"
	done
}

# live_specs FILE…: on each of those Prosodys.
live_specs() {
	local version
	# shellcheck disable=SC2086
	need $RIG
	for version in $(versions); do
		[[ $version != 13.0 ]] || need build/prosody13/.ready
		specs "Prosody $version" "SKOTOS_PROSODY=$version" "$@"
	done
}

# shellcheck disable=SC2086
stage_core() { need $RIG && specs core $(core_specs); }
# shellcheck disable=SC2086
stage_packaging() { need $RIG && specs packaging spec/packaging/*_spec.lua; }
stage_prosody() { live_specs spec/prosody/*_spec.lua; }
