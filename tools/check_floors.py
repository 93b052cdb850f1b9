#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Refuse an #include that points up or sideways, headers that include each other in a circle,
and a library's headers outside the floor that library lives on (ARCHITECTURE.md, floors)."""
import argparse
import pathlib
import re
import sys

FLOORS = [["base"], ["http", "record", "seal", "store"], ["cache"], ["session"]]
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}

# Who may see another library's headers. Tests, fuzz targets and benchmarks look where they like.
LIBRARIES = {
    r"curl/": ["src/session", "dropin"],
    r"sqlite3": ["src/store"],
    r"openssl/": ["src/seal"],
    r"(zlib|zstd|brotli/)": ["src/session"],
}

# What a floor does without: policy and records know no clock, no files, no chance.
WITHOUT = {
    "http": ["base/clock.h", "base/file.h", "base/random.h"],
    "record": ["base/clock.h", "base/file.h", "base/random.h"],
    "seal": ["base/clock.h"],
}

# On top of the library: they prove that the public headers are enough.
OUTSIDE = ["cli", "dropin"]


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+([<"])([^">]+)[">]', line)
        if found:
            yield number, found[1] == '"', found[2]


def judge_inside(here, is_quoted, header):
    """Why a file on this floor may not include that header, or None."""
    there = header.split("/")[0]
    if is_quoted and there in LEVEL and there != here and LEVEL[there] >= LEVEL.get(here, -1):
        return f"floor '{here}' may not look at '{header}'"
    if is_quoted and there not in LEVEL and header != "config.h":
        return f'an include names its floor first, unlike "{header}"'
    if header in WITHOUT.get(here, []):
        return f"floor '{here}' does without '{header}'"
    return None


def judge_outside(root, path, is_quoted, header):
    """Its own headers may be named from its folder or from the root."""
    own = root / path.parts[0]
    if is_quoted and not any((start / header).resolve().is_relative_to(own.resolve())
                             and (start / header).is_file()
                             for start in ((root / path).parent, root)):
        return f"'{path.parts[0]}' sees <cachet/...> and its own headers only, not '{header}'"
    return None


def judge_public(is_quoted, header):
    if is_quoted or ("/" in header and not header.startswith("cachet/")):
        return f"a public header includes <cachet/...> and the C library only, not '{header}'"
    return None


def judge_library(path, header):
    for pattern, homes in LIBRARIES.items():
        if re.match(pattern, header) and not path.as_posix().startswith(tuple(homes)):
            return f"'{header}' may be included in {' and '.join(homes)} only"
    return None


def problems_of(root):
    for folder in ["include", "src", *OUTSIDE]:
        for path in sorted((root / folder).rglob("*.[ch]")):
            inner = path.relative_to(root)
            for number, is_quoted, header in includes(path):
                if folder == "src":
                    problem = judge_inside(inner.parts[1], is_quoted, header)
                elif folder == "include":
                    problem = judge_public(is_quoted, header)
                else:
                    problem = judge_outside(root, inner, is_quoted, header)
                problem = problem or judge_library(inner, header)
                if problem:
                    yield f"{inner}:{number}: {problem}"


def circles(root):
    edges = {}
    for top in ["include", "src"]:
        for path in (root / top).rglob("*.h"):
            name = path.relative_to(root / top).as_posix()
            edges[name] = [header for _, _, header in includes(path)]

    def walk(header, trail):
        if header in trail:
            yield "circle: " + " -> ".join(trail[trail.index(header):] + [header])
            return
        for below in edges.get(header, []):
            yield from walk(below, trail + [header])

    for header in sorted(edges):
        yield from walk(header, [])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path())
    root = parser.parse_args().root
    problems = [*problems_of(root), *circles(root)]
    print("\n".join(dict.fromkeys(problems)) or "every include points down, no circles")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
