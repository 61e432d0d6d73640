"""One Content-Security-Policy for the pages, a looser one for Wagtail's admin (house.md)."""

import dataclasses
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse


class PolicyMiddleware(CSPMiddleware):
    """Leaves an answer alone that has a policy of its own, as the plugin's views do, and composes none for it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if HEADER in response else super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(reverse("wagtailadmin_home")) and not report_only:
            admin: dict[str, Any] = settings.ADMIN_CONTENT_SECURITY_POLICY
            return dataclasses.replace(parts, config=admin)
        return parts
