"""Inviting more people into a conversation (spec C10)."""

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connexion_plugin import formats
from connexion_plugin.forms.addresses import AddressesField, good_among
from connexion_plugin.forms.contacts import FromAddressBook
from connexion_plugin.models.organizations import LANGUAGES

MILLISECONDS = re.compile("[0-9]{1,13}")


class InviteForm(FromAddressBook):
    """Whom, in which language, with which rights, and whether they see what was written before."""

    field_order = ("addresses", "contact", "may_reply", "sees_past", "language")

    addresses = AddressesField()
    may_reply = forms.ChoiceField(
        label=_("They may"),
        choices=[("yes", _("read and reply")), ("no", _("read only"))],
        initial="yes",
        widget=forms.RadioSelect,
    )
    sees_past = forms.ChoiceField(
        label=_("They see"),
        choices=[("yes", _("everything, from the first message")), ("no", _("only what follows"))],
        initial="yes",
        widget=forms.RadioSelect,
        help_text=_("Whoever sees only what follows is told by e-mail at the next message."),
    )
    language = forms.ChoiceField(
        label=_("Language of the notices"),
        choices=LANGUAGES,
        help_text=_("For people who have no account yet. The others have chosen theirs."),
    )

    many_told = forms.BooleanField(required=False, widget=forms.HiddenInput())
    made_at = forms.CharField(required=False, widget=forms.HiddenInput())  # the page, in milliseconds

    def __init__(self, *args: Any, is_announcement: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_announcement:
            del self.fields["may_reply"]

    def clean_made_at(self) -> datetime | None:
        sent = str(self.cleaned_data["made_at"])
        return datetime.fromtimestamp(int(sent) / 1000, tz=UTC) if MILLISECONDS.fullmatch(sent) else None

    def tell_of_many(self, number: int) -> bool:
        """Once, before so many see each other: hiding is chosen at the start, and never later (spec C9)."""
        if self.cleaned_data.get("many_told"):
            return False
        self.add_error(
            "addresses",
            _(
                "%(number)s people will see each other's addresses in this conversation, and that cannot be changed "
                "later. To hide them from each other, start another conversation as an announcement; to invite "
                "them here all the same, submit again."
            )
            % {"number": formats.number(number)},
        )
        # The last value of each field, as a QueryDict gives them: all of these have one.
        self.data = {name: self.data[name] for name in self.data} | {self.add_prefix("many_told"): "on"}
        return True

    @property
    def good_addresses(self) -> list[str]:
        """What was right in a list that holds a wrong one."""
        if not self.is_bound or "addresses" not in self.errors:
            return []
        return good_among(str(self.data.get("addresses", "")))
