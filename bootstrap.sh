# Sourced by ./run and ./test. `bootstrap runtime` or `bootstrap dev` makes .tools (uv) and .venv from the locked,
# hashed requirements and installs the project itself, whose build hook makes the browser assets.
# Needs python 3.11 or newer with venv; skips whatever is up to date.

# a machine without a usable HOME keeps its download caches here
if [ ! -w "${HOME:-/nonexistent}" ]; then
  export UV_CACHE_DIR="$PWD/.tools/cache/uv" npm_config_cache="$PWD/.tools/cache/npm" PIP_NO_CACHE_DIR=1
fi
# offices often sit behind a proxy with a certificate of their own: trust what the machine trusts
export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" NODE_USE_SYSTEM_CA="${NODE_USE_SYSTEM_CA:-1}"

# the tests start a hundred processes: each would compile every module anew
unset PYTHONDONTWRITEBYTECODE

find_python() {
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$candidate"; return; fi
  done
  echo "Approdo needs Python 3.11 or newer (Debian: apt-get install python3 python3-venv)" >&2; exit 1
}

fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

stands() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }  # the stamp file $1 says $2

bootstrap_uv() {
  wanted=$(fingerprint requirements/tools.txt)
  if stands .tools/stamp "$wanted"; then return; fi
  python=$(find_python)
  "$python" -m venv --clear .tools || { echo "python's venv is missing (Debian: apt-get install python3-venv)" >&2; exit 1; }
  .tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
  echo "$wanted" >.tools/stamp
}

bootstrap_packages() {  # $1: runtime or dev; an environment made for dev serves runtime too
  if stands .venv/stamp-dev "$(fingerprint requirements/dev.txt)"; then return; fi
  wanted=$(fingerprint "requirements/$1.txt")
  if stands ".venv/stamp-$1" "$wanted"; then return; fi
  [ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --clear --python "$(find_python)" .venv
  rm -f .venv/stamp-*
  .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "requirements/$1.txt"
  echo "$wanted" >".venv/stamp-$1"
}

bootstrap_project() {
  wanted=$(find pyproject.toml hatch_build.py frontend/package-lock.json frontend/build.mjs frontend/src web/translations \
    -type f ! -name '*.mo' 2>/dev/null | sort | xargs sha256sum | fingerprint)
  if stands .venv/stamp-project "$wanted" && [ -f web/static/dist/manifest.json ]; then return; fi
  # reinstall: uv would otherwise take the result of an earlier build from its cache and run no hook
  .tools/bin/uv pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps --reinstall-package approdo --editable .
  echo "$wanted" >.venv/stamp-project
}

bootstrap() {
  bootstrap_uv
  bootstrap_packages "$1"
  bootstrap_project
  export PATH="$PWD/.venv/bin:$PATH"
}
