#!/usr/bin/env bash
# Say what this machine lacks to build Snake-Pipe, and how to get it. Exit 1 if anything is missing.
#
# Belongs here: what must stand before the virtual environment can be made.
# Does not: what a running pipeline needs; that is `snake-pipe doctor`.
set -u
python=${1:-}
missing=0

ok() { printf '  ok       %s\n' "$*"; }
lack() {
  printf '  missing  %s\n' "$1"
  shift
  printf '           %s\n' "$@"
  missing=1
}

if [ -z "$python" ]; then
  lack "Python 3.12 or newer" \
    "Debian, Ubuntu:  apt-get install python3 python3-venv   (if that is 3.12 or newer)" \
    "macOS:           brew install python@3.12" \
    "anywhere:        pyenv install 3.12" \
    "Elsewhere on disk? make setup PYTHON=/path/to/python3.12"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
  lack "Python 3.12 or newer ('$python' does not run or is older)" \
    "Name one that is: make setup PYTHON=/path/to/python3.12"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  lack "the venv module of $("$python" --version 2>&1)" \
    "Debian, Ubuntu:  apt-get install python3-venv"
else
  ok "$("$python" --version 2>&1) ($(command -v "$python"))"
fi

# rustup's shim answers --version with an error when no toolchain is installed.
if ! cargo_version=$(cargo --version 2>/dev/null); then
  lack "a Rust toolchain (cargo), 1.88 or newer" \
    "Debian, Ubuntu:  apt-get install rustup && rustup default stable" \
    "macOS:           brew install rustup && rustup default stable" \
    "anywhere:        the rustup installer, see the Rust project's install page"
else
  minor=$(printf '%s' "$cargo_version" | sed -n 's/^cargo 1\.\([0-9]*\)\..*/\1/p')
  if [ -n "$minor" ] && [ "$minor" -lt 88 ]; then
    lack "Rust 1.88 or newer ($cargo_version is older)" "rustup update stable"
  else
    ok "$cargo_version"
  fi
fi

if command -v cc >/dev/null 2>&1; then
  ok "a C linker ($(command -v cc))"
else
  lack "a C linker (cc), which Rust calls to link" \
    "Debian, Ubuntu:  apt-get install gcc libc6-dev" \
    "macOS:           xcode-select --install"
fi

if [ "$missing" = 1 ]; then
  printf '\nInstall what is missing, then run the same make command again. Nothing was changed.\n'
fi
exit "$missing"
