"""The site's front: what this is, the way in, and the guide."""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PageChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from connexion_plugin.blocks.rich_text import TEXT_FEATURES
from connexion_plugin.blocks.sign_in_button import way_in
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

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {**super().get_context(request, *args, **kwargs), **way_in(request)}
        if self.guide is not None and self.guide.live:
            context["guide"] = self.guide
            context["help_url"] = self.guide.get_parent().get_url(request)
        return context

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """As Wagtail's, except that a path of another language leads to its translation.

        The language switch only exchanges the prefix: `/en/aide/` must end on `/en/help/`.
        """
        try:
            return super().route(request, path_components)
        except Http404:
            translation = self._translation_of(request, path_components)
            if translation is None:
                raise
            return RouteResult(self, kwargs={"translation": translation})

    def serve(
        self, request: HttpRequest, *args: Any, translation: Page | None = None, **kwargs: Any
    ) -> HttpResponseBase:
        if translation is not None:
            return redirect(translation.get_url(request))
        response: HttpResponseBase = super().serve(request, *args, **kwargs)
        return response

    def _translation_of(self, request: HttpRequest, path_components: list[str]) -> Page | None:
        """The page in this home's language whose path these components are in another language."""
        for home in self.get_translations().live():
            try:
                page = Page.route(home.specific, request, list(path_components)).page
            except Http404:
                continue
            translation = page.get_translation_or_none(self.locale)
            if translation is not None and translation.live:
                return translation
        return None
