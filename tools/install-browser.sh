#!/usr/bin/env bash
# Make sure a Chromium is there for the browser test, where this machine can install one by itself.
#
# Installs only as root with apt. Anywhere else it says what to do and exits 0: the browser test
# then skips, with the reason.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then
    echo "browser: $(command -v "$name")"
    exit 0
  fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "browser: no Chromium on PATH, and this machine cannot install one unasked (needs root and" \
    "apt). Install chromium by hand to run the browser test; it skips until then."
  exit 0
fi
log=$(mktemp)
if DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 </dev/null &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core \
    >>"$log" 2>&1 </dev/null; then
  echo "browser: installed $(command -v chromium)"
else
  tail -n 5 "$log"
  echo "browser: apt could not install chromium (above); the browser test skips."
fi
rm -f "$log"
