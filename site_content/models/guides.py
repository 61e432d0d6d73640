"""The help: an index, and guides made of sections that explain the screens (spec H1-H3)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import RichTextField, StreamField

from connexion_plugin.blocks import SectionBlock
from connexion_plugin.blocks.rich_text import TEXT_FEATURES
from site_content.models.loaded import LoadedPage


@dataclass(frozen=True)
class GuideSection:
    """A section as the page shows it. `screens` are names of `connexion_plugin.help.SCREENS`."""

    anchor: str
    heading: str
    screens: tuple[str, ...]
    block: StreamValue.StreamChild


class HelpIndexPage(LoadedPage):
    introduction = RichTextField(_("introduction"), blank=True, features=TEXT_FEATURES)

    loaded_fields = ("title", "introduction")
    content_panels = [*LoadedPage.content_panels, FieldPanel("introduction")]
    parent_page_types = ["site_content.HomePage"]
    subpage_types = ["site_content.GuidePage"]
    page_description = _("Lists the guides.")

    class Meta:
        verbose_name = _("help index")
        verbose_name_plural = _("help indexes")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["help_url"] = self.get_url(request)
        context["guides"] = GuidePage.objects.child_of(self).live().order_by("path")
        return context


class GuidePage(LoadedPage):
    introduction = RichTextField(_("introduction"), blank=True, features=TEXT_FEATURES)
    body = StreamField([("section", SectionBlock())], verbose_name=_("sections"), blank=True)

    loaded_fields = ("title", "search_description", "introduction", "body")
    content_panels = [*LoadedPage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    parent_page_types = ["site_content.HelpIndexPage"]
    subpage_types: list[str] = []
    page_description = _("A guide in sections. “Help” on a screen leads to the section that explains it.")

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["help_index"] = self.get_parent()
        context["help_url"] = context["help_index"].get_url(request)
        return context

    @property
    def sections(self) -> list[GuideSection]:
        return [
            GuideSection(
                # Without an anchor of its own, a section is found by its id, which outlives a new heading.
                anchor=block.value["anchor"] or f"section-{block.id[:8]}",
                heading=block.value["heading"],
                screens=tuple(block.value["screens"]),
                block=block,
            )
            for block in self.body
        ]

    def clean(self) -> None:
        super().clean()
        anchors = Counter(block.value["anchor"] for block in self.body if block.value["anchor"])
        twins = sorted(anchor for anchor, count in anchors.items() if count > 1)
        if twins:
            raise ValidationError(
                {
                    "body": _("Two sections share the anchor “%(anchor)s”. Give one of them another.")
                    % {"anchor": twins[0]}
                }
            )
