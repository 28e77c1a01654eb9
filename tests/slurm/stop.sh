#!/bin/bash
# Stops what start.sh started, by pid files: jobs, then daemons. May be repeated.
set -euo pipefail

dir=${SLURM_ONE_HOST_DIR:-/tmp/slurm-one-host}
[ -d "$dir/run" ] || exit 0
export SLURM_CONF=$dir/slurm.conf

# A zombie has ended: where pid 1 reaps nothing it would be waited for in vain.
running() { [ -r "/proc/$1/status" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
# Prints the pid if the file names a live process that is this program.
live_pid() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ -r "/proc/$pid/comm" ] && [ "$(cat "/proc/$pid/comm")" = "$2" ] && running "$pid" && echo "$pid"
}

# Jobs first: slurmd's end does not end them, since each job has a slurmstepd of its own. Waiting jobs
# before running ones, or these would make room for them; KILL at once, to the whole tree of processes.
if live_pid "$dir/run/slurmctld.pid" slurmctld >/dev/null && timeout 5 scontrol ping >/dev/null 2>&1; then
  for partition in main urgent; do
    timeout 5 scancel --partition="$partition" --state=PENDING 2>/dev/null || true
    timeout 5 scancel --partition="$partition" --signal=KILL --full 2>/dev/null || true
    timeout 5 scancel --partition="$partition" 2>/dev/null || true
  done
  for ((tries = 0; tries < 100; tries++)); do
    [ -z "$(timeout 5 squeue -h -t RUNNING,COMPLETING,SUSPENDED 2>/dev/null)" ] && break
    sleep 0.1
  done
fi

# slurmctld before the slurmd's, munged last.
for file in "$dir"/run/slurmctld.pid "$dir"/run/slurmd.*.pid "$dir"/run/munged.pid; do
  name=$(basename "$file" .pid)
  pid=$(live_pid "$file" "${name%%.*}") || continue
  kill -TERM "$pid"
  for ((tries = 0; tries < 100; tries++)); do
    running "$pid" || break
    sleep 0.1
  done
  if running "$pid"; then
    echo "slurm-one-host: $name (pid $pid) did not end within 10 s: killed" >&2
    kill -KILL "$pid"
  fi
  rm -f "$file"
done
