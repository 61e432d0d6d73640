"""What organizations and collaborators share as snippets: no copy, no usage, no preview (access.md)."""

from typing import Any

from django.urls import URLPattern
from wagtail import VERSION as WAGTAIL_VERSION
from wagtail.admin.panels import ObjectList, Panel
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from connexion_plugin.wagtail_admin.choosers import AdministrationChooserViewSet
from connexion_plugin.wagtail_admin.policies import AdministrationPolicy


class AdministrationViewSet(SnippetViewSet):  # type: ignore[misc]
    """A snippet of an organization. `policy` and the two lists of panels are all that a subclass must say."""

    policy: AdministrationPolicy
    panels_to_create: list[Panel]
    panels_to_edit: list[Panel]
    form_to_create: type
    form_to_edit: type

    chooser_viewset_class = AdministrationChooserViewSet
    copy_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = True
    # Wagtail has a page for each of these, whatever the model: surface for nothing.
    closed_views: frozenset[str] = frozenset({"usage"})

    @property
    def permission_policy(self) -> AdministrationPolicy:
        return self.policy

    @property
    def url_finder_class(self) -> type:
        # The snippets' own asks Django's model permissions, which administrators do not have.
        finder: type = ModelViewSet.url_finder_class.fget(self)
        return finder

    def on_register(self) -> None:
        if WAGTAIL_VERSION >= (8, 0):
            from wagtail.permissions import register_permission_policy

            register_permission_policy(self.model, self.policy)
        super().on_register()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        shared: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return shared | {f"{view}_url_name": None for view in self.closed_views}

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name not in self.closed_views]

    def get_edit_handler(self) -> Panel:
        return ObjectList(self.panels_to_edit, base_form_class=self.form_to_edit).bind_to_model(self.model)

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        handler = ObjectList(self.panels_to_create, base_form_class=self.form_to_create).bind_to_model(
            self.model
        )
        return {
            **super().get_add_view_kwargs(**kwargs),
            "panel": handler,
            "form_class": handler.get_form_class(),
        }
