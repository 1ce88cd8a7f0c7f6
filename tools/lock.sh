#!/usr/bin/env bash
# Resolve pyproject.toml into requirements/*.txt: exact versions with hashes, for every platform,
# and without index addresses, so that a mirror serves as well as the public index.
#
# dev.txt is the superset; runtime.txt and bootstrap.txt take their versions from it.
# Arguments are passed on: tools/lock.sh --upgrade-package polars
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(.venv/bin/uv pip compile -q --universal --python-version 3.12 --generate-hashes
  --no-header --no-emit-index-url --no-annotate)

"${compile[@]}" pyproject.toml --extra dagster --extra objects --extra http --extra sql --extra parse --group dev --group oracles \
  -o requirements/dev.txt "$@"
"${compile[@]}" pyproject.toml --extra dagster --extra objects --extra http --extra sql --extra parse --group build \
  -c requirements/dev.txt -o requirements/runtime.txt
"${compile[@]}" - -c requirements/dev.txt -o requirements/bootstrap.txt <<<"uv"
