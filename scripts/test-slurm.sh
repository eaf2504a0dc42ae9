#!/usr/bin/env bash
# Runs a small sweep through Slurm, on a cluster of two nodes that are both this machine: scripts/test-slurm.sh PROGRAM
# As root, on Debian; installs slurm-wlm where it is missing. What it starts, it stops.
set -euo pipefail
cd "$(dirname "$0")/.."

proxseg=$(realpath "$1")
command -v sbatch slurmctld slurmd munged >/dev/null || apt-get install -y -qq --no-install-recommends slurm-wlm munge

folder=$(mktemp -d)
daemons=()
cleanup() {
  code=$?
  if [ "$code" -ne 0 ]; then tail -n 20 "$folder"/*.log "$folder"/out/slurm/*.log >&2 || true; fi
  [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
  wait
  rm -rf "$folder"
}
trap cleanup EXIT
start() { # name, command ...
  "${@:2}" >"$folder/$1.log" 2>&1 &
  daemons+=($!)
}

if ! munge -n >/dev/null 2>&1; then
  install -d -o munge -g munge -m 755 /run/munge
  start munged runuser -u munge -- munged --foreground
fi

# No control groups, as in a container. Each node has one core.
nodes=(one two)
export SLURM_CONF=$folder/slurm.conf
cat >"$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
NodeName=one NodeHostname=one NodeAddr=127.0.0.1 Port=16818 CPUs=1 State=UNKNOWN
NodeName=two NodeHostname=two NodeAddr=127.0.0.1 Port=16819 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
mkdir "$folder/state" "$folder"/spool-{one,two}
start slurmctld slurmctld -D
for node in "${nodes[@]}"; do start "slurmd-$node" slurmd -D -N "$node"; done
idle() { [ "$(sinfo --noheader --Node --states=idle 2>/dev/null | wc -l)" -eq ${#nodes[@]} ]; }
for _ in $(seq 120); do
  ! idle || break
  sleep 1
done
idle

write_sweep() { # file, steps, grid
  cat >"$folder/$1" <<END
{
  "inputs": ["$PWD/data/synthetic"],
  "set": { "train.steps": $2, "train.batch": 4, "model.channels": 4, "threads": 1 },
  "grid": { $3 }
}
END
}
sweep() { "$proxseg" sweep "$folder/$1" --output "$folder/$2" --jobs 2 "${@:3}"; }
count() { "$proxseg" sweep status "$folder/$1" --json | grep -c "\"state\": \"$2\""; }

# The same results as on this machine without Slurm.
write_sweep sweep.json 2 '"seed": [1, 2], "mask.threshold": [0.4, 0.6]'
sweep sweep.json out --launcher slurm
sweep sweep.json here >/dev/null
f_measures() { "$proxseg" sweep export "$folder/$1" --json | grep '"F"'; }
[ "$(count out done)" -eq 4 ]
diff <(f_measures out) <(f_measures here)
# Both nodes had their part.
for node in "${nodes[@]}"; do scontrol show job --oneliner | grep -q " NodeList=$node "; done

# Ctrl-C lets what runs save, and takes back what waits.
write_sweep long.json 100000 '"seed": [1, 2, 3]'
"$proxseg" sweep "$folder/long.json" --output "$folder/stopped" --jobs 2 --launcher slurm &
pid=$!
for _ in $(seq 60); do
  [ "$(count stopped running 2>/dev/null)" != 2 ] || break
  sleep 1
done
kill -INT "$pid"
code=0
wait "$pid" || code=$?
[ "$code" -eq 130 ]
[ "$(count stopped waiting)" -eq 3 ]
[ -z "$(squeue --noheader)" ]
echo "slurm: all is well"
