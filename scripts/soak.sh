#!/usr/bin/env bash
# Leaves `watch` on a camera at ten times real speed, segments an endless stream by `infer`, and trains again and again, each in a process
# of its own, and looks whether they grow:
#   scripts/soak.sh [MINUTES]        an hour unless said
# Of the last quarter of the time, neither the most memory (resident) nor the most open files may be above those of the second quarter,
# but for 3 % and 4 MiB, and 3 files; nor may `watch` keep more files then, but for 5 %, or be later than five seconds. Needs ffmpeg and
# python3. PROXSEG=PATH takes another program, ONLY=watch leaves the others out.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-60}
program=$(realpath "${PROXSEG:-build/release/proxseg}")
input=$(realpath data/synthetic)
folder=$(mktemp -d)
processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait; rm -rf "$folder"' EXIT
small=(--threads 1 --set train.steps=4 --set train.batch=4 --set model.channels=4 --set input.scale=0.5)

start_watch() { # a camera whose frames are 1/25 s apart, and come ten times as fast
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  python3 tests/servers/mjpeg_server.py "$port" "$input/input" 250 >"$folder/server.log" 2>&1 &
  processes+=($!)
  until grep -q ready "$folder/server.log"; do sleep 0.1; done
  "$program" watch "http://127.0.0.1:$port/" --output "$folder/watch" --threads 1 --segment 30s --keep 1m \
    >"$folder/watch.log" 2>&1 &
  watch=$!
  processes+=("$watch")
}

start_stream() {
  "$program" train --input "$input" --output "$folder/run" "${small[@]}" >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
  mkfifo "$folder/stream"
  ffmpeg -loglevel error -f image2 -loop 1 -i "$input/input/in%06d.jpg" -pix_fmt yuv420p -f yuv4mpegpipe - \
    >"$folder/stream" 2>/dev/null &
  processes+=($!)
  "$program" infer --model "$folder/run" --input - --output - <"$folder/stream" 2>"$folder/stream.log" \
    > >(wc -c >"$folder/stream.bytes") &
  stream=$!
  processes+=("$stream")
}

# A tree of the same sequence under many names: compare trains on each, in one process.
start_trainings() {
  mkdir "$folder/tree"
  for ((i = 0; i < 60 * minutes; i++)); do ln -s "$input" "$folder/tree/$i"; done
  "$program" compare "$folder/tree" --output "$folder/compared" --methods median "${small[@]}" >"$folder/train.log" 2>&1 &
  trainings=$!
  processes+=("$trainings")
}

sample() { # NAME PROCESS [FOLDER]: its memory in KiB, its open files and the files in FOLDER, a line
  echo "$(awk '/^VmRSS/ { print $2 }' "/proc/$2/status") $(find "/proc/$2/fd" -type l | wc -l)" \
    "$(if [ $# -gt 2 ]; then find "$3" -type f 2>/dev/null | wc -l; else echo 0; fi)" >>"$folder/$1.samples"
}

judge() { # NAME WHAT
  awk -v what="$2" '
    { memory[NR] = $1; open[NR] = $2; kept[NR] = $3 }
    function most(x, from, to,   i, m) { for (i = int(from) + 1; i <= to; i++) if (x[i] > m) m = x[i]; return m }
    END {
      m = most(memory, NR / 4, NR / 2) / 1024; n = most(memory, 3 * NR / 4, NR) / 1024
      f = most(open, NR / 4, NR / 2); g = most(open, 3 * NR / 4, NR)
      k = most(kept, NR / 4, NR / 2); l = most(kept, 3 * NR / 4, NR)
      printf "%s: memory %.1f MiB, then %.1f MiB; open files %d, then %d", what, m, n, f, g
      printf (l > 0 ? "; files kept %d, then %d\n" : "\n"), k, l
      exit NR < 8 || n > 1.03 * m + 4 || g > f + 3 || l > 1.05 * k + 1
    }' "$folder/$1.samples"
}

only=${ONLY:-}
start_watch
[ "$only" = watch ] || { start_stream; start_trainings; }
end=$((SECONDS + 60 * minutes))
while [ "$SECONDS" -lt "$end" ]; do
  sleep 2
  { sample watch "$watch" "$folder/watch" &&
    { [ "$only" = watch ] || { sample stream "$stream" && sample trainings "$trainings"; }; }; } ||
    { tail -n 5 "$folder"/*.log >&2; echo "a process ended before its time" >&2; exit 1; }
done

failures=0
kill "$watch"
wait "$watch" || true
statistics() { # FIELD: of each minute of the stream
  grep -h '"event":"statistics"' "$folder"/watch/events*.jsonl | grep -Po "\"$1\":\K[0-9.e+-]+"
}
judge watch "a camera of $(statistics frames | awk '{ s += $1 } END { print s }') frames" || failures=1
statistics delay | awk '{ if ($1 > most) most = $1 } END { printf "masks were at most %.2f s late\n", most; exit most > 5 }' || failures=1
if [ "$only" != watch ]; then
  kill "$stream"
  while [ ! -s "$folder/stream.bytes" ]; do sleep 0.1; done
  judge stream "a stream of $(($(cat "$folder/stream.bytes") / 1000000)) MB of masks" || failures=1
  judge trainings "$(find "$folder/compared" -name summary.json | wc -l) trainings" || failures=1
fi
exit "$failures"
