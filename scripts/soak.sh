#!/usr/bin/env bash
# Segments an endless stream in one process and trains again and again in another, and looks whether they grow:
#   scripts/soak.sh MINUTES
# Of the last quarter of the time, neither the most memory (resident) nor the most open files may be above those of the
# second quarter, but for 3 % and 4 MiB, and 3 files. Needs ffmpeg. PROXSEG=PATH takes another program.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:?usage: $0 MINUTES}
program=$(realpath "${PROXSEG:-build/release/proxseg}")
input=$(realpath data/synthetic)
folder=$(mktemp -d)
processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait; rm -rf "$folder"' EXIT
small=(--threads 1 --set train.steps=4 --set train.batch=4 --set model.channels=4 --set input.scale=0.5)

"$program" train --input "$input" --output "$folder/run" "${small[@]}" >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }

mkfifo "$folder/stream"
ffmpeg -loglevel error -f image2 -loop 1 -i "$input/input/in%06d.jpg" -pix_fmt yuv420p -f yuv4mpegpipe - \
  >"$folder/stream" 2>/dev/null &
processes+=($!)
"$program" infer --model "$folder/run" --input - --output - <"$folder/stream" 2>"$folder/stream.log" \
  > >(wc -c >"$folder/stream.bytes") &
stream=$!

# A tree of the same sequence under many names: compare trains on each, in one process.
mkdir "$folder/tree"
for ((i = 0; i < 60 * minutes; i++)); do ln -s "$input" "$folder/tree/$i"; done
"$program" compare "$folder/tree" --output "$folder/compared" --methods median "${small[@]}" >"$folder/train.log" 2>&1 &
trainings=$!
processes+=("$trainings" "$stream")

sample() { # NAME PROCESS: its memory in KiB and its open files, a line
  echo "$(awk '/^VmRSS/ { print $2 }' "/proc/$2/status") $(find "/proc/$2/fd" -type l | wc -l)" >>"$folder/$1.samples"
}

judge() { # NAME WHAT
  awk -v what="$2" '
    { memory[NR] = $1; files[NR] = $2 }
    function most(x, from, to,   i, m) { for (i = int(from) + 1; i <= to; i++) if (x[i] > m) m = x[i]; return m }
    END {
      m = most(memory, NR / 4, NR / 2) / 1024; n = most(memory, 3 * NR / 4, NR) / 1024
      f = most(files, NR / 4, NR / 2); g = most(files, 3 * NR / 4, NR)
      printf "%s: memory %.1f MiB, then %.1f MiB; open files %d, then %d\n", what, m, n, f, g
      exit NR < 8 || n > 1.03 * m + 4 || g > f + 3
    }' "$folder/$1.samples"
}

end=$((SECONDS + 60 * minutes))
while [ "$SECONDS" -lt "$end" ]; do
  sleep 2
  sample stream "$stream" && sample trainings "$trainings" ||
    { tail -n 5 "$folder"/{stream,train}.log >&2; echo "a process ended before its time" >&2; exit 1; }
done
kill "$stream"
while [ ! -s "$folder/stream.bytes" ]; do sleep 0.1; done
failures=0
judge stream "a stream of $(($(cat "$folder/stream.bytes") / 1000000)) MB of masks" || failures=1
judge trainings "$(find "$folder/compared" -name summary.json | wc -l) trainings" || failures=1
exit "$failures"
