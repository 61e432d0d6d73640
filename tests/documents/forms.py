"""Multipart bodies as browsers write them, and requests whose bodies come in odd pieces or stop."""

import io
import random

from django.core.handlers.wsgi import WSGIRequest

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def form_body(*fields, closed=True):
    """`(name, text)` or `(name, file name, bytes)`, in the order in which the form has them."""
    pieces = []
    for name, *rest in fields:
        if len(rest) == 1:
            head, content = f'name="{name}"', rest[0].encode()
        else:
            head, content = f'name="{name}"; filename="{rest[0]}"\r\nContent-Type: application/pdf', rest[1]
        pieces += [
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode(),
            content,
            b"\r\n",
        ]
    return b"".join([*pieces, f"--{BOUNDARY}--\r\n".encode() if closed else b""])


class OddStream(io.RawIOBase):
    """Gives at most what is asked, in pieces of any size; may stop early or break."""

    def __init__(self, body, *, seed=0, largest=None, error=None):
        self.body, self.place, self.error = body, 0, error
        self.dice, self.largest = random.Random(seed), largest

    def read(self, size=-1):
        if self.error and self.place >= len(self.body):
            raise self.error
        size = len(self.body) if size is None or size < 0 else size
        if self.largest:
            size = min(size, self.dice.randint(1, self.largest))
        piece = self.body[self.place : self.place + size]
        self.place += len(piece)
        return piece


def post_request(body, *, length=None, **stream):
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
            "CONTENT_LENGTH": str(len(body) if length is None else length),
            "wsgi.input": OddStream(body, **stream),
        }
    )
