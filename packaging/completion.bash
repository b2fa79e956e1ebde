# Completion for bash of skotos-bridge-setup, skotos-game-setup and prosodyctl mod_skotos_bridge: what each says of itself with --help.

# The options that a command's help names.
_skotos_options() { "$@" --help 2>/dev/null </dev/null | grep -oE '(^|[[:space:][(|])--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+' | sort -u; }

_skotos_setup() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	case $prev in
	--tls-ca | --tls-certificate | --tls-key | --secret-file | --from | --instance | --root)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$(_skotos_options "$1")" -- "$cur")
}
complete -F _skotos_setup skotos-bridge-setup skotos-game-setup

_skotos_prosodyctl() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	if [[ $COMP_CWORD -eq 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "mod_skotos_bridge" -- "$cur")
	elif [[ ${COMP_WORDS[1]} != mod_skotos_bridge ]]; then
		return
	elif [[ $COMP_CWORD -eq 2 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$1" mod_skotos_bridge --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p')" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_skotos_options "$1" mod_skotos_bridge "${COMP_WORDS[2]}")" -- "$cur")
	fi
}
complete -o default -F _skotos_prosodyctl prosodyctl
