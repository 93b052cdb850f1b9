#!/bin/sh
# SPDX-License-Identifier: MIT
# The checks besides the tests, quick ones first. Called by ./dev lint, which has set up
# build/ (gcc) and build-asan/ (clang, whose flags clang-tidy understands).
set -u
passed=0
failed=0

check() { # NAME COMMAND...
    name=$1
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        printf '%s\n' "$output" | sed 's/^/     | /'
    fi
}

c_files() {
    find include src cli tests fuzz bench -name '*.[ch]' | sort
}

shell_files() {
    echo dev
    find tools tests -name '*.sh' | sort
}

formatted() {
    # shellcheck disable=SC2046
    clang-format --dry-run -Werror $(c_files)
}

shell_is_clean() {
    for shell in sh dash; do
        command -v "$shell" >/dev/null || continue
        for file in $(shell_files); do
            "$shell" -n "$file" || return 1
        done
    done
    bash -n .ci/run
}

python_is_clean() {
    find tools tests -name '*.py' | sort | xargs python3 -c '
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        compile(file.read(), name, "exec")'
}

man_is_clean() {
    command -v man >/dev/null || return 0
    for page in man/*.[1-8]; do
        [ -e "$page" ] || continue
        said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || { echo "$page: $said"; return 1; }
    done
}

cppcheck_is_clean() {
    # It does not see that ct_new() fills its argument where it succeeds, and so takes any such
    # pointer for NULL; clang-tidy's analyzer does see it, and looks for the same.
    for id in nullPointer nullPointerRedundantCheck nullPointerArithmetic ctunullpointer; do
        set -- "$@" "--suppress=$id"
    done
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
        --error-exitcode=1 --suppress=unknownMacro "$@" \
        -j "$(getconf _NPROCESSORS_ONLN)" -D_DEFAULT_SOURCE -Iinclude -Isrc -Ibuild \
        include src cli
}

check 'clang-format' formatted
check 'floors: includes point down' python3 tools/check_floors.py
check 'style rules' python3 tools/check_style.py
check 'internal headers stand alone' python3 tools/check_headers.py
check 'shell scripts parse' shell_is_clean
check 'python scripts parse' python_is_clean
check 'man pages format' man_is_clean
check 'cppcheck' cppcheck_is_clean
check 'clang-tidy' python3 tools/run_tidy.py build-asan

echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
