#!/usr/bin/env bash
# Installs catalogsync: VERSION from the package index, what is on the PATH (installed), or this action's own source.
set -euo pipefail

case "$VERSION" in
    installed) ;;
    "") python3 -m pip install --quiet --disable-pip-version-check "$ACTION" ;;
    *) python3 -m pip install --quiet --disable-pip-version-check "catalogsync==$VERSION" ;;
esac
catalogsync --version
