#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: node.sh NAME FILE [ARGUMENT...]: node FILE ..., or why the test NAME is skipped.
set -eu
name=$1
shift
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 18 ]; then
    echo "1..0 # SKIP $name: Node.js 18 or newer is not installed"
    exit 0
fi
exec node "$@"
