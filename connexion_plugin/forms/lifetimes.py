"""On which day a message is to expire (spec E1)."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connexion_plugin import formats
from connexion_plugin.actions.lifetimes import Bounds


class ExpiryForm(forms.Form):
    """A day, at the hour at which the message was posted; nearer to the bounds where that hour is outside them."""

    day = forms.DateField(
        label=_("It expires on"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Choose a day."),
            "invalid": _("Write the day as year-month-day, like 2026-12-31."),
        },
    )

    def __init__(
        self, *args: Any, bounds: Bounds, posted_at: datetime, expires_at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.bounds, self.posted_at = bounds, posted_at
        self.first, self.last = timezone.localdate(bounds.earliest), timezone.localdate(bounds.latest)
        field = self.fields["day"]
        field.initial = timezone.localdate(expires_at)
        field.widget.attrs |= {"min": self.first.isoformat(), "max": self.last.isoformat()}
        text = _("From %(first)s to %(last)s: what the organization allows.")
        field.help_text = text % {"first": formats.day(self.first), "last": formats.day(self.last)}

    def clean_day(self) -> datetime:
        day = self.cleaned_data["day"]
        if not self.first <= day <= self.last:
            raise ValidationError(_("This day is outside what the organization allows, or too soon."))
        at = timezone.localtime(self.posted_at)
        moment = at.replace(year=day.year, month=day.month, day=day.day)
        return min(max(moment, self.bounds.earliest), self.bounds.latest)
