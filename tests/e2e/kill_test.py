# SPDX-License-Identifier: MIT
"""Killed at any moment: no half entry is served, nothing looks tampered afterwards."""
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from harness import Test  # noqa: E402

FETCHES = 200
TARGETS = [f"/kill/{number}?max-age=600&size={size}"
           for number, size in enumerate([100, 5000, 16384, 16385, 70000, 300000, 2000000, 9000000])]


def duration_of_one(test):
    begin = time.monotonic()
    test.run("get", test.origin.url(TARGETS[-1]))
    return time.monotonic() - begin


def kill_many(test, chance, longest):
    """200 fetches, each killed at a moment of its own; some are done by then."""
    killed = 0
    for number in range(FETCHES):
        program = test.start("get", test.origin.url(TARGETS[number % len(TARGETS)]))
        program.stdout.close()
        program.stderr.close()
        time.sleep(chance.random() * longest)
        program.kill()
        killed += program.wait() == -9
        if number % 20 == 19:
            test.run("rm", "--all")  # so that there is something to write again
    return killed


with Test() as test:
    test.new_keyring()
    chance = random.Random(1)
    longest = 1.2 * duration_of_one(test)
    test.run("rm", "--all")
    killed = kill_many(test, chance, longest)
    test.check(killed > FETCHES // 10, f"{killed} of {FETCHES} fetches were killed on the way")
    verified = test.run("verify")
    test.equal(verified.exit, 0, "verify finds no tampered entry")
    test.check("tampered" not in verified.out.decode() + verified.err
               or "0 tampered" in verified.out.decode() + verified.err, "and says so", verified)
    for target in TARGETS:
        got = test.run("get", test.origin.url(target))
        test.equal((got.exit, got.out == test.origin.body(target)), (0, True),
                   f"whole afterwards: {target}")
sys.exit(test.done())
