#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the tests that meson lists, count their TAP lines, close with "N passed, N failed".

Three passes: the plain build, the build under ASan and UBSan, and the plain build's own
programs under valgrind. A test in the suite `once` runs in the first pass only (it exercises
a compiler, not us); one in `no-valgrind` is left out of the third (it measures). Tests
find CACHET_TEST_INSTRUMENTED=1 in the environment of the second and third pass, and
CACHET_TEST_LONG=1 in all of them with --long.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VALGRIND = ["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "--num-callers=30",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
LIMIT_S = 600  # of a test in one pass; all of them take five minutes
LONG_FACTOR = 20


@dataclasses.dataclass
class Pass:
    name: str
    build: pathlib.Path
    slowness: int
    wrapper: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)

    def wants(self, test):
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if self.name == "plain":
            return True
        if "once" in suites:
            return False
        if self.name == "valgrind":
            return "no-valgrind" not in suites and is_own_program(test["cmd"][0], self.build)
        return True


@dataclasses.dataclass
class Outcome:
    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    output: str = ""
    complaints: list = dataclasses.field(default_factory=list)

    def complain(self, text):
        self.failed += 1
        self.complaints.append(text)


def is_own_program(path, build):
    if not pathlib.Path(path).resolve().is_relative_to(build.resolve()):
        return False
    with open(path, "rb") as program:
        return program.read(4) == b"\x7fELF"


def count_tap(outcome, reached_end=True):
    """Fill in the counts from the TAP in outcome.output."""
    planned = None
    for line in outcome.output.splitlines():
        result = re.match(r"(not )?ok\b(.*)", line)
        plan = re.match(r"1\.\.(\d+)(.*)", line)
        if plan:
            planned = int(plan[1])
            outcome.skipped += planned == 0 and "skip" in plan[2].lower()
        elif result and re.search(r"#\s*skip", result[2], re.IGNORECASE):
            outcome.skipped += 1
        elif result and result[1]:
            outcome.complain(line)
        elif result:
            outcome.passed += 1
        elif line.startswith("Bail out!"):
            outcome.complain(line)
    seen = outcome.passed + outcome.failed + outcome.skipped
    if not reached_end:
        return
    if planned is None:
        outcome.complain("no plan at its end")
    elif planned != seen and planned != 0:
        outcome.complain(f"{seen} results where {planned} were planned")
    elif seen == 0:
        outcome.complain("no test in it")


