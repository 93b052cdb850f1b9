#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run clang-tidy over the files of a build, one file per process: given several at once,
clang-tidy 14 reports a va_list as uninitialised that is not."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys


def main():
    build = pathlib.Path(sys.argv[1])
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    files = sorted({os.path.relpath(build / command["file"]) for command in commands})

    def complaint(file):
        done = subprocess.run(["clang-tidy", "--quiet", "-p", str(build), file], text=True,
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # On stderr it only counts the warnings of headers that are not ours.
        return (done.stdout or done.stderr) if done.returncode else ""

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        complaints = "".join(pool.map(complaint, files))
    print(complaints or f"{len(files)} files are tidy")
    return bool(complaints) or not files


if __name__ == "__main__":
    sys.exit(main())
