#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The origin the other tests believe: each behaviour, seen over a bare socket."""
import gzip
import json
import pathlib
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from origin import Origin
from tap import Tap


class Client:
    """One connection; ask() sends a request and reads one answer by its framing."""

    def __init__(self, origin):
        self.sock = socket.create_connection(("127.0.0.1", origin.port), timeout=20)
        self.input = self.sock.makefile("rb")

    def send(self, target, *fields, method="GET", body=b""):
        lines = [f"{method} {target} HTTP/1.1", "Host: origin", *fields, "", ""]
        self.sock.sendall("\r\n".join(lines).encode() + body)

    def read_head(self):
        status = self.input.readline().decode()
        fields = {}
        while line := self.input.readline().decode().strip():
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        return int(status.split(" ")[1]), fields

    def ask(self, target, *fields, method="GET", body=b""):
        self.send(target, *fields, method=method, body=body)
        status, named = self.read_head()
        if method == "HEAD" or status == 304:
            return status, named, b""
        if named.get("Transfer-Encoding") == "chunked":
            return status, named, self.read_chunks()
        return status, named, self.input.read(int(named.get("Content-Length", -1)))

    def read_chunks(self):
        whole = b""
        while size := int(self.input.readline(), 16):
            whole += self.input.read(size)
            self.input.readline()
        self.input.readline()
        return whole


def check_answers(tap, origin):
    client = Client(origin)
    status, fields, body = client.ask("/a?max-age=60&private=1&etag=v1&vary=Accept", "Accept: x")
    tap.equal((status, fields["Cache-Control"], fields["ETag"], fields["Vary"]),
              (200, "max-age=60, private", '"v1"', "Accept"), "the fields asked for")
    tap.check(body.endswith(b" accept=x\n"), "a body that names what Vary names", body)
    bodies = [client.ask("/c?counter=1")[2] for _ in range(2)]
    tap.check(bodies[0] != bodies[1], "counter=1 tells two answers apart", bodies)
    tap.equal(origin.count("/c"), 2, "both are counted")
    tap.equal({request.connection for request in origin.requests}, {1}, "on one connection")
    tap.equal(client.ask("/s?size=2500000")[2], origin.body("/s?size=2500000"), "a sized body")
    tap.equal(client.ask("/s?size=2500000&chunked=1")[2],
              origin.body("/s?size=2500000&chunked=1"), "the same in chunks")
    tap.equal(gzip.decompress(client.ask("/z?gzip=1&size=100000")[2]),
              origin.body("/z?gzip=1&size=100000"), "gzip")
    tap.equal(client.ask("/h?size=9", method="HEAD")[1]["Content-Length"], "9", "HEAD")
    tap.equal(client.ask("/r?redirect=/c")[:1], (302,), "a redirect")
    tap.equal(client.ask("/p", "Content-Length: 3", method="POST", body=b"abc")[0], 200, "POST")
    tap.equal(origin.requests[-1].body_size, 3, "whose body is measured")
    tap.equal(client.ask("/auth?auth=1")[0], 401, "401 without Authorization")
    tap.equal(client.ask("/auth?auth=1", "Authorization: x")[0], 200, "200 with it")


def check_conditions(tap, origin):
    client = Client(origin)
    for condition, target, wanted in [
            ('If-None-Match: "v1"', "/e?etag=v1", 304),
            ('If-None-Match: "v0", W/"v1"', "/e?etag=v1", 304),
            ('If-None-Match: "v0"', "/e?etag=v1", 200),
            ('If-None-Match: "v1"', "/e?etag=v1&never-304=1", 200),
            ("If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT",
             "/e?last-modified=Thu, 01 Jan 2026 00:00:00 GMT".replace(" ", "%20"), 304),
            ("If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT", "/e?last-modified=-60", 200)]:
        tap.equal(client.ask(target, condition)[0], wanted, f"{condition} on {target}")
    origin.behave("/e", "etag=v2")
    tap.equal(client.ask("/e?etag=v1", 'If-None-Match: "v1"')[1]["ETag"], '"v2"',
              "behave() changes the answer of a path")


def check_trouble(tap, origin):
    client = Client(origin)
    client.send("/t?size=1000&truncate=10")
    tap.equal(client.read_head()[1]["Content-Length"], "1000", "truncate promises the whole")
    tap.equal(len(client.input.read()), 10, "and breaks off")
    client = Client(origin)
    client.send("/t?size=1000&chunked=1&truncate=10")
    client.read_head()
    tap.check(not client.input.read().endswith(b"0\r\n\r\n"), "chunks without their end")
    client = Client(origin)
    client.send("/t?drop=1")
    tap.equal(client.input.read(), b"", "drop answers nothing")
    client = Client(origin)
    client.send("/t?garbage=1")
    tap.check(not client.input.read().startswith(b"HTTP"), "garbage is no HTTP")
    client = Client(origin)
    client.send("/t?endless-headers=1")
    lines = sum(1 for _ in zip(range(20000), client.input))
    tap.equal(lines, 20000, "endless fields go on")
    client.sock.close()
    client = Client(origin)
    client.send("/t?size=100&hold=40")
    client.read_head()
    first = client.input.read(40)
    threading.Timer(0.05, origin.release).start()
    tap.equal(first + client.input.read(60), origin.body("/t?size=100&hold=40"),
              "hold waits for release")


def check_program(tap):
    program = subprocess.Popen([sys.executable, str(HERE.parent / "origin.py")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(program.stdout.readline())
    remote = Origin.__new__(Origin)
    remote.port = port
    client = Client(remote)
    client.ask("/x?max-age=1")
    tap.equal(client.ask("/__count?path=/x")[2], b"1\n", "/__count")
    tap.equal(json.loads(client.ask("/__log")[2])[0]["target"], "/x?max-age=1", "/__log")
    client.ask("/__behave?path=/x&status=404&etag=v9")
    status, fields, _ = client.ask("/x?max-age=1")
    tap.equal((status, fields.get("ETag")), (404, '"v9"'), "/__behave")
    client.ask("/__reset")
    tap.equal(client.ask("/__count")[2], b"0\n", "/__reset")
    program.stdin.close()
    tap.equal(program.wait(20), 0, "the program ends with its stdin")
    program.stdout.close()


def main():
    tap = Tap()
    with Origin() as origin:
        check_answers(tap, origin)
        check_conditions(tap, origin)
        check_trouble(tap, origin)
    check_program(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
