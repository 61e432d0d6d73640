"""The smallest site that takes and gives documents: what sealing alone costs, and its floors F4 and F5.

Started by `upload_1gib.py` as the WSGI application of one gunicorn worker; keys and manifests are kept in
that process. No database, no middleware but the CSRF check.
"""

import os
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

FOLDER = Path(os.environ["CONNEXION_VAR"])
STREAM_PIECE_BYTES = 256 * 1024

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="for a measurement of a few seconds, on this machine alone",
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    USE_TZ=True,
    STORAGES={
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "connexion": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": FOLDER / "parts", "file_permissions_mode": 0o600},
        },
    },
)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import FileResponse, HttpResponse, StreamingHttpResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402
from django.views import View  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from connexion_plugin.documents import mounts  # noqa: E402
from connexion_plugin.documents.downloads import respond  # noqa: E402
from connexion_plugin.documents.parts import sealed_storage  # noqa: E402
from connexion_plugin.documents.sealed_document import SealedDocument  # noqa: E402
from connexion_plugin.documents.sealing_forms import SealingFormMixin  # noqa: E402
from connexion_plugin.documents.uploads import SealingUploadHandler  # noqa: E402

documents = {}
mounts.make(sealed_storage())


def key_for(document: UUID):
    return os.urandom(32), document.bytes


class Post(SealingFormMixin, View):
    def sealing_handler(self):
        return SealingUploadHandler(
            self.request, key_for=key_for, limit_bytes=1024**3, storage=sealed_storage()
        )

    def get(self, request):
        return HttpResponse(get_token(request))

    def post(self, request):
        upload = request.FILES["documents"]
        document = SealedDocument.opened(
            id=upload.attachment_id,
            manifest_sealed=upload.manifest,
            size=upload.size,
            key=upload.key,
            context=upload.attachment_id.bytes,
            storage=sealed_storage(),
        )
        documents[document.id] = document, upload.name
        self.uploads.keep()
        return HttpResponse(f"/documents/{document.id}/")


def download(request, document):
    found, name = documents[document]
    return respond(request=request, document=found, name=name)


@csrf_exempt
def raw(request):
    """F4: the body written to a file as it comes. F5: that file."""
    if request.method == "GET":
        return FileResponse((FOLDER / "raw").open("rb"))
    with (FOLDER / "raw").open("wb") as file:
        while piece := request.read(64 * 1024):
            file.write(piece)
    return HttpResponse("/raw/")


def stream(request):
    """The same file through AES-256-GCM and nothing else: no parts, no tags, nothing checked. It makes of plain bytes
    sealed ones; the other way takes as long."""
    cipher = Cipher(algorithms.AES(bytes(32)), modes.GCM(bytes(12))).encryptor()

    def pieces():
        with (FOLDER / "raw").open("rb") as file:
            while piece := file.read(STREAM_PIECE_BYTES):
                yield cipher.update(piece)

    return StreamingHttpResponse(pieces(), headers={"Content-Length": (FOLDER / "raw").stat().st_size})


@csrf_exempt
def raw_piece(request, offset):
    """F4 by pieces: the same, and on disk with the folder that names it before the answer."""
    pieces = FOLDER / "parts" / "raw"
    pieces.mkdir(parents=True, exist_ok=True)
    with (pieces / str(offset)).open("wb") as file:
        while piece := request.read(64 * 1024):
            file.write(piece)
        file.flush()
        os.fdatasync(file.fileno())
    folder = os.open(pieces, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return HttpResponse()


urlpatterns = [
    path("post/", Post.as_view()),
    path("documents/<uuid:document>/", download),
    path("raw/", raw),
    path("stream/", stream),
    path("raw/<int:offset>/", raw_piece),
]
application = get_wsgi_application()
