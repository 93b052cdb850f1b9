#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""install_test.py SOURCE BUILD CC: what `meson install` puts under a DESTDIR is enough to build
and run a program, with pkg-config's word for how, shared and static."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import Tap


def run(*command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def pkg_config(destdir, pc_file, *arguments):
    return run("pkg-config", *arguments, PKG_CONFIG_SYSROOT_DIR=str(destdir),
               PKG_CONFIG_PATH=str(pc_file.parent))


def installed_headers(destdir):
    return {path.as_posix().split("/include/")[1] for path in destdir.rglob("*.h")}


def check_headers(tap, source, destdir):
    wanted = {path.relative_to(source / "include").as_posix()
              for path in (source / "include").rglob("*.h")}
    tap.equal(installed_headers(destdir), wanted, "every public header is installed, no other")


def check_program(tap, source, destdir, pc_file, compiler):
    flags = pkg_config(destdir, pc_file, "--cflags", "--libs", "cachet")
    if not tap.check(flags.returncode == 0, "pkg-config knows cachet", flags.stdout):
        return
    program = destdir / "consumer"
    built = run(*compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", str(program),
                str(source / "tests" / "api" / "consumer.c"), *shlex.split(flags.stdout))
    if not tap.check(built.returncode == 0, "a program builds", flags.stdout, built.stdout):
        return
    ran = run(str(program), LD_LIBRARY_PATH=str(pc_file.parent.parent))
    tap.check(ran.returncode == 0, "and runs", ran.stdout)


def check_static_program(tap, source, destdir, pc_file, compiler):
    """Against libcachet.a; what it needs in turn stays shared and is named by the .pc file."""
    archive = next(destdir.rglob("libcachet.a"), None)
    if not tap.check(archive is not None, "the static library is installed"):
        return
    needs = pkg_config(destdir, pc_file, "--print-requires-private", "cachet").stdout
    modules = [line.split()[0] for line in needs.splitlines()]
    flags = run("pkg-config", "--libs", *modules).stdout.split()
    program = destdir / "consumer-static"
    built = run(*compiler, "-std=c99", "-I", str(next(destdir.rglob("cachet.h")).parent.parent),
                "-o", str(program), str(source / "tests" / "api" / "consumer.c"), str(archive),
                *flags, "-pthread")
    tap.check(modules and built.returncode == 0, "a program links it", flags, built.stdout)
    ran = run(str(program)) if built.returncode == 0 else built
    tap.check(ran.returncode == 0, "and runs without the shared one", ran.stdout)


def main():
    source, build, compiler = pathlib.Path(sys.argv[1]), sys.argv[2], shlex.split(sys.argv[3])
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        destdir = pathlib.Path(scratch)
        done = run("meson", "install", "-C", build, "--no-rebuild", "--destdir", scratch)
        tap.check(done.returncode == 0, "it installs under a DESTDIR", done.stdout)
        check_headers(tap, source, destdir)
        pc_file = next(destdir.rglob("cachet.pc"), None)
        if tap.check(pc_file is not None, "with a pkg-config file"):
            check_program(tap, source, destdir, pc_file, compiler)
            check_static_program(tap, source, destdir, pc_file, compiler)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
