"""Exception reports without content: what was typed or read never reaches a report (spec N2).

Django's own filter hides what looks like a password, shows all else, and nothing at all is hidden in DEBUG.
"""

from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NoContentFilter(SafeExceptionReporterFilter):
    """Names of variables and fields stay, for whoever mends the fault; no value does."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
