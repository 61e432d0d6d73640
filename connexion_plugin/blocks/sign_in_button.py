"""The way in: the sign-in button to a visitor, the inbox to a person who is signed in (spec H1)."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import StaticBlock

from connexion_plugin import access


def way_in(request: HttpRequest | None) -> dict[str, Any]:
    """What `blocks/sign_in_button.html` asks for: `is_signed_in`, and how many conversations are unread."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"is_signed_in": False, "unread_count": 0}
    return {
        "is_signed_in": True,
        "unread_count": sum(tab.unread_count for tab in access.tabs_of(user)),
    }


class SignInButtonBlock(StaticBlock):
    class Meta:
        icon = "user"
        label = _("Sign-in button")
        description = _("Leads a visitor to the sign-in page, and a person who is signed in to the inbox.")
        admin_text = _("A sign-in button; to a person who is signed in, a link to the inbox.")
        template = "connexion_plugin/blocks/sign_in_button.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, **way_in(context.get("request"))}
