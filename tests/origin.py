#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An origin on a loopback port that does what the query asks of it, and keeps a log.

As a program it prints its port and serves until SIGTERM or until its stdin closes. In a test:

    with Origin() as origin:
        origin.url("/x?max-age=60"), origin.count("/x"), origin.requests

How /any/path is answered, by query (a path may be given other behaviour later: behave())
  body      size=N (bytes, else a line of text)  zeros=1  body=TEXT  counter=1 (the number of the
            request is in it)  echo=NAME,NAME (so are these request fields; those of vary are)
  coding    gzip=1  deflate=1
  fields    status=N  etag=v1 or W/v1  last-modified=DATE  expires=DATE  date=DATE or none
            age=N  vary=NAMES  redirect=URL  header=NAME:VALUE (may be repeated)
            cache-control=TEXT, or its directives: max-age=N, private=1, no-store=1, ...
            a DATE may be a number of seconds: from now, for last-modified from the start
  timing    delay=S (before the answer)  slow=BYTES_PER_S  hold=N (after N bytes of body wait
            for release())
  framing   chunked=1  no-length=1  close=1  early=1 (a 103 first)
  trouble   truncate=N (close after N bytes of body)  garbage=1  endless-headers=1  drop=1
  access    auth=1 (401 without Authorization)
A GET or HEAD whose If-None-Match or If-Modified-Since holds gets a 304, unless never-304=1.

/__log, /__count?path=/x, /__reset, /__release, /__behave?path=/x&QUERY answer about the origin.
"""
import argparse
import collections
import dataclasses
import email.utils
import http.client
import json
import random
import re
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import zlib

PIECE = 1 << 20
HOLD_LIMIT_S = 60
DIRECTIVES_WITH_VALUE = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]
DIRECTIVES = ["no-store", "no-cache", "private", "public", "must-revalidate", "proxy-revalidate",
              "must-understand", "no-transform", "immutable"]


@dataclasses.dataclass
class Request:
    """One request as it came; number counts those for its path, connection names the socket."""
    number: int
    connection: int
    method: str
    target: str
    headers: list
    body_size: int

    @property
    def path(self):
        return self.target.split("?")[0]

    def header(self, name, default=None):
        """All values of that name joined, or the default."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else default


class Behaviour:
    """A query, read as orders."""

    def __init__(self, query):
        self.pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)

    def get(self, name, default=None):
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name):
        return [value for key, value in self.pairs if key == name]

    def number(self, name, default=None):
        value = self.get(name)
        return default if value is None else int(value)

    def wants(self, name):
        return self.get(name, "0") != "0"


def date_of(text, base_s):
    """A date as it is; a number of seconds counts from the base."""
    if re.fullmatch(r"[+-]?\d+", text.strip()):
        return email.utils.formatdate(base_s + int(text), usegmt=True)
    return text


def text_of(request, behaviour):
    """The line that makes one answer different from another."""
    text = behaviour.get("body")
    if text is not None:
        return text
    text = f"body of {request.target}"
    if behaviour.wants("counter"):
        text += f" number {request.number}"
    echoed = f"{behaviour.get('echo', '')},{behaviour.get('vary', '')}".split(",")
    for name in filter(None, map(str.strip, echoed)):
        text += f" {name.lower()}={request.header(name, '')}"
    return text + "\n"


