"""Choosers of organizations and collaborators: the scoped managers fill them; nothing is created in them."""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.urls import URLPattern
from wagtail.snippets.views.chooser import (
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)


class ChosenView(SnippetChosenView):  # type: ignore[misc]
    def get_object(self, pk: str) -> Model:
        key = _as_key(pk)
        if key is None:
            raise ObjectDoesNotExist
        row: Model = super().get_object(key)
        return row


class ChosenMultipleView(SnippetChosenMultipleView):  # type: ignore[misc]
    def get_objects(self, pks: Sequence[str]) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().get_objects([key for pk in pks if (key := _as_key(pk))])
        return rows


class AdministrationChooserViewSet(SnippetChooserViewSet):  # type: ignore[misc]
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView

    def get_urlpatterns(self) -> list[URLPattern]:
        # Enrolling has a form of its own; a door that opens on no form is an error of the server.
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


def _as_key(text: str) -> UUID | None:
    # Wagtail's own answer something that is no UUID with an error of the server.
    try:
        return UUID(text)
    except ValueError:
        return None
