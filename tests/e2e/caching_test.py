# SPDX-License-Identifier: MIT
"""The main job through the command: misses, hits, revalidation, variants, users, bad days."""
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from harness import Test  # noqa: E402


def two_gets_one_request(test):
    url = test.origin.url("/plain?max-age=60&size=5000")
    first, second = test.run("get", url), test.run("get", url)
    test.equal((first.exit, second.exit), (0, 0), "two gets end well")
    test.equal(first.out, test.origin.body("/plain?max-age=60&size=5000"), "the origin's bytes")
    test.equal(second.out, first.out, "the same bytes twice")
    test.equal(test.origin.count("/plain"), 1, "of one request")
    shown = test.run("get", "-i", url)
    test.check("hit" in shown.field("cache-status"), "the third says hit", shown.out[:400])
    test.check(shown.field("age") != "", "with an Age")


def a_new_key_is_told_once(test):
    place = {"CACHET_KEYRING": None, "CACHET_CACHE": None}
    url = test.origin.url("/first-use?max-age=60")
    first, second = test.run("get", url, **place), test.run("get", url, **place)
    keyring = test.directory / "config" / "cachet" / "keyring"
    test.check(str(keyring) in first.err, "the first use says where the new key is", first.err)
    test.equal(second.err, "", "the second says nothing")
    test.equal(oct(keyring.stat().st_mode & 0o777), "0o600", "the key is the user's alone")
    database = test.directory / "cache" / "cachet" / "http.sqlite"
    test.equal(oct(database.stat().st_mode & 0o777), "0o600", "so is the database")
    test.equal(oct(database.parent.stat().st_mode & 0o777), "0o700", "so is its directory")


def after_expiry_one_conditional_request(test):
    target = "/etag?max-age=1&etag=v1&size=30000"
    url = test.origin.url(target)
    first = test.run("get", url)
    time.sleep(2.1)
    second = test.run("get", "-i", url)
    test.equal(second.fields()[2], first.out, "a confirmed entry gives the same bytes")
    test.check("fwd=stale; fwd-status=304" in second.field("cache-status"), "by a 304",
               second.out[:400])
    log = [request for request in test.origin.requests if request.target == target]
    fields = [{name.lower(): value for name, value in request.headers} for request in log]
    test.equal(len(fields), 2, "one more request")
    test.check("if-none-match" not in fields[0] and fields[1].get("if-none-match") == '"v1"',
               "which is conditional", fields)
    third = test.run("get", "-i", url)
    test.check("hit" in third.field("cache-status"), "and then it is fresh again", third.out[:400])


def vary_keeps_two_variants(test):
    url = test.origin.url("/vary?max-age=60&vary=Accept&echo=Accept")
    answers = {kind: test.run("get", "-H", f"Accept: {kind}", url).out
               for kind in ("text/plain", "text/html")}
    test.check(answers["text/plain"] != answers["text/html"], "two variants differ")
    for kind, body in answers.items():
        test.equal(test.run("get", "-H", f"Accept: {kind}", url).out, body, f"{kind} from the store")
    test.equal(test.origin.count("/vary"), 2, "two requests in all")


def users_never_share(test):
    for name, values in (("Authorization", ("Bearer a", "Bearer b")), ("Cookie", ("u=a", "u=b"))):
        path = f"/user-{name}"
        url = test.origin.url(f"{path}?max-age=60&echo={name}")
        bodies = [test.run("get", "-H", f"{name}: {value}", url).out for value in values * 2]
        test.equal(bodies[:2], bodies[2:], f"each {name} gets its own again")
        test.check(bodies[0] != bodies[1], f"and never the other's")
        test.equal(test.origin.count(path), 2, "from the store the second time")
        test.run("get", url)
        test.equal(test.origin.count(path), 3, "without one, the origin is asked")


