# SPDX-License-Identifier: MIT
"""A body much larger than memory may be: stored and replayed within 32 MB, seen as it arrives."""
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from harness import Test  # noqa: E402

LIMIT_KB = 32 * 1024
SIZE = 1 << 30


def peak_kb(program):
    """The peak of resident memory so far; wait4's figure would count the forking test too."""
    try:
        status = pathlib.Path(f"/proc/{program.pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line), 0)


def measured(test, *arguments):
    """Exit status, digest and size of what was printed, and the peak of resident memory."""
    program = test.start(*arguments)
    digest, size, peak = hashlib.sha256(), 0, 0
    while piece := program.stdout.read(1 << 20):
        digest.update(piece)
        size += len(piece)
        peak = max(peak, peak_kb(program))
    note = program.stderr.read().decode()
    program.wait()
    program.stdout.close()
    program.stderr.close()
    return program.returncode, digest.hexdigest(), size, peak, note


def large(test, size):
    # A sanitized or instrumented build has memory of its own: there only the bytes are judged.
    is_plain = os.environ.get("CACHET_TEST_INSTRUMENTED") is None
    url = test.origin.url(f"/large?max-age=600&size={size}")
    miss = measured(test, "get", url)
    hit = measured(test, "get", url)
    test.equal(miss[0], 0, "a large body is fetched")
    test.check(miss[2] == size, "all of it arrives", miss)
    test.equal(hit[:3], miss[:3], "and is replayed, the same bytes")
    test.equal(test.origin.count("/large"), 1, "of one request")
    if is_plain:
        test.check(miss[3] <= LIMIT_KB, f"the miss took {miss[3]} KB of {LIMIT_KB}")
        test.check(hit[3] <= LIMIT_KB, f"the hit took {hit[3]} KB of {LIMIT_KB}")
    else:
        test.skip("instrumented build", "resident memory")
    test.equal(test.run("verify", limit_s=600).exit, 0, "it verifies")


def first_bytes_come_first(test):
    url = test.origin.url("/held?max-age=60&size=4000000&hold=1000000")
    program = test.start("get", url)
    first = program.stdout.read(200000)
    test.equal(len(first), 200000, "bytes are handed on while the origin still holds the rest")
    test.origin.release()
    rest = program.stdout.read()
    program.wait()
    test.equal((program.returncode, len(first) + len(rest)), (0, 4000000), "and the rest follows")
    program.stdout.close()
    program.stderr.close()


with Test() as test:
    test.new_keyring()
    first_bytes_come_first(test)
    large(test, int(os.environ.get("CACHET_TEST_LARGE", SIZE)))
sys.exit(test.done())
