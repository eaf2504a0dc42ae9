#!/usr/bin/env bash
# Starts a command in N processes on this machine that train together, each on its share of the cores:
#   scripts/launch-local.sh -n 2 -- build/release/proxseg train --input VIDEO --output runs/mine
# PORT (or MASTER_PORT) is where they meet, one that is free by default. Ends with the first failure's exit code, or 0.
set -euo pipefail

usage() {
  echo "usage: ${0##*/} -n PROCESSES [-p PORT] -- COMMAND ..." >&2
  exit 2
}

size=
port=${MASTER_PORT:-}
while getopts n:p: option; do
  case $option in
    n) size=$OPTARG ;;
    p) port=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[[ $size =~ ^[1-9][0-9]*$ && $# -gt 0 ]] || usage
if [ -z "$port" ]; then
  port=$((20000 + RANDOM % 20000))
  while ss -Htln "sport = :$port" 2>/dev/null | grep -q .; do port=$((port + 1)); done
fi

# Cores that this script may run on, one a line.
mapfile -t cores < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
  while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done)

share_of() { # RANK: its cores, as taskset takes them
  local first=$(($1 * ${#cores[@]} / size)) end=$((($1 + 1) * ${#cores[@]} / size))
  [ "$end" -gt "$first" ] || { first=$((first % ${#cores[@]})) end=$((first + 1)); }
  local IFS=,
  echo "${cores[*]:first:end-first}"
}

export WORLD_SIZE=$size MASTER_ADDR=127.0.0.1 MASTER_PORT=$port
processes=()
trap 'kill -TERM "${processes[@]}" 2>/dev/null' INT TERM
for ((rank = 0; rank < size; rank++)); do
  RANK=$rank LOCAL_RANK=$rank taskset -c "$(share_of "$rank")" "$@" &
  processes+=($!)
done

code=0
for process in "${processes[@]}"; do
  status=0
  wait "$process" || status=$?
  # A trap interrupts wait: the process may still be there.
  while kill -0 "$process" 2>/dev/null; do wait "$process" || status=$?; done
  [ "$code" -ne 0 ] || code=$status
done
exit "$code"