def pieces_of(request, behaviour):
    """The body before coding, a megabyte at a time: the same bytes for the same text, and no
    two megabytes alike. Each piece is good until the next one."""
    size = behaviour.number("size")
    text = text_of(request, behaviour).encode()
    if size is None:
        yield memoryview(text)
        return
    zeros = behaviour.wants("zeros")
    block = bytearray(PIECE) if zeros else bytearray(random.Random(text).randbytes(PIECE))
    for index in range((size + PIECE - 1) // PIECE):
        if not zeros:
            struct.pack_into("<Q", block, 0, index)
        yield memoryview(block)[:min(PIECE, size - index * PIECE)]


def coded_pieces_of(request, behaviour):
    """(pieces, how many bytes they are)"""
    size = behaviour.number("size")
    if behaviour.wants("gzip") or behaviour.wants("deflate"):
        coder = zlib.compressobj(wbits=31 if behaviour.wants("gzip") else 15)
        coded = b"".join(coder.compress(piece) for piece in pieces_of(request, behaviour))
        coded += coder.flush()
        return iter([memoryview(coded)]), len(coded)
    if size is None:
        size = len(text_of(request, behaviour).encode())
    return pieces_of(request, behaviour), size


def cache_control(behaviour):
    parts = behaviour.all("cache-control")
    parts += [f"{name}={behaviour.get(name)}" for name in DIRECTIVES_WITH_VALUE
              if behaviour.get(name) is not None]
    for name in filter(behaviour.wants, DIRECTIVES):
        value = behaviour.get(name)
        parts.append(name if value in ("", "1") else f'{name}="{value}"')
    return ", ".join(parts)


def etag_of(behaviour):
    tag = behaviour.get("etag")
    if tag is None:
        return None
    return f'W/"{tag[2:]}"' if tag.startswith("W/") else f'"{tag}"'


def fields_of(behaviour, started_s):
    """What a 200 and a 304 both carry."""
    fields = []
    if behaviour.get("date") != "none":
        fields.append(("Date", date_of(behaviour.get("date", "0"), time.time())))
    if behaviour.get("last-modified") is not None:
        fields.append(("Last-Modified", date_of(behaviour.get("last-modified"), started_s)))
    if behaviour.get("expires") is not None:
        fields.append(("Expires", date_of(behaviour.get("expires"), time.time())))
    for name, value in [("Cache-Control", cache_control(behaviour)), ("ETag", etag_of(behaviour)),
                        ("Age", behaviour.get("age")), ("Vary", behaviour.get("vary")),
                        ("Location", behaviour.get("redirect"))]:
        if value:
            fields.append((name, value))
    fields += [tuple(text.split(":", 1)) for text in behaviour.all("header")]
    return [(name, value.strip()) for name, value in fields]


def is_not_modified(request, behaviour, fields):
    """RFC 9110 13.2.2: If-None-Match where it is there, else If-Modified-Since."""
    if request.method not in ("GET", "HEAD") or behaviour.wants("never-304"):
        return False
    wanted = request.header("If-None-Match")
    named = dict(fields)
    if wanted is not None:
        tags = re.findall(r'(?:W/)?("[^"]*")', wanted)
        tag = named.get("ETag")
        return tag is not None and (wanted.strip() == "*" or tag.removeprefix("W/") in tags)
    since = request.header("If-Modified-Since")
    if since is None or "Last-Modified" not in named:
        return False
    dates = [email.utils.parsedate_to_datetime(text) for text in (named["Last-Modified"], since)]
    return dates[0] <= dates[1]


class Connection:
    """One client's connection, from its first request to its end."""

    def __init__(self, origin, sock, number):
        self.origin = origin
        self.sock = sock
        self.number = number
        self.input = sock.makefile("rb")

    def serve(self):
        while self.serve_one():
            pass

    def read_line(self):
        return self.input.readline(1 << 20).decode("latin-1").rstrip("\r\n")

    def serve_one(self):
        """Answer one request; whether another may follow."""
        words = self.read_line().split(" ")
        if len(words) != 3:
            return False
        headers = []
        while line := self.read_line():
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        request = Request(0, self.number, words[0], words[1], headers, 0)
        request.body_size = self.read_body(request)
        if request.path.startswith("/__"):
            self.send_head(200, [], content := self.origin.control(request))
            self.sock.sendall(content)
            return True
        self.origin.note(request)
        is_last = words[2] == "HTTP/1.0" or request.header("Connection", "").lower() == "close"
        return self.answer(request, self.origin.behaviour_of(request)) and not is_last

    def read_body(self, request):
        if request.header("Expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.header("Transfer-Encoding", "").lower() != "chunked":
            return len(self.input.read(int(request.header("Content-Length", "0"))))
        total = 0
        while size := int(self.read_line().split(";")[0], 16):
            total += len(self.input.read(size))
            self.read_line()
        while self.read_line():
            pass
        return total

    def send_head(self, status, fields, content=None):
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        if content is not None:
            lines.append(f"Content-Length: {len(content)}")
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def answer(self, request, behaviour):
        """Whether the connection may go on."""
        time.sleep(float(behaviour.get("delay", 0)))
        if behaviour.wants("drop"):
            return False
        if behaviour.wants("garbage"):
            self.sock.sendall(random.Random(request.target).randbytes(4096))
            return False
        if behaviour.wants("early"):
            self.send_head(103, [("Link", "</style.css>; rel=preload")])
        if behaviour.wants("endless-headers"):
            return self.send_endless_fields()
        if behaviour.wants("auth") and request.header("Authorization") is None:
            self.send_head(401, [("WWW-Authenticate", 'Basic realm="test"')], b"")
            return True
        fields = fields_of(behaviour, self.origin.started_s)
        if is_not_modified(request, behaviour, fields):
            self.send_head(304, fields)
            return True
        return self.send_answer(request, behaviour, fields)

    def send_endless_fields(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(1 << 24):
            self.sock.sendall(b"X-Endless-%d: %s\r\n" % (number, b"a" * 1000))
        return False

    def send_answer(self, request, behaviour, fields):
        pieces, size = coded_pieces_of(request, behaviour)
        status = behaviour.number("status", 302 if behaviour.get("redirect") else 200)
        for coding in ("gzip", "deflate"):
            if behaviour.wants(coding):
                fields.append(("Content-Encoding", coding))
        has_body = status != 204 and status != 304
        is_chunked = behaviour.wants("chunked")
        is_last = behaviour.wants("close") or behaviour.wants("no-length")
        if has_body and is_chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        elif has_body and not behaviour.wants("no-length"):
            fields.append(("Content-Length", str(size)))
        if is_last:
            fields.append(("Connection", "close"))
        self.send_head(status, fields)
        if not has_body or request.method == "HEAD":
            return not is_last
        is_whole = self.send_body(pieces, behaviour, is_chunked)
        if is_whole and is_chunked:
            self.sock.sendall(b"0\r\n\r\n")
        return is_whole and not is_last

    def send_body(self, pieces, behaviour, is_chunked):
        """Whether all of it was sent."""
        stops = {"truncate": behaviour.number("truncate"), "hold": behaviour.number("hold")}
        sent = 0
        for piece in pieces:
            while len(piece) > 0:
                if sent == stops["hold"]:
                    self.origin.released.wait(HOLD_LIMIT_S)
                    stops["hold"] = None
                if sent == stops["truncate"]:
                    return False
                ahead = [stop - sent for stop in stops.values() if stop is not None and stop > sent]
                part = piece[:min([len(piece), *ahead])]
                part = part[:self.pace(behaviour.number("slow"), len(part))]
                self.send_part(part, is_chunked)
                sent += len(part)
                piece = piece[len(part):]
        return sent != stops["truncate"]

    @staticmethod
    def pace(rate, size):
        """How much to send now; waits the time that takes at `rate` bytes a second."""
        if rate is None:
            return size
        size = min(size, max(1, rate // 20))
        time.sleep(size / rate)
        return size

    def send_part(self, part, is_chunked):
        if is_chunked:
            self.sock.sendall(b"%x\r\n" % len(part))
        self.sock.sendall(part)
        if is_chunked:
            self.sock.sendall(b"\r\n")


class Origin:
    """Serves on a free port of the loopback interface between start() and stop()."""

    def __init__(self, host="127.0.0.1", port=0, tls=None):
        """tls: (certificate file, key file)"""
        self.host = host
        self.started_s = time.time()
        self.requests = []
        self.counts = collections.Counter()
        self.released = threading.Event()
        self.overrides = {}
        self.lock = threading.Lock()  # requests, counts, overrides, connections
        self.connections = {}
        self.tls = None
        if tls is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family, backlog=128)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self.accept, daemon=True)

    def start(self):
        self.acceptor.start()
        return self

    def stop(self):
        """No request is answered afterwards; connections in progress are cut."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join()
        self.listener.close()
        self.released.set()
        with self.lock:
            left = list(self.connections.values())
        for sock in left:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def accept(self):
        number = 0
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=self.serve, args=(sock, number), daemon=True).start()

    def serve(self, sock, number):
        with self.lock:
            self.connections[number] = sock
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                with self.lock:
                    self.connections[number] = sock
            Connection(self, sock, number).serve()
        except (OSError, ValueError):
            pass  # the client went away, or spoke something else than HTTP
        finally:
            with self.lock:
                del self.connections[number]
            sock.close()

    def url(self, target):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{target}"

    def note(self, request):
        with self.lock:
            self.counts[request.path] += 1
            request.number = self.counts[request.path]
            self.requests.append(request)

    def count(self, path=None):
        """Requests for that path, or all."""
        with self.lock:
            return len(self.requests) if path is None else self.counts[path]

    def reset(self):
        """Forget the requests, the behaviours given, and the release."""
        with self.lock:
            self.requests.clear()
            self.counts.clear()
            self.overrides.clear()
        self.released.clear()

    def release(self):
        """Let answers with hold=N go on."""
        self.released.set()

    def behave(self, path, query):
        """From now on answer that path as if its query were this one."""
        with self.lock:
            self.overrides[path] = query

    def behaviour_of(self, request):
        with self.lock:
            query = self.overrides.get(request.path, request.target.partition("?")[2])
        return Behaviour(query)

    def body(self, target, number=1, headers=()):
        """What is sent (before coding) for that target, as its number-th request."""
        request = Request(number, 0, "GET", target, list(headers), 0)
        return b"".join(map(bytes, pieces_of(request, self.behaviour_of(request))))

    def control(self, request):
        query = request.target.partition("?")[2]
        path = Behaviour(query).get("path")
        if request.path == "/__count":
            return b"%d\n" % self.count(path)
        if request.path == "/__log":
            with self.lock:
                return json.dumps([dataclasses.asdict(entry) for entry in self.requests]).encode()
        if request.path == "/__reset":
            self.reset()
        elif request.path == "/__release":
            self.release()
        elif request.path == "/__behave":
            self.behave(path, re.sub(r"(^|&)path=[^&]*&?", r"\1", query, count=1))
        return b"ok\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Origin(arguments.host, arguments.port, arguments.tls) as origin:
        print(origin.port, flush=True)
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
