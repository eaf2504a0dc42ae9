#!/usr/bin/env bash
# A training and a sweep on two hosts made of namespaces (network, processes), joined by a virtual
# cable. The training's loss is compared with that of one process; of the sweep's hosts one is cut
# off in a trial, which the other must take over. Needs root. PROXSEG=PATH takes another program.
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

# ---- a training

train=("$program" train --input data/synthetic --threads 1 --set train.batch=4 --set train.steps=10
  --set train.learning_rate=1e-3 --set model.channels=4 --set input.scale=0.5)

rank() { # HOST RANK OUTPUT
  RANK="$2" WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=10.213.0.1 MASTER_PORT=29500 \
    ip netns exec "$1" "${train[@]}" --output "$3" >"$folder/rank$2.log" 2>&1
}

losses() { tail -n +2 "$1/metrics.csv" | cut -d, -f2; }

"${train[@]}" --output "$folder/one" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
rank "$two" 1 "$folder/unused" &
rank "$one" 0 "$folder/both" || { cat "$folder/rank0.log" >&2; exit 1; }
wait $!
# The first loss up to rounding; the optimiser multiplies it from step to step.
paste <(losses "$folder/one") <(losses "$folder/both") | awk '
  { d = ($1 - $2) / $1; if (d < 0) d = -d; if (NR == 1) first = d; if (d > most) most = d }
  END {
    print "two hosts: relative difference of the loss from one process: " first " at first, " most " at most"
    exit first > 1e-6 || most > 1e-3
  }'
[ ! -e "$folder/unused" ] || { echo "rank 1 wrote a run folder" >&2; exit 1; }

# ---- a sweep

cat >"$folder/sweep.json" <<JSON
{"base": "fast", "inputs": ["$PWD/data/synthetic"],
 "set": {"train.steps": 40, "model.channels": 4, "train.init": "none"}, "grid": {"seed": [1, 2, 3, 4, 5, 6, 7, 8]}}
JSON

sweep() { # HOST LOG
  exec ip netns exec "$1" unshare --pid --fork --kill-child --mount-proc \
    "$program" sweep "$folder/sweep.json" --output "$folder/sweep" --worker --threads 1 >"$2" 2>&1
}

query() { # SQL
  python3 -c 'import sqlite3, sys; print(*(c for r in sqlite3.connect(sys.argv[1], 60).execute(sys.argv[2]) for c in r))' \
    "$folder/sweep/ledger.sqlite" "$1"
}

# The places at which trials of that condition run or ran.
places() { query "SELECT COUNT(DISTINCT substr(owner, 1, instr(owner, ' '))) FROM trials WHERE $1"; }

fail() { # WHY
  echo "two hosts: $1" >&2
  cat "$folder"/host*.log >&2
  exit 1
}

sweep "$one" "$folder/host1.log" &
first=$!
sweep "$two" "$folder/host2.log" &
second=$!
for ((i = 0; i < 600; ++i)); do
  [ -e "$folder/sweep/ledger.sqlite" ] && [ "$(places "state = 'running' AND progress LIKE 'train%'")" = 2 ] && break
  sleep 0.1
done
[ "$i" -lt 600 ] || fail "they never worked at the same time"
kill -KILL "$second"
wait "$second" 2>/dev/null || true
wait "$first" || fail "the sweep of the host that was left failed"
[ "$(query "SELECT COUNT(*) FROM trials WHERE state = 'done'")" = 8 ] || fail "trials are missing"
[ "$(query "SELECT SUM(attempts) FROM trials")" = 9 ] || fail "not exactly one trial was taken over"
echo "two hosts: a sweep went on without the host that was lost"
