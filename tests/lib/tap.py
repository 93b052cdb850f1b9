# SPDX-License-Identifier: MIT
"""TAP for tests in Python, the counterpart of tests/tap.h."""
import sys


class Tap:
    """check() each thing, then end with sys.exit(tap.done())."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, condition, name, *notes):
        """One result; the notes are shown where it failed."""
        self.count += 1
        self.failed += not condition
        print(f"{'' if condition else 'not '}ok {self.count} - {name}")
        if not condition:
            self.note(*notes)
        sys.stdout.flush()
        return bool(condition)

    def equal(self, got, wanted, name):
        """As check, and says what came instead."""
        return self.check(got == wanted, name, f"got    {got!r}", f"wanted {wanted!r}")

    def skip(self, reason, name):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    @staticmethod
    def note(*notes):
        for text in notes:
            for line in str(text).splitlines():
                print(f"# {line}")

    def done(self):
        """The plan, and the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or self.count == 0 else 0
