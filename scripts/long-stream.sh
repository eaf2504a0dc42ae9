#!/usr/bin/env bash
# A generated day of a camera, with exact ground truth, as a stream through proxseg and through classical methods:
#   scripts/long-stream.sh OUTPUT [COMMAND...]
# Prints F of each stretch of the day (proxseg synth --help says which) for each COMMAND, the words of a call of proxseg that
# reads standard input and that --output can be added to; without any, those below. The day lasts 800 seconds however many
# frames it has: FRAMES=4000 makes 5 a second in place of 25. SEED=2 makes another day, PROXSEG=PATH takes another program.
# Needs ffmpeg. OUTPUT keeps the day and the masks; what is there is not made again.
set -euo pipefail

output=$(realpath -m "${1:?usage: $0 OUTPUT [COMMAND...]}")
shift
cd "$(dirname "$0")/.."
frames=${FRAMES:-20000} seed=${SEED:-1}
rate=${RATE:-$frames/800}
program=$(realpath "${PROXSEG:-build/release/proxseg}")
[ $# -gt 0 ] || set -- 'watch - --save mask' 'baseline mog2 --input -' 'baseline knn --input -'

day=$output/day-$frames-$seed
if [ ! -e "$day/stretches.csv" ]; then
  "$program" synth --day --output "$day" --force --frames "$frames" --seed "$seed" --width 320 --height 240 --objects 8 >&2
fi
# A sequence for each stretch: the same ground truth, another range.
tail -n +2 "$day/stretches.csv" | while IFS=, read -r name first last; do
  mkdir -p "$day/stretch/$name"
  ln -sfn ../../groundtruth "$day/stretch/$name/groundtruth"
  echo "$first $last" >"$day/stretch/$name/temporalROI.txt"
done

stream() {
  ffmpeg -loglevel error -framerate "$rate" -i "$day/input/in%06d.jpg" -pix_fmt yuv444p -strict -1 -f yuv4mpegpipe -
}

tables=()
for command in "$@"; do
  folder=$output/$(tr -cs 'A-Za-z0-9\n' - <<<"$command")-$frames-$seed
  if [ ! -e "$folder/seconds" ]; then
    start=$SECONDS
    rm -rf "$folder"
    # shellcheck disable=SC2086 # the words of the command
    stream | "$program" $command --output "$folder" --no-progress >&2
    echo $((SECONDS - start)) >"$folder/seconds"
  fi
  rm -rf "$folder/stretch"
  masks=$(find "$folder" -type d -name mask | head -n 1)
  for stretch in "$day"/stretch/*/; do
    mkdir -p "$folder/stretch/$(basename "$stretch")"
    ln -sfn "$masks" "$folder/stretch/$(basename "$stretch")/mask"
  done
  "$program" eval --masks "$folder/stretch" --ground-truth "$day/stretch" --csv "$folder/stretches.csv" --no-progress \
    >/dev/null
  tables+=("$folder")
done

printf '| stretch |'; printf ' %s |' "$@"; printf '\n|---|'; printf -- '---:|%.0s' "$@"; echo
column() { # FOLDER STRETCH
  awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i } $at["name"] == name { printf " %.3f |", $at["F"]; exit }' \
    "$1/stretches.csv"
}
row() { # STRETCH
  printf '| %s |' "$1"
  for folder in "${tables[@]}"; do column "$folder" "$1"; done
  echo
}
tail -n +2 "$day/stretches.csv" | while IFS=, read -r name _; do row "$name"; done
printf '| seconds |'; for folder in "${tables[@]}"; do printf ' %s |' "$(cat "$folder/seconds")"; done; echo
