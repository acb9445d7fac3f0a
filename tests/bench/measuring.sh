# Sourced by the steps: how a figure is noted, and how programs that are measured are started and ended.

# note STAGE CONTENDER ROUND: each line of the input becomes one figure.
note() { awk -v OFS='\t' -v s="$1" -v c="$2" -v r="$3" '{ print s, c, r, $1 }' >>"$BENCH/raw.tsv"; }

# start_load PROGRAM ARGUMENT...: load, heaps or ranges. It ends when its input does; its processes die with it.
start_load() {
  local line
  coproc LOAD { exec "$@"; }
  read -r -t 120 line <&"${LOAD[0]}" || { echo "the load does not stand" >&2; return 1; }
  load_pid=$LOAD_PID load_input=${LOAD[1]}
}

end_load() {
  [ -n "${load_pid:-}" ] || return 0
  exec {load_input}>&-
  wait "$load_pid" || true
  load_pid=
}

# end PID: a program of this script, and nothing else.
end() {
  kill -TERM "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# in_own_pids COMMAND...: with a /proc that shows no other process.
in_own_pids() { unshare --mount --pid --fork --mount-proc --kill-child -- "$@"; }

# What else the machine does disturbs all contenders alike, but not at the same moment.
wait_until_quiet() {
  local i
  for ((i = 0; i < 24; i++)); do
    if awk '{ exit !($1 < 0.6) }' /proc/loadavg; then
      return
    fi
    [ "$i" -gt 0 ] || echo "==> wait for a quiet moment, at most 2 minutes"
    sleep 5
  done
  echo "the machine does not come to rest: take these figures with care" >&2
}
