# SPDX-License-Identifier: MIT
"""The README's C example compiles as it stands, and does what it says."""
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from harness import Test  # noqa: E402

EXAMPLE_URL = "http://example.org/"


def compiled(test, compiler, include, library, source, name):
    path = test.directory / f"{name}.c"
    path.write_text(source)
    library = pathlib.Path(library).resolve()
    command = [*shlex.split(compiler), "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               f"-I{include}", str(path), "-o", str(path.with_suffix("")), str(library),
               f"-Wl,-rpath,{library.parent}"]
    done = subprocess.run(command, capture_output=True, text=True)
    test.check(done.returncode == 0, f"{name} compiles without a warning", done.stderr)
    return path.with_suffix("")


def run(test, program):
    return subprocess.run([program], cwd=test.directory, env=test.environment,
                          capture_output=True, text=True)


with Test() as test:
    readme, compiler, include, library = sys.argv[2:]
    example = re.search(r"```c\n(.*?)```", pathlib.Path(readme).read_text(), re.DOTALL)[1]
    compiled(test, compiler, include, library, example, "as_it_stands")
    url = test.origin.url("/readme?max-age=60&size=1234")
    test.check(EXAMPLE_URL in example, "it fetches a URL")
    program = compiled(test, compiler, include, library, example.replace(EXAMPLE_URL, url), "here")
    keyless = run(test, program)
    test.check(keyless.returncode == 1 and "cachet.key" in keyless.stderr,
               "without a key it says which one is missing", keyless)
    test.run("keys", "new", "file:cachet.key")
    test.equal(run(test, program).stdout, "200 fetched, 1234 bytes\n", "the first run fetches")
    test.equal(run(test, program).stdout, "200 from the cache, 1234 bytes\n", "the second does not")
sys.exit(test.done())
