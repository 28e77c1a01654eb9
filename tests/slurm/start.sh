#!/bin/bash
# Starts a Slurm cluster of several nodes on this one host, loopback only, and prints what sets SLURM_CONF. Needs root, the
# packages of debian-packages.txt, and a host name that is 127.0.0.1; no systemd, cgroups or Docker. May be repeated.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${SLURM_ONE_HOST_DIR:-/tmp/slurm-one-host}
nodes=${SLURM_ONE_HOST_NODES:-4}
cpus=${SLURM_ONE_HOST_CPUS:-2}
memory_mb=${SLURM_ONE_HOST_MEMORY_MB:-4096}
ctld_port=${SLURM_ONE_HOST_PORT:-26817}
cred_expire=${SLURM_ONE_HOST_CRED_EXPIRE:-5}
kill_wait=${SLURM_ONE_HOST_KILL_WAIT:-5}
slurmd_timeout=${SLURM_ONE_HOST_SLURMD_TIMEOUT:-10}

say() { echo "slurm-one-host: $*" >&2; }
die() { say "$*"; exit 1; }

[ "$(id -u)" = 0 ] || die "must be run as root"
[ "$nodes" -ge 1 ] || die "SLURM_ONE_HOST_NODES must be 1 or more, not '$nodes'"

# --- already running? --------------------------------------------------------------------------
export SLURM_CONF=$dir/slurm.conf
# True if the pid file names a live process that is this program.
alive() {
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) && [ -n "$pid" ] && [ -r "/proc/$pid/comm" ] &&
    [ "$(cat "/proc/$pid/comm")" = "${1%%.*}" ] && ! grep -q '^State:.Z' "/proc/$pid/status"
}
if alive slurmctld && scontrol ping >/dev/null 2>&1; then
  say "already running in $dir"
  echo "export SLURM_CONF=$SLURM_CONF"
  exit 0
fi
"$here/stop.sh"

# --- this host's name must be 127.0.0.1 ----------------------------------------------------------
# Slurm binds to what the name resolves to. With Debian's own 127.0.1.1 batch jobs would run, but
# srun would listen there and be called back on 127.0.0.1.
host=$(hostname -s)
address=$(getent ahostsv4 "$host" | awk 'NR==1 {print $1}') || true
[ "$address" = 127.0.0.1 ] ||
  die "host name '$host' resolves to '${address:-nothing}'; put '127.0.0.1 $host' before other lines with it in /etc/hosts"

# --- files ------------------------------------------------------------------------------------
if [ -e "$dir" ] && [ -n "$(ls -A "$dir")" ] && ! grep -qs '^ClusterName=onehost' "$dir/slurm.conf"; then
  die "$dir holds something else: not touched"
fi
rm -rf "$dir"
umask 022
mkdir -p "$dir"/{run,log,state,spool}
for ((i = 1; i <= nodes; i++)); do mkdir -p "$dir/spool/n$i"; done
mkdir -m 0755 "$dir/munge"

sed -e "s|@DIR@|$dir|g" -e "s|@HOST@|$host|g" -e "s|@CTLD_PORT@|$ctld_port|g" \
    -e "s|@NODES@|$nodes|g" -e "s|@CPUS@|$cpus|g" -e "s|@MEMORY_MB@|$memory_mb|g" \
    -e "s|@FIRST_PORT@|$((ctld_port + 1))|g" -e "s|@LAST_PORT@|$((ctld_port + nodes))|g" \
    -e "s|@CRED_EXPIRE@|$cred_expire|g" -e "s|@KILL_WAIT@|$kill_wait|g" \
    -e "s|@SLURMD_TIMEOUT@|$slurmd_timeout|g" "$here/slurm.conf.in" > "$dir/slurm.conf"
# slurmd 22.05 loads a cgroup plugin even where none is used. Left to choose, it ends where no cgroup
# is mounted, and asks systemd over D-Bus where v2 is. Told v1, and used by nothing, it touches none.
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' > "$dir/cgroup.conf"

# --- daemons: each writes its own pid file under run/ -----------------------------------------
# Half a cluster is none: on failure show the logs and stop what did start.
failed() {
  tail -n 20 "$dir"/log/*.log >&2
  "$here/stop.sh"
}
trap failed EXIT
(umask 077 && head -c 128 /dev/urandom > "$dir/munge/munge.key")
munged --socket="$dir/munge/munge.socket" --key-file="$dir/munge/munge.key" \
  --pid-file="$dir/run/munged.pid" --log-file="$dir/log/munged.log" --seed-file="$dir/munge/munged.seed"

slurmctld -f "$dir/slurm.conf" || die "slurmctld did not start: see $dir/log/slurmctld.log"
for ((i = 1; i <= nodes; i++)); do
  slurmd -f "$dir/slurm.conf" -N "n$i" || die "slurmd n$i did not start: see $dir/log/slurmd.n$i.log"
done

# --- ready when every node is idle ------------------------------------------------------------
for ((tries = 0; tries < 300; tries++)); do
  idle=$(sinfo -h -p main -t idle -o %D 2>/dev/null || true)
  if [ "$idle" = "$nodes" ]; then
    say "$nodes nodes of $cpus CPUs are idle; state and logs in $dir"
    trap - EXIT
    echo "export SLURM_CONF=$SLURM_CONF"
    exit 0
  fi
  sleep 0.1
done
say "nodes are not ready after 30 s:"
sinfo -N -l >&2 || true
exit 1
