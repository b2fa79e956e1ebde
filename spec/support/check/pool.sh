# The pool of check.sh: jobs that run side by side, the longest first, each told in one line as it ends, with its whole output if it failed.
passed=0 failed=0 skipped=0
job_names=() job_commands=() after_names=() after_commands=() failures=()

# job NAME COMMAND…: one thing to run. It passes with exit code 0, or, where its output ends in "counts PASSED FAILED SKIPPED", with those.
job() {
	job_names+=("$1")
	shift
	job_commands+=("$(printf '%q ' "$@")")
}

# after NAME COMMAND…: one thing, right or wrong as a whole, to look at when all jobs have ended.
after() {
	after_names+=("$1")
	shift
	after_commands+=("$(printf '%q ' "$@")")
}

# Each job has processes of its own, which end with it, where this machine allows that; `check` looks for others' processes.
enclosed=()
unshare --fork --pid --mount-proc --kill-child true 2>/dev/null && enclosed=(unshare --fork --pid --mount-proc --kill-child)

# How many seconds the job called $1 took when that was last written down (spec/support/check/seconds); 5 where it is not known.
seconds_of() { awk -v name="$1" '{ s = $1; sub(/^[0-9]+ /, ""); if ($0 == name) { print s; found = 1 } } END { if (!found) print 5 }' "$folder/seconds"; }

start_job() {
	local log=$work/$1
	{ TIMEFORMAT='%0U %0S' && time eval "${enclosed[*]:-} ${job_commands[$1]}" >"$log" 2>&1 </dev/null; } 2>"$log.cpu" &
	running[$!]=$1
	begun[$1]=$SECONDS
}

# The job $1 has ended with the exit code $2.
end_job() {
	local log=$work/$1 good=0 bad=0 pending=0 state=ok what=passed counts took=$((SECONDS - begun[$1])) user=0 system=0
	counts=$(grep -E '^counts [0-9]+ [0-9]+ [0-9]+$' "$log" | tail -n 1)
	if [[ -n $counts ]]; then
		read -r _ good bad pending <<<"$counts"
		[[ $2 -eq 0 || $bad -gt 0 ]] || bad=1
		what="$good passed, $bad failed$([[ $pending -eq 0 ]] || echo ", $pending skipped")"
	elif [[ $2 -eq 0 ]]; then
		good=1
	else
		bad=1 what="failed with exit code $2"
	fi
	ended=$((ended + 1)) passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + pending))
	if [[ $bad -gt 0 ]]; then
		state=FAIL
		failures+=("${job_names[$1]}: $what")
		grep -vE '^counts ' "$log"
	fi
	[[ ! -s $log.cpu ]] || read -r user system <"$log.cpu"
	printf '%-5s %3d/%d  %s: %s (%d s, %d of CPU)\n' "$state" "$ended" "${#job_names[@]}" "${job_names[$1]}" "$what" "$took" $((user + system))
	echo "$took $((user + system)) ${job_names[$1]}" >>"$work/seconds"
	rm -f "$log" "$log.cpu"
}

# Runs all jobs. How long each took is left in build/check-seconds.
run_jobs() {
	local -A running=() begun=()
	local work ended=0 at=$SECONDS i pid code most=${JOBS:-$(($(nproc) * 3 / 2))} order
	work=$(mktemp -d)
	trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"; exit 130' INT TERM HUP
	mapfile -t order < <(for i in "${!job_names[@]}"; do echo "$(seconds_of "${job_names[$i]}") $i"; done | sort -rn | awk '{ print $2 }')
	[[ ${#order[@]} -eq 0 ]] || printf '%d jobs, %d at a time\n' "${#order[@]}" "$most"
	for i in ${order[@]+"${order[@]}"} end; do
		while [[ ${#running[@]} -gt 0 && ($i == end || ${#running[@]} -ge $most) ]]; do
			wait -n -p pid "${!running[@]}"
			code=$?
			end_job "${running[$pid]}" $code
			unset "running[$pid]"
		done
		[[ $i == end ]] || start_job "$i"
	done
	trap - INT TERM HUP
	mkdir -p build
	[[ ! -f $work/seconds ]] || sort -rn "$work/seconds" >build/check-seconds
	rm -rf "$work"
	printf 'all jobs: %d s\n' $((SECONDS - at))
}

run_afters() {
	local i log
	log=$(mktemp)
	for i in ${after_names[@]+"${!after_names[@]}"}; do
		if eval "${after_commands[$i]}" >"$log" 2>&1; then
			passed=$((passed + 1))
			printf 'ok    %s\n' "${after_names[$i]}"
		else
			failed=$((failed + 1)) failures+=("${after_names[$i]}")
			cat "$log"
			printf 'FAIL  %s\n' "${after_names[$i]}"
		fi
	done
	rm -f "$log"
}

# What failed, once more at the end, where it is looked for.
tell_failures() {
	[[ ${#failures[@]} -eq 0 ]] || printf '\nfailed: %s' "${failures[@]}"
	[[ ${#failures[@]} -eq 0 ]] || echo
}
