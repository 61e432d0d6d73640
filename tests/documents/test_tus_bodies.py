"""Bodies of requests that are refused: read past, so that a client which still sends sees the answer (spec D2)."""

import io

import pytest
from django.core.handlers.wsgi import WSGIRequest

from connexion_plugin.documents import tus

pytestmark = pytest.mark.spec("D2")
MIB = 1024**2


class Cut(io.BytesIO):
    def read(self, size=-1):
        raise OSError("the line is cut")


def request(body, **meta):
    return WSGIRequest({"REQUEST_METHOD": "PATCH", "PATH_INFO": "/", "wsgi.input": body, **meta})


def test_as_much_is_read_past_as_is_asked_for():
    body = io.BytesIO(bytes(3 * MIB))
    tus.read_past(request(body, CONTENT_LENGTH=str(3 * MIB)), 2 * MIB)
    assert body.tell() == 2 * MIB
    tus.read_past(request(body, CONTENT_LENGTH=str(MIB)), 2 * MIB)
    assert body.tell() == 3 * MIB


def test_a_body_whose_length_nobody_says_is_read_past_too():
    body = io.BytesIO(bytes(MIB))
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    with pytest.raises(tus.ProtocolFault) as refused:
        tus.body_length(request(body, **chunked))
    assert refused.value.status == 411
    tus.read_past(request(body, **chunked), 2 * MIB)
    assert body.tell() == MIB
    # A server that does not say where such a body ends would wait for ever.
    waiting = io.BytesIO(b"abc")
    tus.read_past(request(waiting, HTTP_TRANSFER_ENCODING="chunked"), 2 * MIB)
    assert waiting.tell() == 0


def test_a_line_that_is_cut_meanwhile_is_no_fault():
    tus.read_past(request(Cut(), CONTENT_LENGTH="9"), 9)
