#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh [SECONDS] [NAME]: run each libFuzzer target of build-fuzz/ for so long, as many at a
# time as there are processors. The corpora in fuzz/corpus are copied, never written to; what
# breaks a target stays in build-fuzz/found/.
set -eu
seconds=${1:-60}
wanted=${2:-}
found=build-fuzz/found

list_targets() {
    meson introspect build-fuzz --targets | python3 -c '
import json, os, sys
for target in json.load(sys.stdin):
    path = os.path.relpath(target["filename"][0], "build-fuzz")
    if target["type"] == "executable" and path.startswith("fuzz/fuzz_"):
        print(path)' | grep -- "$wanted" || true
}

targets=$(list_targets)
if [ -z "$targets" ]; then
    echo "fuzz: no target named fuzz_*$wanted in build-fuzz/fuzz" >&2
    exit 1
fi
# Names hold no blanks: the words are meant to be split.
# shellcheck disable=SC2086
ninja -C build-fuzz $targets

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$found"

# Runs in the shell that xargs starts, with the path of one target as $1.
run_one='
    name=${1#fuzz/fuzz_}
    mkdir "$scratch/$name"
    [ ! -d "fuzz/corpus/$name" ] || cp -R "fuzz/corpus/$name/." "$scratch/$name"
    if "build-fuzz/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$found/$name-" -print_final_stats=1 \
        "$scratch/$name" >"$scratch/$name.log" 2>&1; then
        runs=$(sed -n "s/^stat::number_of_executed_units: *//p" "$scratch/$name.log")
        echo "ok   $name ($runs runs)"
    else
        tail -n 40 "$scratch/$name.log" | sed "s/^/     | /"
        echo "FAIL $name (see $found)"
        exit 1
    fi'
export scratch seconds found
printf '%s\n' $targets | xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c "$run_one" fuzz
