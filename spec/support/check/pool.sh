# The pool of check.sh: jobs that run side by side, the longest first, as many as the cores can carry, each told in one line as it ends, with its whole output if it failed.
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

# How long each job took when that was last written down, in seconds of the clock and of CPU.
declare -A known_seconds=() known_cpu=()

read_seconds() {
	local took cpu name
	while read -r took cpu name; do known_seconds[$name]=$took known_cpu[$name]=$cpu; done < <(grep -E '^[1-9][0-9]* [0-9]+ ' "$folder/seconds")
}

# What each job needs of a core, in percent: most wait for others most of the time.
share_out() {
	local i name share
	for i in "${!job_names[@]}"; do
		name=${job_names[$i]}
		share=$((${known_cpu[$name]:-1} * 100 / ${known_seconds[$name]:-2}))
		shares[$i]=$((share < 15 ? 15 : share > 100 ? 100 : share))
	done
}

# Each job is a process group of its own, so that it can be ended as a whole: unshare and the first process of a namespace do not mind SIGTERM.
start_job() {
	local log=$work/$1
	set -m
	{ TIMEFORMAT='%0U %0S' && time eval "${enclosed[*]:-} ${job_commands[$1]}" >"$log" 2>&1 </dev/null; } 2>"$log.cpu" &
	set +m
	running[$!]=$1
	begun[$1]=$SECONDS
	busy=$((busy + shares[$1]))
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

# The first of the jobs in `order` that there is room for, in `next`. There is always room for one.
next_job() {
	local at
	[[ ${#running[@]} -lt $most ]] || return 1
	for at in "${!order[@]}"; do
		next=${order[$at]}
		if [[ ${#running[@]} -eq 0 || $((busy + shares[next])) -le $room ]]; then
			unset "order[$at]"
			return 0
		fi
	done
	return 1
}

stop_jobs() {
	local pid
	for pid in "${!running[@]}"; do kill -KILL -- "-$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$work"
	exit 130
}

# Runs all jobs, so many at a time that they keep the cores busy. How long each took is left in build/check-seconds.
run_jobs() {
	local -A running=() begun=()
	local -a shares=()
	local work ended=0 at=$SECONDS i pid code order next busy=0 room=$(($(nproc) * 100)) most=${JOBS:-$(($(nproc) * 4))}
	work=$(mktemp -d)
	trap stop_jobs INT TERM HUP
	read_seconds
	share_out
	mapfile -t order < <(for i in "${!job_names[@]}"; do echo "${known_seconds[${job_names[$i]}]:-5} $i"; done | sort -rn | awk '{ print $2 }')
	[[ ${#order[@]} -eq 0 ]] || printf '%d jobs, up to %d at a time\n' "${#order[@]}" "$most"
	while [[ ${#order[@]} -gt 0 || ${#running[@]} -gt 0 ]]; do
		while next_job; do start_job "$next"; done
		wait -n -p pid "${!running[@]}"
		code=$?
		i=${running[$pid]}
		end_job "$i" $code
		busy=$((busy - shares[i]))
		unset "running[$pid]"
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
