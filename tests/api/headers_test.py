#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""headers_test.py INCLUDE CC: each public header, whichever there are, compiles alone as
C99, C17 and C++17 with warnings as errors."""
import pathlib
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import Tap

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wundef", "-Wstrict-prototypes"]


def compiles(compiler, language, standard, include, header):
    warnings = [flag for flag in WARNINGS if language == "c" or flag != "-Wstrict-prototypes"]
    return subprocess.run(
        [*compiler, "-fsyntax-only", f"-std={standard}", "-I", str(include), *warnings,
         "-x", language, "-"],
        input=f"#include <{header}>\n#include <{header}>\n", text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main():
    include = pathlib.Path(sys.argv[1])
    compiler_c = shlex.split(sys.argv[2])
    compiler_cpp = next(filter(None, map(shutil.which, ["g++", "clang++", "c++"])), None)
    tap = Tap()
    headers = sorted(path.relative_to(include).as_posix() for path in include.rglob("*.h"))
    tap.check("cachet/cachet.h" in headers, "the public headers are found")
    for header in headers:
        for language, standard in [("c", "c99"), ("c", "c17"), ("c++", "c++17")]:
            name = f"{header} alone as {standard}"
            compiler = compiler_c if language == "c" else [compiler_cpp]
            if compiler == [None]:
                tap.skip("no C++ compiler", name)
                continue
            done = compiles(compiler, language, standard, include, header)
            tap.check(done.returncode == 0, name, done.stdout)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
