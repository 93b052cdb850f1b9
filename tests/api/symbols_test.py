#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols_test.py INCLUDE LIST LIBRARY: the library exports what LIST names, and LIST names what
the public headers declare CACHET_API.

symbols_test.py --update INCLUDE LIST: write LIST from the headers."""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import Tap

HINT = ("If that is meant: python3 tests/api/symbols_test.py --update include"
        " tests/api/symbols.txt")


def declared(include):
    names = set()
    for header in include.rglob("*.h"):
        code = re.sub(r"/\*.*?\*/", " ", header.read_text(encoding="utf-8"), flags=re.DOTALL)
        code = re.sub(r"^[ \t]*#.*(?:\\\n.*)*$", "", code, flags=re.MULTILINE)
        names.update(re.findall(r"CACHET_API\b[^;(]*?\b(\w+)\s*\(", code))
    return names


def listed(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]


def exported(library):
    shown = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library], text=True,
                           check=True, stdout=subprocess.PIPE)
    return {line.split()[0].split("@")[0] for line in shown.stdout.splitlines()}


def update(include, path):
    path.write_text("# Every symbol libcachet.so exports, sorted. Checked by symbols_test.py.\n"
                    + "".join(f"{name}\n" for name in sorted(declared(include))),
                    encoding="utf-8")


def main():
    if sys.argv[1] == "--update":
        update(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
        return 0
    include, path, library = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    tap = Tap()
    names = listed(path)
    tap.check(names == sorted(set(names)) and names, "the list is sorted, names nothing twice")

    def compare(found, wanted, name):
        more, fewer = sorted(found - wanted), sorted(wanted - found)
        tap.check(found == wanted, name, *[f"too many: {word}" for word in more],
                  *[f"missing: {word}" for word in fewer], HINT)

    compare(exported(library), set(names), "the library exports the list, nothing more")
    compare(set(names), declared(include), "the list is what the headers declare")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
