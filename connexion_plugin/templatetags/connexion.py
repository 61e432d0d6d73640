"""Tags and filters of the plugin's templates: `{% load connexion %}`."""

import re
from datetime import date, datetime
from functools import cache

from django import template
from django.forms import BoundField
from django.template.base import NodeList, Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connexion_plugin import formats, plain_text
from connexion_plugin.routes import Writing, writing

register = template.Library()

BEFORE_AN_EXTENSION = re.compile(r"[^a-zA-Z#,;]*")
NOT_DIALLED = re.compile(r"[^+\d]")


@register.simple_tag
@cache
def icon(meaning: str) -> SafeString:
    """The drawing that means this, from the sprite; hidden from screen readers: words stand beside it.

    Written once a process, dozens of times a page: static files keep their names while it lives.
    """
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#icon-{}"></use></svg>',
        static("connexion_plugin/icons/icons.svg"),
        meaning,
    )


class SameForEveryone(template.Node):
    """Words, drawings and addresses that depend on the language alone, rendered once a process and language.

    What stands in it is rendered in an empty context: nothing of a person or a request can get into it, and
    nothing of anybody's page be shown to another.
    """

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._rendered: dict[Writing, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        key = writing()  # there may be addresses in it
        if key not in self._rendered:
            assert context.template is not None
            nobodys = template.Context()
            with nobodys.bind_template(context.template):
                self._rendered[key] = self.nodelist.render(nobodys)
        return self._rendered[key]


@register.tag
def same_for_everyone(parser: Parser, token: Token) -> SameForEveryone:
    """`{% same_for_everyone %}…{% end_same_for_everyone %}`; for what holds no name of the context."""
    nodelist = parser.parse(("end_same_for_everyone",))
    parser.delete_first_token()
    return SameForEveryone(nodelist)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A field's control without its placeholder, which is no label (design.md)."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag
def moment_now() -> str:
    """When this page was made, for the foot of what is printed."""
    return formats.moment(timezone.now())


@register.filter
def day(value: date | datetime | None) -> str:
    """`27 avr., 2017` (spec B8)."""
    return formats.day(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`02 févr., 2015 - 15:14:18 HNE` (spec C3)."""
    return formats.moment(value) if value else ""


@register.filter
def in_a_sentence(value: datetime | None) -> str:
    """`27 avr., 2017 à 14 h 05`."""
    return formats.in_a_sentence(value) if value else ""


@register.filter
def machine_time(value: datetime | None) -> str:
    """ISO 8601 with its offset, for a `<time datetime>`."""
    return timezone.localtime(value).isoformat() if value else ""


@register.filter
def size(count: int | None) -> str:
    """`17,4 Ko` (spec D1)."""
    return "" if count is None else formats.size(count)


@register.filter
def number(count: int | str | None) -> str:
    """`5 001`, `5,001`; what is no number stays as it is."""
    return formats.number(count) if isinstance(count, int) else str(count or "")


@register.filter
def shortened(address: str, limit: int = 24) -> str:
    """An address with the middle of its local part left out (spec B1)."""
    return plain_text.shortened(address, limit)


@register.filter
def to_call(telephone: str) -> SafeString:
    """A telephone number that a telephone dials; what follows the digits (an extension) is only shown."""
    return format_html('<a href="tel:{}">{}</a>', _dialled(telephone), telephone)


@register.filter
def to_call_in_mail(telephone: str) -> SafeString:
    """The same where there are no style sheets; `class` is what the mail's dark scheme goes by."""
    style = "color:#1d4a86;white-space:nowrap;"
    return format_html(
        '<a class="link" href="tel:{}" style="{}">{}</a>', _dialled(telephone), style, telephone
    )


def _dialled(telephone: str) -> str:
    return NOT_DIALLED.sub("", BEFORE_AN_EXTENSION.match(telephone).group())  # type: ignore[union-attr]


@register.filter
def own_letters(address: str) -> str:
    """An address with its domain as people write it."""
    return plain_text.in_own_letters(address)


@register.filter
def breakable(address: str | None) -> SafeString:
    """An address that breaks after its @ and its full stops where a line is too narrow for it."""
    return plain_text.breakable(address or "")


@register.filter
def linkify(text: str) -> SafeString:
    """Plain text as HTML with its links recognised (spec C11)."""
    return plain_text.linkify(text)
