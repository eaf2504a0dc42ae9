#!/usr/bin/env bash
# Kills (kill -9) a sweep of 24 trials, or one of its trials, or both, three times at random moments, and goes on with
# it; then lets two sweeps share a folder and kills one of them. As often as asked:
#   scripts/kill-sweep.sh ROUNDS [INPUT INPUT]
# Each must end with the trials, the values, the networks and the best trial of a sweep that nobody disturbed.
# PROXSEG=PATH takes another program, SEED=NUMBER other moments, STEPS=NUMBER longer trials.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:?usage: $0 ROUNDS [INPUT INPUT]}
shift
program=${PROXSEG:-build/release/proxseg}
RANDOM=${SEED:-1}
folder=$(mktemp -d)
cleanup() {
  for process in $(jobs -pr); do kill "$process" || true; done
  wait
  rm -rf "$folder"
}
trap cleanup EXIT

if [ $# -eq 0 ]; then
  "$program" synth --output "$folder/synthetic" --frames 60 --width 120 --height 80 --seed 2 >/dev/null
  set -- data/synthetic "$folder/synthetic"
fi
[ $# -eq 2 ] || { echo "two inputs are needed" >&2; exit 2; }

cat >"$folder/sweep.json" <<END
{
  "base": "fast",
  "inputs": ["$(realpath "$1")", "$(realpath "$2")"],
  "set": {
    "train.steps": ${STEPS:-12}, "train.checkpoint_every": 2, "train.batch": 4,
    "input.pixels": 4800, "model.channels": 4, "threads": 1
  },
  "grid": { "loss.l1.weight": [0.15, 0.5], "model.norm": ["batch", "group", "none"], "seed": [1, 2] }
}
END

sweep() { # FOLDER, more options: begins or goes on in the background; its process is in $sweep
  "$program" sweep "$folder/sweep.json" --output "$folder/$1" "${@:2}" >>"$folder/$1.log" 2>&1 &
  sweep=$!
}
alive() { kill -0 "$1" 2>/dev/null; }
# Chance is drawn here alone, as $RANDOM follows no seed in a subshell.
one_of() { drawn=${*:1 + RANDOM % $#:1}; } # its result is in $drawn
pause() {                                  # milliseconds at most
  local milliseconds=$((RANDOM * $1 / 32768))
  sleep "$((milliseconds / 1000)).$(printf %03d $((milliseconds % 1000)))"
}
kill_now() { kill -KILL "$@" 2>/dev/null || true; }

# What does not depend on the moment.
results() { "$program" sweep export "$folder/$1" --json | grep -vE '^ *"(attempts|seconds)":'; }
best() { "$program" sweep best "$folder/$1" --json | grep -E '^  "(id|value)":'; }
ids() { "$program" sweep status "$folder/$1" --json | sed -n 's/^ *"id": "\(.*\)",$/\1/p'; }

fail() { # FOLDER, what is wrong
  tail -n 30 "$folder/$1.log" >&2
  echo "$1: $2" >&2
  exit 1
}

check() { # FOLDER
  [ "$(ids "$1" | wc -l)" -eq 24 ] || fail "$1" "not 24 rows"
  [ "$(ids "$1" | sort -u | wc -l)" -eq 24 ] || fail "$1" "a trial has two rows"
  [ "$(find "$folder/$1/trials" -mindepth 1 -maxdepth 1 | wc -l)" -eq 24 ] || fail "$1" "not 24 folders"
  diff <(results undisturbed) <(results "$1") >&2 || fail "$1" "other results"
  diff <(best undisturbed) <(best "$1") >&2 || fail "$1" "another best trial"
  for id in $(ids "$1"); do
    cmp "$folder"/{undisturbed,"$1"}/trials/"$id"/run/model.safetensors >&2 || fail "$1" "other networks"
  done
}

start=$(date +%s%N)
sweep undisturbed --jobs 2
wait "$sweep" || fail undisturbed "it failed"
duration=$((($(date +%s%N) - start) / 1000000)) # milliseconds
check undisturbed

for ((round = 1; round <= rounds; round++)); do
  killed=killed-$round
  kills=()
  sweep "$killed" --jobs 2
  while [ ${#kills[@]} -lt 3 ]; do
    pause $((duration / 4))
    alive "$sweep" || break # it was faster
    mapfile -t trials < <(pgrep -P "$sweep")
    [ ${#trials[@]} -gt 0 ] || continue
    one_of sweep trial both
    kills+=("$drawn")
    one_of "${trials[@]}"
    case ${kills[-1]} in
      sweep) kill_now "$sweep" ;;
      trial) kill_now "$drawn" ;;
      both) kill_now "$sweep" "${trials[@]}" ;;
    esac
    [ "${kills[-1]}" = trial ] || sweep "$killed" --jobs 2
  done
  wait "$sweep" 2>/dev/null || sweep "$killed" --jobs 2 # killed trials are tried again
  wait "$sweep" || fail "$killed" "it does not end well"
  check "$killed"

  shared=shared-$round
  sweep "$shared" --jobs 1
  first=$sweep
  sweep "$shared" --jobs 1
  pause "$duration"
  one_of "$first" "$sweep"
  kill_now "$drawn"
  for process in "$first" "$sweep"; do
    wait "$process" 2>/dev/null || [ "$process" -eq "$drawn" ] || fail "$shared" "the other does not end well"
  done
  check "$shared"
  rm -rf "${folder:?}/$killed" "${folder:?}/$shared"
  echo "round $round: killed ${kills[*]}; then one of two: as if undisturbed"
done
