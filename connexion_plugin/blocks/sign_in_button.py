"""The way in: the sign-in button to a visitor, the inbox to a person who is signed in (spec H1)."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import StaticBlock


class SignInButtonBlock(StaticBlock):
    class Meta:
        icon = "user"
        label = _("Sign-in button")
        description = _("Leads a visitor to the sign-in page, and a person who is signed in to the inbox.")
        admin_text = _("A sign-in button; to a person who is signed in, a link to the inbox.")
        template = "connexion_plugin/blocks/sign_in_button.html"
        preview_template = "connexion_plugin/blocks/preview.html"
