# Stage of check.sh that looks at the C module as it is installed: what protects Prosody's process from a fault in it.

hardened() {
	local file=build/skotos_bridge.so wrong=0
	want() { "$@" || { echo "$file: not so: $*" && wrong=1; }; }
	says() { readelf -W "$1" $file | grep -qE "$2"; }
	says_not() { ! says "$@"; }
	calls() { nm -D --undefined-only $file | grep -qE " $1(@|\$)"; }
	want says -l 'GNU_RELRO'
	want says -d '\((BIND_NOW|FLAGS\).*BIND_NOW)' # full RELRO: resolved when loaded, then read-only
	want says -d 'FLAGS_1.*NOW'
	want says -l 'GNU_STACK +.* RW +'
	want says_not -l 'LOAD .* (RWE|WE) '
	want says_not -d '\((TEXTREL|RPATH|RUNPATH)\)'
	want says -h 'DYN \(Shared object file\)'
	want calls '__stack_chk_fail'
	want calls '__(vsnprintf|snprintf|memcpy|memset|strncpy)_chk'
	[[ $(nm -D --defined-only $file | awk '{ print $3 }') == luaopen_skotos_bridge ]] || { nm -D --defined-only $file && wrong=1; }
	return $wrong
}

stage_hardening() {
	need build/skotos_bridge.so
	after "full RELRO, no executable stack, stack protector, FORTIFY, nothing exported but luaopen_skotos_bridge" hardened
}
