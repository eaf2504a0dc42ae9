#!/usr/bin/env bash
# Leaves `watch` on real servers on this machine: cameras behind RTSP (Debian's gst-rtsp-server) and behind HTTP, which are stopped,
# started again, held up, and send broken packets:
#   scripts/test-servers.sh PROGRAM
# Takes two minutes. Needs ffmpeg; without python3-gi, gir1.2-gst-rtsp-server-1.0 and gstreamer1.0-plugins-good RTSP is left out.
set -euo pipefail
program=$(realpath "${1:?usage: $0 PROGRAM}")
cd "$(dirname "$0")/.."
servers=$PWD/tests/servers
python=/usr/bin/python3 # whose packages are Debian's

folder=$(mktemp -d)
processes=()
trap 'kill -CONT "${processes[@]}" 2>/dev/null; kill "${processes[@]}" 2>/dev/null; wait; rm -rf "$folder"' EXIT

fail() { echo "servers: $*" >&2; cat "$folder"/*.log >&2; exit 1; }
count() { { cat "$folder/$1/events.jsonl" 2>/dev/null || true; } | grep -c "\"event\":\"$2\"" || true; } # FOLDER EVENT
await() { # FOLDER EVENT NUMBER: until there are so many of them
  for ((i = 0; i < 600; i++)); do
    [ "$(count "$1" "$2")" -ge "$3" ] && return
    sleep 0.1
  done
  fail "$1: no $3 events '$2' in a minute"
}
free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
serve() { # LOG COMMAND...: sets $server
  "${@:2}" >"$folder/$1.log" 2>&1 &
  server=$!
  processes+=("$server")
  for ((i = 0; i < 100; i++)); do
    grep -q ready "$folder/$1.log" && return
    sleep 0.1
  done
  fail "$1: the server does not start"
}
stop() { kill "$1"; wait "$1" || true; }
watch_camera() { # FOLDER ADDRESS: sets $watch
  "$program" watch "$2" --output "$folder/$1" --timeout 3s --threads 1 --no-progress >"$folder/$1.log" 2>&1 &
  watch=$!
  processes+=("$watch")
}
finish_watch() { # FOLDER: stops it, and looks whether everything is whole
  local code=0
  kill "$watch"
  wait "$watch" || code=$?
  [ "$code" -eq 130 ] || fail "$1: exit code $code"
  [ "$(count "$1" stop)" -eq 1 ] || fail "$1: no stop"
  for video in "$folder/$1"/masks/*.mkv; do
    ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$video" >"$folder/frames"
    [ "$(cat "$folder/frames")" -gt 0 ] || fail "$video cannot be read"
  done
  grep -h '"event":"statistics"' "$folder/$1/events.jsonl" | tail -n 1
}

# A minute of a street, as cameras send it.
ffmpeg -loglevel error -framerate 25 -loop 1 -t 60 -i data/synthetic/input/in%06d.jpg -pix_fmt yuv420p -c:v libx264 -preset ultrafast \
  -g 25 "$folder/camera.mkv"

if "$python" -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
  port=$(free_port)
  rtsp() { serve "$1" "$python" "$servers/rtsp_server.py" "$port" "$folder/camera.mkv" "${@:2}"; }
  rtsp first
  watch_camera rtsp "rtsp://127.0.0.1:$port/camera"
  await rtsp certain 1
  stop "$server" # the camera goes and comes back
  await rtsp lost 1
  rtsp second
  await rtsp found 1
  sleep 2
  kill -STOP "$server" # it keeps silent, and goes on
  await rtsp lost 2
  kill -CONT "$server"
  await rtsp found 2
  stop "$server" # it sends broken packets
  await rtsp lost 3
  rtsp broken 0.0002
  await rtsp found 3
  sleep 10
  finish_watch rtsp
  echo "servers: RTSP is well"
else
  echo "servers: RTSP is left out, as python3-gi or gir1.2-gst-rtsp-server-1.0 is missing"
fi

port=$(free_port)
serve mjpeg "$python" "$servers/mjpeg_server.py" "$port" data/synthetic/input 25
watch_camera http "http://127.0.0.1:$port/"
await http certain 1
stop "$server"
await http lost 1
serve mjpeg "$python" "$servers/mjpeg_server.py" "$port" data/synthetic/input 5 # slower
await http found 1
sleep 5
finish_watch http
echo "servers: HTTP is well"
