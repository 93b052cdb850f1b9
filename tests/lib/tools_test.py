#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checkers refuse what they are there to refuse, and the runner counts what it runs."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / "tools"
sys.path[:0] = [str(HERE), str(TOOLS)]
import run_tests
from tap import Tap

LICENCE = "/* SPDX-License-Identifier: MIT */\n"
INCLUDES = [
    ("src/http/a.c", '#include "base/buf.h"', True),
    ("src/http/a.c", '#include "http/b.h"', True),
    ("src/base/a.c", '#include "http/url.h"', False),
    ("src/http/a.c", '#include "seal/seal.h"', False),
    ("src/cache/a.h", '#include "session/x.h"', False),
    ("src/http/a.c", '#include "url.h"', False),
    ("src/http/a.c", '#include "base/clock.h"', False),
    ("src/cache/a.c", "#include <curl/curl.h>", False),
    ("src/session/a.c", "#include <curl/curl.h>", True),
    ("src/cache/a.c", "#include <sqlite3.h>", False),
    ("src/store/a.c", "#include <sqlite3.h>", True),
    ("src/base/a.c", "#include <openssl/evp.h>", False),
    ("include/cachet/a.h", "#include <openssl/evp.h>", False),
    ("include/cachet/a.h", '#include "base/buf.h"', False),
    ("cli/a.c", "#include <cachet/cachet.h>", True),
    ("cli/a.c", '#include "base/buf.h"', False),
    ("cli/a.c", '#include "../src/base/buf.h"', False),
    ("cli/a.h", '#include "cli/a.h"', True),
    ("cli/a.h", '#include "a.h"', True),
    ("src/base/a.c", '#include "../http/url.h"', False),
    ("src/http/a.h", '#include "http/a.h"', False),
]
CALL = "void f(char *a)\n{{\n    {}\n}}\n"
STYLES = [
    ("src/cache/a.c", CALL.format("g(a);"), True),
    ("src/cache/a.c", CALL.format("ct_free(a); a->free(a);"), True),
    ("src/cache/a.c", CALL.format('say("strcpy(a)"); /* strcpy(a) */'), True),
    ("src/cache/a.c", CALL.format("strcpy(a, b);"), False),
    ("src/cache/a.c", CALL.format("free(a);"), False),
    ("src/base/mem.c", CALL.format("free(a);"), True),
    ("cli/a.c", CALL.format("free(a);"), True),
    ("cli/a.c", CALL.format("atoi(a);"), False),
    ("src/cache/a.c", CALL.format("time(NULL);"), False),
    ("src/cache/a.c", CALL.format('printf("x");'), False),
    ("src/seal/a.c", CALL.format("memcmp(a, b, 32);"), False),
    ("src/cache/a.c", CALL.format("goto out;"), False),
    ("src/cache/a.c", CALL.format("g(a); // why"), False),
    ("src/cache/a.c", CALL.format("\n".join(["    g(a);"] * 60)), True),
    ("src/cache/a.c", CALL.format("\n".join(["    g(a);"] * 61)), False),
    ("src/cache/a.c", CALL.format("if (a) { while (b) { do { g((struct x){0}); } while (c); } }"),
     True),
    ("src/cache/a.c", CALL.format("if (a) { while (b) { do { if (c) { g(); } } while (c); } }"),
     False),
    ("src/cache/a.h", "int f(int a, int b, int c, int d, int e, int (*f)(int, int));\n", True),
    ("src/cache/a.h", "int f(int a, int b,\n      int c, int d, int e, int f, int g);\n", False),
    ("src/cache/a.c", "int a;\n" * 499, True),
    ("src/cache/a.c", "int a;\n" * 500, False),
    ("src/cache/a.c", "int a; \n", False),
    ("src/cache/a.c", "/* TO" + "DO: later */\n", False),
    ("README.md", "see /ho" + "me/someone/file\n", False),
    ("README.md", "see https://example.org/work/file\n", True),
]
TAPS = [
    ("ok 1 - a\nok 2 - b\n1..2\n", (2, 0, 0)),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", (1, 1, 0)),
    ("ok 1 - a\nok 2 - b # SKIP no network\n1..2\n", (1, 0, 1)),
    ("1..0 # SKIP nothing to do here\n", (0, 0, 1)),
    ("ok 1 - a\n1..3\n", (1, 1, 0)),
    ("ok 1 - a\n", (1, 1, 0)),
    ("1..0\n", (0, 1, 0)),
    ("", (0, 1, 0)),
    ("1..1\nBail out! no disk\n", (0, 1, 0)),
]


def verdict(checker, path, text):
    """Whether the checker lets a tree with that one file pass."""
    with tempfile.TemporaryDirectory() as root:
        file = pathlib.Path(root) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, str(TOOLS / checker), "--root", root],
                              check=False, stdout=subprocess.PIPE)
    return done.returncode == 0


def check_licence(tap):
    tap.check(not verdict("check_style.py", "src/a.c", "int a;\n"), "style: a licence line is due")
    tap.check(verdict("check_style.py", "tools/a.py", "#!/x\n# SPDX-License-Identifier: MIT\n"),
              "style: in a script it stands second")


def check_runner(tap):
    for text, wanted in TAPS:
        outcome = run_tests.Outcome("x", output=text)
        run_tests.count_tap(outcome)
        tap.equal((outcome.passed, outcome.failed, outcome.skipped), wanted, f"runner: {text!r}".replace("#", ""))
    for status, text, wanted in [(0, "1..1\n", 0), (9, "1..1\n", 1), (None, "", 1), (-6, "", 1)]:
        outcome = run_tests.Outcome("x", output="ok 1 - a\n" + text)
        run_tests.judge(outcome, {"protocol": "tap"}, status, 30)
        tap.equal(outcome.failed, wanted, f"runner: exit status {status}")
    started = run_tests.time.monotonic()
    status, _ = run_tests.run_program(["sh", "-c", "sleep 60 & wait"], {}, ".", 0.2)
    tap.check(status is None and run_tests.time.monotonic() - started < 30,
              "runner: what hangs is stopped with all it started")


def main():
    tap = Tap()
    for path, line, is_fine in INCLUDES:
        tap.equal(verdict("check_floors.py", path, LICENCE + line + "\n"), is_fine,
                  f"floors: {line} in {path}")
    for path, text, is_fine in STYLES:
        text = text if path.endswith(".md") else LICENCE + text
        tap.equal(verdict("check_style.py", path, text), is_fine, f"style: {path}: {text[35:75]!r}")
    check_licence(tap)
    check_runner(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
