#!/usr/bin/env bash
# Restores, builds with warnings as errors, checks the formatting and runs every test. Ends with one line: N passed, N failed, N skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# The browser tests need Chromium and a font to draw text with.
chromium=${MLTR_CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$chromium" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
  else
    echo "The browser tests need Chromium: install it, and name it with MLTR_CHROMIUM=/path/to/chromium." >&2
  fi
fi

# The store's and the cluster's tests start PostgreSQL servers of their own.
if [ -z "${MLTR_POSTGRES:-}" ] && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
  else
    echo "The tests need PostgreSQL: install it, and name the folder of its programs with MLTR_POSTGRES=/path/to/bin." >&2
  fi
fi

# One of the cluster's tests starts a Redis server of its own.
if [ ! -x "${MLTR_REDIS:-/usr/bin/redis-server}" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null
  else
    echo "The tests need Redis: install it, and name its program with MLTR_REDIS=/path/to/redis-server." >&2
  fi
fi

dotnet restore MlTr.Platform.sln
dotnet build MlTr.Platform.sln --no-restore
dotnet format MlTr.Platform.sln --no-restore --verify-no-changes --exclude src/Grains/Storage/Migrations

passed=0 failed=0 skipped=0 broken=0
for project in tests/*.Tests; do
  name=MlTr.$(basename "$project")
  log=$(mktemp)
  "$project/bin/Debug/net10.0/$name" 2>&1 | tee "$log" || true
  line=$(grep -aoE "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+" "$log" | tail -n 1 || true)
  rm -f "$log"
  if [ -z "$line" ]; then
    echo "$name ran no test or ended early" >&2
    broken=1
    continue
  fi
  read -r total errors failures skips unrun <<<"$(echo "$line" | tr -cd '0-9 ')"
  failed=$((failed + failures + errors))
  skipped=$((skipped + skips))
  passed=$((passed + total - failures - skips - unrun))
done

if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
  echo "A test was skipped: CI runs all of them." >&2
  broken=1
fi
[ "$broken" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
