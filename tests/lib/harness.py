# SPDX-License-Identifier: MIT
"""What an end-to-end test needs: the command under test, a place of its own, an origin, TAP.

    from harness import Test

    with Test() as test:                       # argv[1] is the command, as meson says it
        url = test.origin.url("/x?max-age=60")
        first, second = test.run("get", url), test.run("get", url)
        test.equal(second.out, first.out, "the hit is the miss, byte for byte")
        test.equal(test.origin.count("/x"), 1, "of one request")
    sys.exit(test.done())

The environment of every command has its home, its caches and its keys in test.directory, and no
proxy. Registered in meson with: test(NAME, python, args: [files('x_test.py'), cachet],
protocol: 'tap'); a test that measures time or memory says is_parallel: false.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from origin import Origin  # noqa: E402 (found through the line above)
from tap import Tap  # noqa: E402


class Result(typing.NamedTuple):
    """How a command ended: exit status (negative: the signal), stdout as bytes, stderr as text."""
    exit: int
    out: bytes
    err: str

    def fields(self):
        """(status, fields as (lower case name, value), body) of what `get -i` printed."""
        head, _, body = self.out.partition(b"\r\n\r\n")
        if not _:
            head, _, body = self.out.partition(b"\n\n")
        lines = head.decode("latin-1").splitlines() or [""]
        pairs = [line.partition(":")[::2] for line in lines[1:]]
        status = int(lines[0].split(" ")[1]) if " " in lines[0] else 0
        return status, [(name.lower(), value.strip()) for name, value in pairs], body

    def field(self, name):
        """The last such field of what `get -i` printed, or ""."""
        return next((value for key, value in reversed(self.fields()[1]) if key == name.lower()), "")


class Test(Tap):
    def __init__(self, command=None):
        super().__init__()
        self.command = str(pathlib.Path(command or sys.argv[1]).resolve())
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cachet-e2e-"))
        self.origin = Origin().start()
        self.is_long = "CACHET_TEST_LONG" in os.environ
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.lower().endswith("_proxy")
               and (not name.startswith(("CACHET_", "XDG_")) or name.startswith("CACHET_TEST_"))},
            "HOME": str(self.directory), "TMPDIR": str(self.directory), "LC_ALL": "C.UTF-8",
            "XDG_CACHE_HOME": str(self.directory / "cache"),
            "XDG_CONFIG_HOME": str(self.directory / "config"),
            "CACHET_CACHE": str(self.database),
            "CACHET_KEYRING": f"file:{self.directory / 'keyring'}",
        }

    @property
    def database(self):
        return self.directory / "http.sqlite"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        self.origin.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, *arguments, **environment):
        """The command running, stdout and stderr as pipes. None takes a variable away."""
        merged = {**self.environment, **environment}
        return subprocess.Popen([self.command, *map(str, arguments)], cwd=self.directory,
                                env={name: value for name, value in merged.items()
                                     if value is not None},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, *arguments, limit_s=120, **environment):
        """The command run to its end; one that does not come to it is killed and raises."""
        with self.start(*arguments, **environment) as program:
            try:
                out, err = program.communicate(timeout=limit_s)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
        return Result(program.returncode, out, err.decode(errors="replace"))

    def new_keyring(self):
        """Make the key that the environment names."""
        return self.run("keys", "new", self.environment["CACHET_KEYRING"])