def redirects_are_followed_and_cached(test):
    end = test.origin.url("/end?max-age=60&size=10")
    url = test.origin.url(f"/start?status=301&max-age=60&redirect={end.replace('&', '%26')}")
    first, second = test.run("get", url), test.run("get", url)
    test.equal(first.out, test.origin.body("/end?max-age=60&size=10"), "the last hop's body")
    test.equal(second.out, first.out, "twice")
    test.equal((test.origin.count("/start"), test.origin.count("/end")), (1, 1), "hop by hop cached")
    stay = test.run("get", "-i", "--no-location", url)
    test.equal(stay.fields()[0], 301, "--no-location gives the redirect itself")
    test.origin.behave("/loop", "status=302&redirect=/loop")
    loop = test.run("get", test.origin.url("/loop"))
    test.equal(loop.exit, 5, "a loop ends")
    test.check("redirect" in loop.err, "and says so", loop.err)
    other = test.run("get", test.origin.url("/other?status=302&redirect=file:///etc/passwd"))
    test.check(other.exit != 0 and other.out == b"" and "file" in other.err,
               "another scheme is not followed", other)


def coded_bodies(test):
    target = "/coded?max-age=60&gzip=1&size=40000"
    url = test.origin.url(target)
    plain = test.origin.body(target)
    coded = test.run("get", url).out
    test.check(coded != plain and coded[:2] == b"\x1f\x8b", "without --compressed as it came")
    test.equal(test.run("get", "--compressed", url).out, plain, "with it decoded, from the store")
    test.equal(test.run("get", "--compressed", url).out, plain, "again")


def output_files(test):
    target = "/file?max-age=60&size=200000"
    url, path = test.origin.url(target), test.directory / "out"
    test.equal(test.run("get", "-o", path, url).exit, 0, "-o writes a file")
    test.equal(path.read_bytes(), test.origin.body(target), "with the bytes")
    path.write_bytes(b"old")
    short = test.run("get", "-o", path, test.origin.url("/short?size=100000&truncate=500"))
    test.equal((short.exit, path.read_bytes()), (5, b"old"), "a broken transfer leaves it alone")
    test.equal([p.name for p in test.directory.glob("*out*")], ["out"], "and no temporary file")


def bad_origins(test):
    for path, query in (("/short", "size=1000&truncate=10&max-age=60"), ("/garbage", "garbage=1"),
                        ("/endless", "endless-headers=1"), ("/drop", "drop=1")):
        got = test.run("get", test.origin.url(f"{path}?{query}"))
        test.equal(got.exit, 5, f"{path}: exit 5")
        test.check(got.err.startswith("cachet: ") and got.err.count("\n") == 1,
                   f"{path}: one line says why", got.err)
        test.check(path not in test.run("ls").out.decode(), f"{path}: nothing is stored")
    gone = test.run("get", "http://127.0.0.1:1/nothing")
    test.equal(gone.exit, 5, "no server: exit 5")
    test.check("127.0.0.1:1" in gone.err or "127.0.0.1" in gone.err, "the host is named", gone.err)
    name = test.run("get", "http://no-such-host.invalid/")
    test.equal(name.exit, 5, "no such host: exit 5")
    test.check("no-such-host.invalid" in name.err, "it is named", name.err)


def wrong_usage(test):
    ok = test.origin.url("/usage")
    for name, arguments in (("no URL", ["get"]), ("no command", []), ("a command", ["frobnicate"]),
                            ("an option", ["get", "--frobnicate", ok]),
                            ("a URL", ["get", "http://[::1"]), ("a scheme", ["get", "ftp://x/"]),
                            ("a field", ["get", "-H", "no colon", ok]),
                            ("a method", ["get", "-X", "G T", ok]),
                            ("a later option", ["get", "--expire-after", "1h", ok]),
                            ("a SPEC", ["--cache", "carrier-pigeon://x", "ls"]),
                            ("a later store", ["--cache", "redis://127.0.0.1/", "ls"]),
                            ("a key SPEC", ["--keyring", "env:X", "ls"])):
        got = test.run(*arguments)
        test.equal((got.exit, got.out), (2, b""), f"{name}: exit 2")
        test.check(got.err.startswith("cachet: ") or got.err.startswith("usage:"),
                   f"{name}: says what", got.err)
    test.equal(test.origin.count("/usage"), 0, "nothing was asked")


