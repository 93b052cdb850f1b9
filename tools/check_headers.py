#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile each internal header alone: it includes what it needs. The public ones have a test of
their own (tests/api), for three standards."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

FLAGS = ["-fsyntax-only", "-x", "c", "-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-D_DEFAULT_SOURCE", "-D_POSIX_C_SOURCE=200809L", "-Iinclude", "-Isrc", "-Ibuild", "-"]


def complaint(header):
    done = subprocess.run([os.environ.get("CC", "cc"), *FLAGS], text=True, check=False,
                          input=f'#include "{header.as_posix()}"\n',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else ""


def main():
    headers = [header.relative_to("src") for header in sorted(pathlib.Path("src").rglob("*.h"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        complaints = "".join(pool.map(complaint, headers))
    print(complaints or f"{len(headers)} headers stand alone")
    return bool(complaints) or not headers


if __name__ == "__main__":
    sys.exit(main())
