#!/usr/bin/env bash
# CDnet 2014: trains on each video without labels, segments and measures it, and prints F by category beside the published
# figures of data/cdnet2014-published.csv:
#   scripts/benchmark-cdnet.sh ROOT OUTPUT [arguments for proxseg train ...]
# ROOT holds CATEGORY/VIDEO/{input,groundtruth,ROI.bmp,temporalROI.txt}: all 53 videos, or some of them. OUTPUT gets
#   results.md    the table, and what each video took      results.csv   every measure of each video, category, and of all
#   results.zip   for changedetection.net: results/CATEGORY/VIDEO/binNNNNNN.png of the frames in temporalROI.txt
#   times.csv, log, and the networks (runs/) and all masks (results/)
# The same command goes on where it stopped: a video that is done is not done again, a training continues from its last
# checkpoint. A video that fails is named at the end, and tried again by the next call. PROXSEG=PATH takes another program.
set -euo pipefail
export LC_ALL=C.UTF-8

fail() { # CODE MESSAGE
  echo "benchmark-cdnet: $2" >&2
  exit "$1"
}

[ $# -ge 2 ] || fail 2 "usage: $0 ROOT OUTPUT [arguments for proxseg train ...]"
[ -d "$1" ] || fail 4 "'$1' is no folder"
root=$(realpath "$(dirname "$0")/..")
tree=$(realpath "$1")
output=$(realpath -m "$2")
shift 2

mapfile -t videos < <(cd "$tree" && for video in */*/; do
  [ ! -d "$video/input" ] || [ ! -d "$video/groundtruth" ] || echo "${video%/}"
done)
[ ${#videos[@]} -gt 0 ] ||
  fail 4 "no CATEGORY/VIDEO in '$tree' holds input/ and groundtruth/. Give the folder of CDnet's categories."

if [ -n "${PROXSEG:-}" ]; then
  program=$(realpath "$PROXSEG")
else
  "$root/scripts/build.sh" release proxseg
  program=$root/build/release/proxseg
fi

mkdir -p "$output"/{runs,results}
exec {lock}>"$output/.lock"
flock -n "$lock" || fail 5 "another call works in '$output'."
made_by="$(sha256sum <"$program" | head -c 12) $tree${*:+ $*}"
[ -e "$output/made-by" ] || echo "$made_by" >"$output/made-by"
[ "$made_by" = "$(cat "$output/made-by")" ] ||
  fail 5 "'$output' is of another program, ROOT or arguments: $(cat "$output/made-by"). Choose another OUTPUT, or remove it."
touch "$output/times.csv"

is_done() { # VIDEO STAGE
  awk -F, -v video="$1" -v stage="$2" '$1 == video && $2 == stage && $4 == "done" { found = 1 } END { exit !found }' \
    "$output/times.csv"
}

# Runs a command unless an earlier call has; a line of times.csv says what it took.
stage() { # VIDEO STAGE COMMAND...
  local video=$1 stage=$2 start=$EPOCHREALTIME code=0
  shift 2
  ! is_done "$video" "$stage" || return 0
  "$@" >>"$output/log" 2>&1 || code=$?
  awk -v video="$video" -v stage="$stage" -v start="$start" -v end="$EPOCHREALTIME" -v code="$code" \
    'BEGIN { printf "%s,%s,%.1f,%s\n", video, stage, end - start, code ? "stopped" : "done" }' >>"$output/times.csv"
  [ "$code" -ne 130 ] || fail 130 "stopped at $video; the same command goes on."
  return "$code"
}

train() { # VIDEO [ARGUMENTS...]
  local run=$output/runs/$1
  if [ -e "$run/config.json" ]; then
    "$program" train --resume "$run"
  else
    "$program" train --input "$tree/$1" --output "$run" --force "${@:2}"
  fi
}

segment() { # VIDEO
  "$program" infer --model "$output/runs/$1" --input "$tree/$1" --output "$output/results/$1" --layout cdnet
}

finished=()
failed=()
for video in "${videos[@]}"; do
  if stage "$video" training train "$video" "$@" && stage "$video" segmenting segment "$video"; then
    finished+=("$video")
    echo "$((${#finished[@]} + ${#failed[@]})) of ${#videos[@]}: $video" >&2
  else
    failed+=("$video")
    tail -n 3 "$output/log" >&2
  fi
done
[ ${#finished[@]} -gt 0 ] || fail 1 "no video could be trained on and segmented; see $output/log"

# eval takes a tree: one of those that are done.
rm -rf "$output/truth"
for video in "${finished[@]}"; do
  mkdir -p "$output/truth/$(dirname "$video")"
  ln -s "$tree/$video" "$output/truth/$video"
done
"$program" eval --masks "$output/results" --ground-truth "$output/truth" --csv "$output/results.csv" \
  >/dev/null 2>>"$output/log" || { code=$?; tail -n 3 "$output/log" >&2; exit "$code"; }

# Rows of cells divided by | as a table in Markdown, columns as wide as their widest cell, all but the first to the right.
aligned() {
  awk -F'|' '
    { for (i = 1; i <= NF; ++i) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } columns = NF }
    function dashes(count) { return count > 0 ? "-" dashes(count - 1) : "" }
    END {
      for (row = 1; row <= NR; ++row) {
        line = rule = "|"
        for (i = 1; i <= columns; ++i) {
          line = line sprintf(i > 1 ? " %" width[i] "s |" : " %-" width[i] "s |", cell[row, i])
          rule = rule " " dashes(width[i] - (i > 1)) (i > 1 ? ":" : "") " |"
        }
        print line
        if (row == 1) print rule
      }
    }'
}

published=$root/data/cdnet2014-published.csv

by_category() {
  awk -F, '
    function short(value) { value = sprintf("%.4f", value); sub(/^0/, "", value); return value }
    function row(name,   line, m) {
      line = name "|" (name == "overall" ? total : count[name] + 0) (name in all ? " of " all[name] : "")
      line = line "|" (name in ours ? ours[name] : "-")
      for (m = 1; m <= methods; ++m) line = line "|" ((m, name) in known ? known[m, name] : "-")
      print line
    }
    NR == FNR && FNR == 1 { for (i = 3; i < NF; ++i) category[i] = $i; last = NF - 1; next }
    NR == FNR && $1 == "videos" { for (i = 3; i <= last; ++i) all[category[i]] = $i; next }
    NR == FNR {
      method[++methods] = $1 ($2 == "none" ? "" : "*")
      for (i = 3; i <= last; ++i) known[methods, category[i]] = $i
      next
    }
    FNR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    $1 == "sequence" { split($2, path, "/"); ++count[path[1]]; ++total; next }
    { name = $1 == "overall" ? "overall" : $2; ours[name] = short($column["F"]); if (!(name in all)) other[++others] = name }
    END {
      line = "category|videos|proxseg"
      for (m = 1; m <= methods; ++m) line = line "|" method[m]
      print line
      for (i = 3; i < last; ++i) row(category[i])
      for (i = 1; i <= others; ++i) row(other[i])
      row("overall")
    }' "$published" "$output/results.csv" | aligned
}

by_video() {
  awk -F, '
    NR == FNR { took[$1, $2] += $3; next }
    FNR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; print "video|frames measured|Re|Pr|F|training s|segmenting s"; next }
    $1 == "sequence" {
      printf "%s|%d|%.4f|%.4f|%.4f|", $2, $column["frames"], $column["Re"], $column["Pr"], $column["F"]
      printf "%.1f|%.1f\n", took[$2, "training"], took[$2, "segmenting"]
      training += took[$2, "training"]; segmenting += took[$2, "segmenting"]
    }
    END { printf "all|||||%.1f|%.1f\n", training, segmenting }' "$output/times.csv" "$output/results.csv" | aligned
}

about_published() {
  awk -F, '
    function add(list, name) { return list (list ? ", " : "") name }
    NR > 2 { learned[$2] = add(learned[$2], $1); if (!($NF in from)) order[++sources] = $NF; from[$NF] = add(from[$NF], $1) }
    END {
      print "*: learned from labels. " learned["images"] ": labelled images of other scenes. " learned["videos"] ": labelled videos of"
      print "CDnet other than the one measured."
      for (i = 1; i <= sources; ++i) print "As printed by " order[i] ": " from[order[i]] "."
    }' "$published"
}

commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git -C "$root" status --porcelain 2>/dev/null)" ] || commit+=" + changes"
machine="$(sed -n '/^model name/{s/[^:]*: //p;q}' /proc/cpuinfo), $(getconf _NPROCESSORS_ONLN) cores"
{
  echo "proxseg $commit, $(date +%F), $machine: scripts/benchmark-cdnet.sh $(basename "$tree")${*:+ $*}"
  echo
  by_category
  echo
  echo "F by the rule of CDnet 2014: of a category the mean over its videos, overall the mean over categories. Rows without all"
  echo "videos do not compare with the published figures. proxseg is measured on the ground truth that is in ROOT, of which CDnet"
  echo "publishes a part; its server, to which results.zip can be uploaded, counts all of it."
  about_published
  echo
  by_video
} >"$output/results.md"
cat "$output/results.md"

# CDnet takes a zip of the folder results/.
for video in "${finished[@]}"; do
  first=0 last=999999999
  if [ -e "$tree/$video/temporalROI.txt" ]; then
    read -r first last _ < <(tr -s '\r\n' ' ' <"$tree/$video/temporalROI.txt" && echo)
  fi
  find "$output/results/$video" -name 'bin*.png' -printf '%f\n' | sort |
    awk -v first="$first" -v last="$last" -v folder="results/$video/" \
      '{ number = substr($0, 4) + 0 } number >= first && number <= last { print folder $0 }'
done >"$output/.upload"
(cd "$output" && cmake -E tar cf .results.zip --format=zip --files-from=.upload && mv .results.zip results.zip)
echo
echo "$output/results.zip holds $(wc -l <"$output/.upload") masks of ${#finished[@]} videos.$(
  [ ${#finished[@]} -ge 53 ] || echo " CDnet ranks methods by all 53.")"
[ ${#failed[@]} -eq 0 ] || fail 1 "failed: ${failed[*]}; see $output/log. The same command tries again."