def wrong_keyring(test):
    url = test.origin.url("/keys?max-age=60")
    test.run("get", url)
    other = f"file:{test.directory / 'other-keyring'}"
    test.equal(test.run("keys", "new", other).exit, 0, "another key is made")
    for command in (["get", url], ["ls"], ["verify"], ["rm", "--all"]):
        got = test.run("--keyring", other, *command)
        test.equal((got.exit, got.out), (3, b""), f"{command[0]}: wrong keyring is exit 3")
    test.check("keyring" in got.err, "and says so", got.err)
    test.check("hit" in test.run("get", "-i", url).field("cache-status"), "nothing was deleted")
    missing = test.run("--keyring", f"file:{test.directory / 'nowhere'}", "get", url)
    test.check(missing.exit == 1 and "keys new" in missing.err, "a missing key file is named",
               missing.err)
    readable = test.directory / "readable"
    readable.write_bytes((test.directory / "other-keyring").read_bytes())
    readable.chmod(0o644)
    got = test.run("--keyring", f"file:{readable}", "get", url)
    test.check(got.exit == 1 and "readable" in got.err, "so is one that others can read", got.err)


def listing(test):
    url = test.origin.url("/list?max-age=60&size=2048")
    test.run("get", url)
    listed = test.run("ls")
    test.check(listed.exit == 0 and url in listed.out.decode(), "ls lists it", listed.out)
    test.check(url in test.run("ls", "--url", "*/list*").out.decode(), "--url lets it through")
    test.check(url not in test.run("ls", "--url", "*/nothing*").out.decode(), "or keeps it out")
    shown = test.run("show", url)
    test.check(shown.exit == 0 and "200" in shown.out.decode() and url in shown.out.decode(),
               "show shows it", shown)
    test.equal(test.run("show", "--body", url).out, test.origin.body("/list?max-age=60&size=2048"),
               "show --body gives its body")
    verified = test.run("verify")
    test.equal(verified.exit, 0, "verify finds it good")
    test.equal(test.run("rm", url).exit, 0, "rm removes it")
    test.check(url not in test.run("ls").out.decode(), "it is gone")
    test.equal(test.run("rm", url).exit, 1, "and cannot be removed twice")
    test.equal(test.run("show", url).exit, 1, "nor shown")
    test.equal(test.run("rm", "--all").exit, 0, "rm --all")
    test.equal(test.run("rm").exit, 2, "rm of nothing in particular is wrong usage")


def several_processes(test):
    targets = [f"/crowd/{number}?max-age=60&size={size}"
               for number, size in enumerate((100, 20000, 300000))]
    programs = [(target, test.start("get", test.origin.url(target)))
                for target in targets * 8]
    for target, program in programs:
        out, err = program.communicate(timeout=120)
        if (program.returncode, out, err) != (0, test.origin.body(target), b""):
            test.check(False, f"{target} by several processes at once", program.returncode, err)
    test.check(True, f"{len(programs)} processes at once all got their bytes")
    test.equal(test.run("verify").exit, 0, "and left a good cache")
    before = test.origin.count()
    for target in targets:
        test.run("get", test.origin.url(target))
    test.equal(test.origin.count(), before, "with everything in it")


def mistyped_paths(test):
    for command in (["ls"], ["verify"], ["show", "http://x/"], ["rm", "--all"]):
        got = test.run("--cache", "typo.sqlite", *command)
        test.check(got.exit == 1 and "there is no cache" in got.err,
                   f"{command[0]} of a cache that is not there", got)
    test.check(not (test.directory / "typo.sqlite").exists(), "does not make one")


