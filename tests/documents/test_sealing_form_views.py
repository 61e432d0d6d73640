"""The order in a view whose form brings documents: authorise, set the handler, parse, check the token."""

import os
from io import BytesIO

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import path
from django.views import View

from connexion_plugin.documents import mounts
from connexion_plugin.documents.sealing_forms import SealingFormMixin
from connexion_plugin.documents.uploads import SealingUploadHandler
from connexion_plugin.sealing.segments import PART_BYTES
from tests.documents.forms import BOUNDARY, OddStream, form_body

KEY = bytes(range(32))
PLAIN = os.urandom(PART_BYTES + 1000)


class RenderedLater(SimpleTemplateResponse):
    rendered_content = "rendered"


class Post(SealingFormMixin, View):
    """A view such as the product has: `outcome` stands for what its form and its verb say."""

    storage = outcome = None

    def sealing_handler(self):
        if self.kwargs["name"] == "stranger":
            raise Http404
        return SealingUploadHandler(
            self.request,
            key_for=lambda document: (KEY, document.bytes),
            limit_bytes=10**9,
            storage=self.storage,
        )

    def get(self, request, name):
        return HttpResponse(get_token(request))

    def post(self, request, name):
        if name == "invalid":
            return HttpResponse(request.POST["text"], status=422)
        if name == "rendered later":
            return RenderedLater("no template is needed")
        if name == "refused":
            raise RuntimeError("refused")
        self.uploads.keep()
        if name == "refused after all":
            self.uploads.discard()
            return HttpResponse(status=409)
        return HttpResponse(f"{self.request.FILES['documents'].size} {connection.in_atomic_block}")


@pytest.fixture
def storage(tmp_path, settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    settings.CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
    settings.TEMPLATES = []
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    storage = FileSystemStorage(location=tmp_path / "parts")
    mounts.make(storage)
    monkeypatch.setattr(Post, "storage", storage)
    yield storage
    assert list((tmp_path / "temporary").iterdir()) == []


urlpatterns = [path("<name>/", Post.as_view())]


def stored(storage):
    return storage.listdir("")[0] if storage.exists("") else []


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def post(client, name, *, token=True):
    fields = {"text": "Bonjour", "documents": SimpleUploadedFile("a.pdf", PLAIN)}
    if token:
        fields["csrfmiddlewaretoken"] = client.get("/post/").content.decode()
    return client.post(f"/{name}/", fields)


def test_a_document_that_the_view_keeps_stays(client, storage):
    response = post(client, "post")
    assert response.content.decode() == f"{len(PLAIN)} False"
    assert len(stored(storage)) == 1


@pytest.mark.parametrize("name", ["invalid", "refused", "refused after all", "rendered later"])
def test_a_document_that_the_view_does_not_keep_is_gone_with_the_answer(client, storage, name):
    assert post(client, name).status_code in {422, 500, 409, 200}
    assert stored(storage) == []


def test_the_text_of_an_invalid_form_is_there_to_be_shown_again(client, storage):
    assert post(client, "invalid").content.decode() == "Bonjour"


def test_a_missing_token_is_refused_and_leaves_no_part(client, storage):
    assert post(client, "post", token=False).status_code == 403
    assert stored(storage) == []


def raw_post(client, name, body, length):
    return client.generic(
        "POST",
        f"/{name}/",
        **{
            "wsgi.input": body,
            "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
            "CONTENT_LENGTH": str(length),
        },
    )


def test_a_stranger_is_refused_before_a_byte_is_read(client, storage):
    body = OddStream(form_body(("documents", "a.pdf", PLAIN)))
    assert raw_post(client, "stranger", body, len(body.body)).status_code == 404
    assert body.place == 0


def test_a_cut_upload_is_answered_without_a_page_and_leaves_no_part(client, storage, caplog):
    whole = form_body(("documents", "a.pdf", PLAIN))
    response = raw_post(client, "post", BytesIO(whole[:-500]), len(whole))
    assert response.status_code == 400
    assert stored(storage) == []
    assert "CSRF" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_body_is_read(client, storage, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    assert post(client, "post").content.decode() == f"{len(PLAIN)} False"


def test_a_form_without_documents_works_the_same(client, storage):
    token = client.get("/post/").content.decode()
    response = client.post("/invalid/", {"text": "Bonjour", "csrfmiddlewaretoken": token})
    assert (response.status_code, response.content.decode()) == (422, "Bonjour")


def test_a_view_that_says_nothing_of_its_handler_fails_at_once(rf):
    with pytest.raises(NotImplementedError):
        type("Forgotten", (SealingFormMixin, View), {}).as_view()(rf.get("/"))
