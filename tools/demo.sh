#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh CACHET: the main job, against an origin of our own on the loopback interface. Exits
# other than 0 if anything is not as it should be. Everything it makes is in one temporary
# directory and goes with it.
set -eu
cachet=$1
scratch=$(mktemp -d)
origin=
trap 'finish $?' EXIT
trap 'exit 130' INT TERM

finish() {
    [ -z "$origin" ] || kill "$origin" 2>/dev/null || true
    rm -rf "$scratch"
    [ "$1" -eq 0 ] || echo "demo: failed" >&2
    exit "$1"
}

fail() {
    echo "demo: $*" >&2
    exit 1
}

step() {
    printf '\n== %s\n' "$*"
}

# Runs cachet, shows the command and what it said, and checks its exit status.
shown() { # EXIT ARGUMENT...
    wanted=$1
    shift
    printf '$ cachet %s\n' "$*"
    status=0
    "$cachet" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    tr -d '\r' <"$scratch/out"
    cat "$scratch/err"
    [ "$status" -eq "$wanted" ] || fail "exit status $status, not $wanted"
}

cache_status() { # PATTERN: what the last answer's Cache-Status must say
    grep -i '^cache-status:' "$scratch/out" | grep -q "$1" || fail "Cache-Status does not say '$1'"
}

asked() { # COUNT: how often the origin must have been asked
    count=$(python3 -c 'import sys, urllib.request as r
print(r.build_opener(r.ProxyHandler({})).open(sys.argv[1]).read().decode())' \
        "$base/__count?path=/hello")
    echo "(the origin was asked $count times so far)" | sed 's/ 1 times/ once/;s/ 2 times/ twice/'
    [ "$count" -eq "$1" ] || fail "the origin was asked $count times, not $1"
}

body() {
    tr -d '\r' <"$scratch/out" | sed '1,/^$/d'
}

# Its input is a pipe this shell holds open: should we be killed, the origin ends too.
mkfifo "$scratch/in" "$scratch/port"
python3 tests/origin.py <"$scratch/in" >"$scratch/port" &
origin=$!
exec 9>"$scratch/in"
read -r port <"$scratch/port"
base=http://127.0.0.1:$port
url="$base/hello?max-age=60&etag=v1&counter=1"

export XDG_CACHE_HOME="$scratch/cache" XDG_CONFIG_HOME="$scratch/config" HOME="$scratch"
export CACHET_CACHE="$scratch/http.sqlite" CACHET_KEYRING="file:$scratch/keyring"
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
unset CACHET_NAMESPACE

step "A secret key of our own"
shown 0 keys new "$CACHET_KEYRING"

step "The first fetch is a miss: the origin answers, the answer is sealed and stored"
shown 0 get -i "$url"
cache_status fwd=
first=$(body)
[ -n "$first" ] || fail "the answer has no body"
asked 1

step "The second is a hit: the same bytes, out of the store, and no request"
shown 0 get -i "$url"
cache_status hit
[ "$(body)" = "$first" ] || fail "the hit differs from the miss"
asked 1

step "Somebody changes one byte of the stored entry"
python3 tools/flip_byte.py "$CACHET_CACHE"

step "It is refused (exit 3), not served"
shown 3 get -i "$url"
[ ! -s "$scratch/out" ] || fail "something was served"
[ -s "$scratch/err" ] || fail "nothing was said about it"
asked 1

step "--force-refresh asks the origin again and mends it"
shown 0 get -i --force-refresh "$url"
asked 2
mended=$(body)
shown 0 get -i "$url"
cache_status hit
[ "$(body)" = "$mended" ] || fail "the hit differs from what was fetched"
asked 2

step "Every stored entry is as it was sealed"
shown 0 verify

printf '\ndemo: all as it should be\n'
