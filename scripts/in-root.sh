#!/usr/bin/env bash
# Runs a command in a minimal Debian of its own: scripts/in-root.sh SUITE ROOT COMMAND ...
# ROOT is a folder that debootstrap fills first where it is not there yet, from the mirror that this machine's apt uses.
# The release SUITE may be another one than this machine's. Needs root.
set -euo pipefail

suite=$1 root=$2
shift 2
command -v debootstrap >/dev/null || { echo "Needs debootstrap: apt-get install debootstrap" >&2; exit 1; }

if [ ! -e "$root" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.partial"
  # It leaves /proc mounted there; in mounts of its own that ends with it.
  unshare --mount debootstrap --variant=minbase "$suite" "$root.partial" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
  }
  mv "$root.partial" "$root"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"

# Mounts are seen by the command alone and end with it.
exec unshare --mount -- bash -euc '
  for folder in dev proc sys; do mount --rbind "/$folder" "$0/$folder"; done
  exec chroot "$0" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$root" "$@"
