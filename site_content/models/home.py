"""The site's front: what this is, the way in, and the guide."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PageChooserPanel
from wagtail.fields import RichTextField

from connexion_plugin.blocks.rich_text import TEXT_FEATURES
from site_content.models.loaded import LoadedPage


class HomePage(LoadedPage):
    headline = models.CharField(_("headline"), max_length=120)
    introduction = RichTextField(_("introduction"), features=TEXT_FEATURES)
    guide = models.ForeignKey(
        "site_content.GuidePage",
        verbose_name=_("guide"),
        help_text=_("The guide that visitors are offered."),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    loaded_fields = ("title", "search_description", "headline", "introduction")
    content_panels = [
        *LoadedPage.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
        PageChooserPanel("guide"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["site_content.HelpIndexPage"]
    page_description = _("The front of the site, one for each language.")

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
