#!/usr/bin/env bash
# Starts a short training, kills it (kill -9) at random moments and resumes it until it is done; N times:
#   scripts/kill-and-resume.sh N [INPUT]
# Each run must end with the weights and the metrics, but for the seconds, of a run that nobody disturbed. Prints the
# score. PROXSEG=PATH takes another program, SEED=NUMBER other moments.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:?usage: $0 N [INPUT]}
input=${2:-data/synthetic}
program=${PROXSEG:-build/release/proxseg}
RANDOM=${SEED:-1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

settings=(--threads 1)
for setting in train.steps=24 train.batch=4 train.checkpoint_every=3 model.channels=4 input.scale=0.5; do
  settings+=(--set "$setting")
done

train() { # RUN: begins it, or goes on with it
  if [ -e "$1/config.json" ]; then
    "$program" train --resume "$1"
  else
    "$program" train --input "$input" --output "$1" --force "${settings[@]}"
  fi >"$folder/log" 2>&1
}

now() { date +%s%N; }

differs() { # RUN FILE: from the undisturbed run's
  ! cmp -s "$folder/whole/$2" "$1/$2"
}

without_seconds() { cut -d, -f1-9 "$1/metrics.csv"; }

loss_of() { grep '^  "loss"' "$1/summary.json"; }

start=$(now)
train "$folder/whole" || { cat "$folder/log" >&2; exit 1; }
duration=$((($(now) - start) / 1000000)) # milliseconds

good=0
for ((i = 1; i <= count; i++)); do
  run=$folder/run-$i
  kills=0
  while true; do
    train "$run" &
    process=$!
    # Three kills at most, so that it ends.
    if [ "$kills" -ge 3 ]; then
      wait "$process" || { cat "$folder/log" >&2; break; }
      break
    fi
    moment=$((RANDOM * duration / 32768)) # drawn here, as $RANDOM follows no seed in a subshell
    sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
    pkill -KILL -P "$process" 2>/dev/null || true
    status=0
    wait "$process" 2>/dev/null || status=$?
    [ "$status" -ne 0 ] || break
    if [ "$status" -ne 137 ]; then
      cat "$folder/log" >&2
      break
    fi
    kills=$((kills + 1))
  done
  if differs "$run" model.safetensors; then
    echo "run $i, killed $kills times: other weights" >&2
  elif [ "$(without_seconds "$run")" != "$(without_seconds "$folder/whole")" ]; then
    echo "run $i, killed $kills times: other metrics" >&2
  elif [ "$(loss_of "$run")" != "$(loss_of "$folder/whole")" ]; then
    echo "run $i, killed $kills times: another loss in summary.json" >&2
  else
    good=$((good + 1))
    rm -rf "$run"
  fi
done
echo "$good of $count killed runs ended as if undisturbed"
[ "$good" -eq "$count" ]
