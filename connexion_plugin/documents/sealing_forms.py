"""Views whose form brings documents: sealed while the body is parsed, gone with the request unless they are kept."""

from collections.abc import Callable
from typing import Any

from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponseBadRequest, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from connexion_plugin.documents.uploads import SealingUploadHandler


class SealingFormMixin(View):
    """For a class-based view whose form brings documents; comes before the view in the list of bases.

    The order is the point. `sealing_handler` authorises and reserves from the URL, before anything of the
    body was read; then the handler is set; then the body is parsed; only then can the CSRF token, which is
    in the body, be checked. Django checks it earlier, with its own handlers, unless the view is exempt.
    """

    uploads: SealingUploadHandler

    def sealing_handler(self) -> SealingUploadHandler:
        """Load and authorise from `self.request` and `self.kwargs` (404 to a stranger); for every method."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        # No transaction may be open while a body is read: on SQLite it would lock every writer.
        return non_atomic_requests(csrf_exempt(super().as_view(**initkwargs)))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.uploads = self.sealing_handler()
        request.upload_handlers = [self.uploads]
        try:
            request.POST  # noqa: B018  parsed here, so that a cut body is not taken for a missing token
            return csrf_protect(super().dispatch)(request, *args, **kwargs)
        except UnreadablePostError:
            return HttpResponseBadRequest()
        finally:
            if not self.uploads.kept:
                self.uploads.discard()
            self.uploads.room.give_back()
