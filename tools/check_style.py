#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Refuse what the style rules in CONTRIBUTING.md forbid and no compiler sees: banned functions,
long functions and files, too many parameters, missing licence lines, loose ends."""
import argparse
import pathlib
import re
import sys

FILE_LINES = 500
FUNCTION_LINES = 60
PARAMETERS = 6
NESTING = 3

CODE = (".c", ".h")
SCRIPTS = (".py", ".sh", "/dev", ".ci/run")
OTHERS = (".md", ".txt", ".map", ".build", ".1", ".3", ".5", "/.clang-tidy", "/.clang-format")

# What may not be called, where (a path's beginning), and what is called instead.
BANNED = [
    (r"strcpy|strcat|stpcpy|sprintf|vsprintf", "", "ct_buf_*, snprintf"),
    (r"strtok|strtok_r|sscanf|gets", "", "a bounded reader"),
    (r"atoi|atol|atoll|atof|strtol|strtoll|strtoul|strtoull", "", "ct_bytes_to_u64"),
    (r"alloca", "", "base/mem.h"),
    (r"rand|srand|random|srandom|drand48|rand_r", "", "ct_random"),
    (r"malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf", "src/", "base/mem.h"),
    (r"time|gettimeofday|clock_gettime|clock", "src/", "base/clock.h"),
    (r"memcmp", "src/seal/", "CRYPTO_memcmp, or ct_bytes_equal for what is no secret"),
    (r"printf|puts|putchar|perror|fprintf|syslog|exit|_exit|getenv|setenv|signal|sigaction",
     "src/", "err and the observer: a library does not speak"),
    (r"system|popen|tmpnam|mktemp|tempnam", "", "nothing"),
]
# The one door to each of these.
EXEMPT = {
    "src/base/mem.c": "malloc|calloc|realloc|free",
    "src/base/clock.c": "clock_gettime|time",
}

LOOSE_ENDS = [
    (r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b(?!\(#\d+\))", "a loose end without an issue number"),
    (r"(?<![\w.~])/(?:" + "|".join(["home", "root", "work", "Users"]) + r")/\w", "a machine's path"),
    (r"[ \t]+$", "blanks at the end of the line"),
]


def without_comments_and_text(source):
    """The same lines, with comments and the insides of literals blanked."""
    def blank(found):
        text = found[0]
        if text[0] in "\"'":
            return text[0] + " " * (len(text) - 2) + text[0]
        return re.sub(r"[^\n]", " ", text)

    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, source,
                  flags=re.DOTALL)


def banned_calls(name, code):
    for number, line in enumerate(code.splitlines(), 1):
        if "//" in line:
            yield number, "comments are written /* like this */"
        if re.search(r"\bgoto\b", line):
            yield number, "goto: leave early with TRY, own with CLEANUP"
        for functions, where, instead in BANNED:
            found = re.search(rf"(?<![\w.>])({functions})\s*\(", line)
            if not found or not name.startswith(where):
                continue
            if not re.fullmatch(EXEMPT.get(name, ""), found[1]):
                yield number, f"{found[1]} is banned: {instead}"


def long_functions(code):
    """A body runs from a brace in the first column to the next one that closes there."""
    lines = code.splitlines()
    opened = None
    for number, line in enumerate(lines, 1):
        if line == "{" and number > 1 and lines[number - 2].rstrip().endswith(")"):
            opened = number
        elif line == "}" and opened:
            if number - opened - 1 > FUNCTION_LINES:
                yield opened, f"a function of {number - opened - 1} lines, at most {FUNCTION_LINES}"
            opened = None


def deep_nesting(code):
    """Blocks in blocks of one function. Macros are left out: their braces are not read."""
    opened = []
    for number, line in enumerate(code.splitlines(), 1):
        if line.startswith(("{", "}")):
            opened = []
        if line.endswith("\\"):
            continue
        for brace in re.finditer(r"(\) |\belse |\bdo |^)?\{|\}", line):
            if brace[0] == "}":
                opened = opened[:-1]
                continue
            opened.append(brace[1] not in (None, ""))
            if opened[-1] and sum(opened) > NESTING:
                yield number, f"{sum(opened)} blocks deep, at most {NESTING}"


def count_parameters(text):
    depth = commas = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        commas += char == "," and depth == 0
    return commas + 1


def many_parameters(code):
    """Of functions declared or defined in the first column, and of function types."""
    heads = re.compile(r"^[A-Za-z_][^;{}=#]*?(\w+)\s*\)?\s*\(([^;{}]*)\)\s*(?:;|\{)",
                       re.MULTILINE)
    for found in heads.finditer(code):
        count = count_parameters(found[2])
        if count > PARAMETERS:
            line = code.count("\n", 0, found.start(1)) + 1
            yield line, f"{found[1]} takes {count} parameters, at most {PARAMETERS}"


def licence(name, lines):
    if name.endswith(CODE):
        wanted, at = "/* SPDX-License-Identifier: MIT */", 0
    else:
        wanted, at = "# SPDX-License-Identifier: MIT", 1 if lines[:1] and lines[0][:2] == "#!" else 0
    if lines[at:at + 1] != [wanted]:
        yield at + 1, f'the line "{wanted}" belongs here'


def problems_in(name, text):
    lines = text.splitlines()
    for pattern, problem in LOOSE_ENDS:
        for number, line in enumerate(lines, 1):
            if re.search(pattern, line):
                yield number, problem
    is_code = name.endswith(CODE)
    if is_code or ("/" + name).endswith(SCRIPTS):
        yield from licence(name, lines)
        if len(lines) > FILE_LINES:
            yield len(lines), f"a file of {len(lines)} lines, at most {FILE_LINES}"
    if is_code:
        code = without_comments_and_text(text)
        yield from banned_calls(name, code)
        yield from long_functions(code)
        yield from deep_nesting(code)
        yield from many_parameters(code)


def texts(root):
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if inner.parts[0].startswith((".git", "build")) or inner.parts[:2] == ("fuzz", "corpus"):
            continue
        if path.is_file() and f"/{inner.as_posix()}".endswith(CODE + SCRIPTS + OTHERS):
            yield inner.as_posix(), path.read_text(encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path())
    found = [f"{name}:{number}: {problem}"
             for name, text in texts(parser.parse_args().root)
             for number, problem in problems_in(name, text)]
    print("\n".join(found) or "style: nothing to say")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
