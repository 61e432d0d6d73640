"""Pages of Wagtail that show every organization's names at once: for the operator only (access.md, M3)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from connexion_plugin import access

View = Callable[..., HttpResponse]


def operator_only(view: View) -> View:
    """Wagtail's page as it is for a superuser; for everybody else what Wagtail answers to the uninvited."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.is_operator(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    admitted: View = require_admin_access(guarded)
    return admitted


# Wagtail filters this report by model permissions, which say nothing about organizations.
site_history = operator_only(LogEntriesView.as_view())
site_history_results = operator_only(LogEntriesView.as_view(results_only=True))
