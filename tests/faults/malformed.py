"""Requests as nobody should send them, from one seed: doors, methods, heads and bodies that may each be wrong."""

import random
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

METHODS = [
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "get",
]
NUMBERS = ["0", "-1", "1", "10", "5.5", "1e9", "٣", "9" * 40, "", "NaN", " 7 ", "0x10", "1,2"]
WORDS = [
    "é",
    "\x00",
    "'\"<>",
    "%00",
    "%ff%fe",
    "%zz",
    "../" * 8,
    "a" * 5000,
    "\u202e",
    "=?utf-8?b?",
    "null",
    "[]",
]
KINDS = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/offset+octet-stream",
    "application/json",
    "text/plain; charset=nothing",
    "é/;;=",
    "",
]
PARTS = [
    b"--x\r\n",
    b'Content-Disposition: form-data; name="documents"; filename="a',
    b'Content-Disposition: form-data; name="text"\r\n\r\n',
    b"Content-Disposition: form-data; name=\"documents\"; filename*=utf-8''%ff%00.pdf\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n\r\n",
    b"\r\n--x--\r\n",
    b"%00%ff&a=%zz&&=;" * 20,
    b'{"a": [1, {' * 50,
    bytes(range(256)) * 8,
    b"text=bonjour&expires_in_days=-5&addresses=%00",
    b"persona=nonsense&selected=1&selected=" + b"9" * 100,
]
FIELDS = [
    "show",
    "page",
    "after",
    "size",
    "order",
    "search",
    "sort",
    "q",
    "persona",
    "sender",
    "next",
    "verify",
]
# They would end the session, or the account, of whoever sends all the rest.
ENDINGS = ("logout", "sign-out", "password", "addresses")


def doors() -> list[str]:
    """The path of every door of the portal, with a place for each argument."""

    def walk(resolver: URLResolver, path: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            here = path + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, here)
            elif isinstance(entry, URLPattern):
                yield re.sub(r"<(?:\w+:)?\w+>", "{}", here).replace("^", "").replace("$", "")

    found = walk(get_resolver("connexion_plugin.urls.portal"), reverse("connexion:inbox"))
    return sorted(path for path in found if not any(word in path for word in ENDINGS))


class Malformed:
    """Draws requests; `ids` are of things that exist, `cookie` is of somebody who is signed in."""

    def __init__(self, seed: int, *, ids: list[UUID], uploads: list[str], headers: dict[str, str]) -> None:
        self._draw = random.Random(seed)
        self._ids, self._uploads, self._headers, self._doors = ids, uploads, headers, doors()

    def next(self, *, of_tus: bool) -> bytes:
        """One request, as it goes over the wire."""
        draw = self._draw
        body = b"".join(draw.choices(PARTS, k=draw.randrange(5)))
        head = {"Host": self._mostly("127.0.0.1", "localhost:80", "evil.example", "")}
        head |= {name: value for name, value in self._headers.items() if draw.random() < 0.95}
        head["Content-Type"] = draw.choice(KINDS)
        head["Content-Length"] = self._mostly(str(len(body)), str(len(body) + 9), *NUMBERS)
        head |= self._of_tus() if of_tus else self._odd()
        method = draw.choice(["POST", "PATCH", "PATCH", "HEAD", "DELETE", "OPTIONS"] if of_tus else METHODS)
        path = draw.choice(self._uploads) if of_tus and draw.random() < 0.8 else self._path()
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("utf-8", "replace") + body

    def _path(self) -> str:
        draw = self._draw
        path = re.sub(r"\{\}", lambda _: self._argument(), draw.choice(self._doors))
        if draw.random() < 0.2:
            place = draw.randrange(len(path))
            path = path[:place] + draw.choice(WORDS) + path[place:]
        fields = draw.sample(FIELDS, draw.randrange(3))
        query = "&".join(f"{name}={draw.choice(NUMBERS + WORDS)}" for name in fields)
        # What would end the request's own line is another request, and no malformed one.
        return re.sub(r"[\s\x00]", "%20", f"{path}?{query}" if query else path)

    def _argument(self) -> str:
        draw = self._draw
        return (
            str(draw.choice(self._ids)) if draw.random() < 0.8 else draw.choice(["0" * 32, "nonsense", "%00"])
        )

    def _mostly(self, right: str, *wrong: str) -> str:
        """One fault a request is enough: the first that is found hides the rest."""
        return right if self._draw.random() < 0.93 else self._draw.choice(wrong)

    def _of_tus(self) -> dict[str, str]:
        draw = self._draw
        return {
            "Tus-Resumable": self._mostly("1.0.0", "2.0.0", "", "é"),
            "Upload-Offset": draw.choice(["0", "0", *NUMBERS]),
            "Upload-Length": draw.choice(["10", "10", *NUMBERS]),
            "Upload-Metadata": self._mostly(
                "filename YQ==", "filename", "filename %%%", "filename é", "a a,a", "," * 50, ""
            ),
            "Upload-Checksum": self._mostly("", "sha1 YQ==", "sha1", "md6 YQ==", "sha256 é"),
            "Upload-Concat": self._mostly("", "partial", "final;/a /b"),
            "Upload-Defer-Length": self._mostly("", "1", "0"),
            "X-HTTP-Method-Override": self._mostly("", "PATCH", "NONSENSE"),
        }

    def _odd(self) -> dict[str, str]:
        return {
            "Range": self._mostly("", "bytes=0-", "bytes=9-1", "bytes=-0", "bytes=1-2,4-5", "items=1-"),
            "If-Range": self._mostly("", '"x"', "W/", "Tue, 99 Feb 2026 25:61:61 GMT"),
            "Accept-Language": self._mostly("fr", "xx-" + "y" * 300, "*;q=é", "en;q=nan"),
            "Accept-Encoding": self._mostly("gzip", "identity;q=0", ""),
            "HX-Request": self._mostly("", "true", "no"),
            "HX-Current-URL": self._mostly("", "http://[", "javascript:a"),
            "Referer": self._mostly("", "http://[", "é"),
            "X-Forwarded-For": self._mostly("", "é", "::1, nonsense", "1.2.3.4" * 50),
        }


def answer(address: tuple[str, int], request: bytes) -> int:
    """The status; 0 where the server hung up without one, as it may on what is no HTTP."""
    with socket.create_connection(address, timeout=30) as line:
        with suppress(OSError):
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)  # a length that lies is waited for no longer
        received = b""
        with suppress(OSError):
            while len(received) < 16 and (piece := line.recv(4096)):
                received += piece
        found = re.match(rb"HTTP/1\.\d (\d{3})", received)
        return int(found[1]) if found else 0