def run_program(command, environment, directory, limit_s):
    """The exit status (None where it had to be stopped) and all it printed."""
    with subprocess.Popen(command, env=environment, cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as program:
        try:
            printed, _ = program.communicate(timeout=limit_s)
            return program.returncode, printed.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            printed, _ = program.communicate()
            return None, printed.decode(errors="replace")


def environment_for(one_pass, test, scratch, is_long):
    """Nothing of the user's own cache, proxies or home reaches a test."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.lower().endswith("_proxy")
                   and not name.startswith(("CACHET_", "XDG_"))}
    environment.update(one_pass.environment)
    environment.update(test["env"])
    environment.update({"HOME": scratch, "TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1",
                        "MALLOC_PERTURB_": "165"})
    if one_pass.name != "plain":
        environment["CACHET_TEST_INSTRUMENTED"] = "1"
    if is_long:
        environment["CACHET_TEST_LONG"] = "1"
    return environment


def run_test(one_pass, test, is_long):
    outcome = Outcome(f"{one_pass.name}: {test['name']}")
    limit_s = min(test["timeout"] * one_pass.slowness, LIMIT_S) * (LONG_FACTOR if is_long else 1)
    scratch = tempfile.mkdtemp(prefix="cachet-test-")
    started = time.monotonic()
    try:
        status, outcome.output = run_program(
            one_pass.wrapper + test["cmd"], environment_for(one_pass, test, scratch, is_long),
            test["workdir"] or one_pass.build, limit_s)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    outcome.seconds = time.monotonic() - started
    judge(outcome, test, status, limit_s)
    return outcome


def judge(outcome, test, status, limit_s):
    if test["protocol"] == "tap":
        count_tap(outcome, reached_end=status is not None and status >= 0)
    elif status == 0:
        outcome.passed = 1
    if status is None:
        outcome.complain(f"stopped after {limit_s} s")
    elif status < 0:
        outcome.complain(f"ended by {signal.Signals(-status).name}")
    elif status != 0 and outcome.failed == 0:
        outcome.complain(f"exit status {status}")


def listed(build, kind="--tests"):
    shown = subprocess.run(["meson", "introspect", kind, str(build)], check=True,
                           stdout=subprocess.PIPE, cwd=ROOT)
    return json.loads(shown.stdout)


def report(outcome, log):
    counts = f"{outcome.passed} passed"
    counts += f", {outcome.failed} failed" if outcome.failed else ""
    counts += f", {outcome.skipped} skipped" if outcome.skipped else ""
    mark = "FAIL" if outcome.failed else "ok  "
    print(f"{mark} {outcome.name} ({counts}, {outcome.seconds:.1f} s)", flush=True)
    for complaint in outcome.complaints:
        print(f"     {complaint}")
    if outcome.failed:
        print("     | " + "\n     | ".join(outcome.output.splitlines()[-60:]), flush=True)
    log.write(f"== {outcome.name} ({counts})\n{outcome.output}\n")


def run_pass(one_pass, tests, arguments, log):
    """Those that may share the machine first, then the others one by one."""
    def run(test):
        return run_test(one_pass, test, arguments.long)

    shared = [test for test in tests if test["is_parallel"]]
    alone = [test for test in tests if not test["is_parallel"]]
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = [pool.submit(run, test) for test in shared]
        for done in concurrent.futures.as_completed(waiting):
            outcomes.append(done.result())
            report(outcomes[-1], log)
    for test in alone:
        outcomes.append(run(test))
        report(outcomes[-1], log)
    return outcomes


def passes(quick):
    yield Pass("plain", ROOT / "build", 1)
    if not quick:
        yield Pass("sanitizers", ROOT / "build-asan", 4, environment=SANITIZERS)
        yield Pass("valgrind", ROOT / "build", 12, wrapper=VALGRIND)


def run_tests(arguments):
    outcomes = []
    with open(ROOT / "build" / "tests.log", "w", encoding="utf-8") as log:
        for one_pass in passes(arguments.quick):
            tests = [test for test in listed(one_pass.build)
                     if arguments.name in test["name"] and one_pass.wants(test)]
            outcomes += run_pass(one_pass, tests, arguments, log)
    passed, failed, skipped = (sum(getattr(outcome, count) for outcome in outcomes)
                               for count in ("passed", "failed", "skipped"))
    for outcome in outcomes:
        for complaint in outcome.complaints:
            print(f"failed: {outcome.name}: {complaint}")
    if passed + failed == 0:
        print("no test ran")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed != 0 or passed == 0


def run_benchmarks(build):
    """One after the other, their own output as it comes."""
    benchmarks = listed(build, "--benchmarks")
    if not benchmarks:
        print("no benchmark in this build", file=sys.stderr)
        return True
    results = [subprocess.run(benchmark["cmd"], cwd=benchmark["workdir"] or build, check=False,
                              env={**os.environ, **benchmark["env"]}).returncode
               for benchmark in benchmarks]
    return any(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the plain pass only")
    parser.add_argument("--long", action="store_true", help="the slow cases too")
    parser.add_argument("--benchmarks", metavar="BUILD", help="run that build's benchmarks")
    parser.add_argument("name", nargs="?", default="", help="only tests with this in their name")
    arguments = parser.parse_args()
    if arguments.benchmarks:
        return run_benchmarks(ROOT / arguments.benchmarks)
    return run_tests(arguments)


if __name__ == "__main__":
    sys.exit(main())
