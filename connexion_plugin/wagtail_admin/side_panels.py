"""Beside the forms: the way to the history, and not the "live" that Wagtail says of whatever has no draft."""

from typing import Any

from wagtail.admin.ui.components import MediaContainer
from wagtail.snippets.side_panels import SnippetStatusSidePanel


class HistoryPanel(SnippetStatusSidePanel):  # type: ignore[misc]
    def get_status_templates(self, context: dict[str, Any]) -> list[str]:
        return []


class HistoryBesideMixin:
    """For the edit views: only the link to the history, with the last change."""

    def get_side_panels(self: Any) -> MediaContainer:
        panel = HistoryPanel(
            self.object,
            self.request,
            history_url=self.get_history_url(),
            last_updated_info=self.get_last_updated_info(),
        )
        return MediaContainer([panel])


class NothingBesideMixin:
    """For the create views."""

    def get_side_panels(self) -> MediaContainer:
        return MediaContainer([])