def failing_stores(test):
    target = "/bypass?max-age=60&size=100"
    url, body = test.origin.url(target), test.origin.body(target)
    garbage = test.directory / "garbage.sqlite"
    garbage.write_bytes(b"not a database\n" * 1000)
    cases = [("a corrupt database", str(garbage)), ("a directory", str(test.directory))]
    if os.geteuid() != 0:
        locked = test.directory / "locked"
        locked.mkdir(mode=0o500)
        cases.append(("no permission", str(locked / "x.sqlite")))
    else:
        cases.append(("a place that cannot be", "/proc/nowhere/x.sqlite"))
    for name, place in cases:
        got = test.run("--cache", place, "get", url)
        test.equal((got.exit, got.out), (0, body), f"{name}: the origin's bytes")
        test.check("bypass" in got.err or "could not be used" in got.err, f"{name}: a warning says so",
                   got.err)
    test.equal(garbage.read_bytes(), b"not a database\n" * 1000, "the file is left as it was")
    test.equal(test.run("--cache", garbage, "ls").exit, 1, "ls of it fails")


def locked_store(test):
    target = "/locked?max-age=60&size=100"
    url, body = test.origin.url(target), test.origin.body(target)
    test.run("get", test.origin.url("/before?max-age=60"))
    with contextlib.closing(sqlite3.connect(test.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        got = test.run("get", url)
        test.equal((got.exit, got.out), (0, body), "a locked store: the origin's bytes")
        test.check("could not be used" in got.err or "bypass" in got.err, "a warning says so", got.err)
    test.run("get", url)
    test.check("hit" in test.run("get", "-i", url).field("cache-status"), "unlocked, it is used again")


def full_disk(test):
    """No file may grow over 256 KiB: what a full disk does to a writer, without a disk."""
    kept, target = "/kept?max-age=60&size=5000", "/too-large?max-age=60&size=2000000"
    test.run("get", test.origin.url(kept))
    limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 512; exec \"$@\"", "sh", test.command,
               "get", test.origin.url(target)]
    got = subprocess.run(limited, env=test.environment, cwd=test.directory, capture_output=True)
    test.equal((got.returncode, got.stdout == test.origin.body(target)), (0, True),
               "a full disk: the origin's bytes")
    test.check(b"could not be used" in got.stderr or b"bypass" in got.stderr, "a warning says so",
               got.stderr.decode())
    before = test.origin.count("/kept")
    test.equal(test.run("get", test.origin.url(kept)).out, test.origin.body(kept),
               "what was stored is still there")
    test.equal((test.origin.count("/kept"), test.run("verify").exit), (before, 0), "and good")
    leftovers = [path.name for path in pathlib.Path(f"{test.database}-bodies").glob(".tmp-*")]
    test.equal(leftovers, [], "and no half body lies about")


def known_caches(test):
    url = test.origin.url("/known?max-age=60")
    place = test.directory / "known.sqlite"
    test.run("--cache", place, "get", url)
    for file in test.directory.glob("known.sqlite*"):
        if file.is_file():
            file.unlink()
    again = test.run("--cache", place, "get", url)
    test.equal(again.exit, 0, "a cache that was deleted is made anew")
    other = test.directory / "other.sqlite"
    test.run("--cache", other, "get", url)
    for suffix in ("", "-wal", "-shm"):
        source = pathlib.Path(str(other) + suffix)
        goal = pathlib.Path(str(place) + suffix)
        goal.unlink(missing_ok=True)
        if source.exists():
            goal.write_bytes(source.read_bytes())
            goal.chmod(0o600)
    swapped = test.run("--cache", place, "get", url)
    test.equal((swapped.exit, swapped.out), (3, b""), "another cache in its place is exit 3")
    test.check("known" in swapped.err, "and names the file that knows", swapped.err)


with Test() as test:
    a_new_key_is_told_once(test)
    test.new_keyring()
    for part in (two_gets_one_request, after_expiry_one_conditional_request,
                 vary_keeps_two_variants, users_never_share, redirects_are_followed_and_cached,
                 coded_bodies, output_files, bad_origins, wrong_usage, wrong_keyring, listing,
                 several_processes, mistyped_paths, failing_stores, locked_store, full_disk,
                 known_caches):
        test.origin.reset()
        part(test)
sys.exit(test.done())
