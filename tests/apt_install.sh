#!/bin/sh
# Installs what set-up found missing on a Debian or Ubuntu: tests/apt_install.sh PACKAGE...
set -eu

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    as_root=none
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null; then
    echo "Please install, then run make again: $*" >&2
    exit 1
fi

# A list that cannot be fetched matters only if a package is not found without it.
$as_root apt-get update || true
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
