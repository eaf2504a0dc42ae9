#!/usr/bin/env bash
# Trains in two processes on two hosts made of network namespaces, joined by a virtual cable, and compares the loss with that of one process. Needs root. PROXSEG=PATH takes another program.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${PROXSEG:-build/release/proxseg}
folder=$(mktemp -d)
one=proxseg-$$-1 two=proxseg-$$-2
trap 'ip netns del "$one"; ip netns del "$two"; rm -rf "$folder"' EXIT

for host in "$one" "$two"; do
  ip netns add "$host"
  ip -n "$host" link set lo up
done
ip -n "$one" link add cable type veth peer name cable netns "$two"
ip -n "$one" addr add 10.213.0.1/24 dev cable
ip -n "$two" addr add 10.213.0.2/24 dev cable
for host in "$one" "$two"; do ip -n "$host" link set cable up; done

train=("$program" train --input data/synthetic --threads 1 --set train.batch=4 --set train.steps=10
  --set model.channels=4 --set input.scale=0.5)

rank() { # HOST RANK OUTPUT
  RANK="$2" WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=10.213.0.1 MASTER_PORT=29500 \
    ip netns exec "$1" "${train[@]}" --output "$3" >"$folder/rank$2.log" 2>&1
}

losses() { tail -n +2 "$1/metrics.csv" | cut -d, -f2; }

"${train[@]}" --output "$folder/one" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
rank "$two" 1 "$folder/unused" &
rank "$one" 0 "$folder/both" || { cat "$folder/rank0.log" >&2; exit 1; }
wait $!
paste <(losses "$folder/one") <(losses "$folder/both") | awk '
  { d = ($1 - $2) / $1; if (d < 0) d = -d; if (d > most) most = d }
  END { print "two hosts: largest relative difference of the loss from one process: " most; exit most > 1e-3 }'
[ ! -e "$folder/unused" ] || { echo "rank 1 wrote a run folder" >&2; exit 1; }
