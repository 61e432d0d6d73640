"""What was done to one snippet, in the words of Wagtail's history of it; the record is `actions.record` (M6)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, LogFormatter

from connexion_plugin.wagtail_admin.acts import changes_in_words


class PoliciesFormatter(LogFormatter):  # type: ignore[misc]
    """Names each policy with its old and new value."""

    label = _("Change the policies")
    message = _("Policies changed")

    def format_message(self, log_entry: Any) -> str:
        model = log_entry.content_type.model_class()
        changes = changes_in_words(model, log_entry.data.get("changes", {}))
        return " · ".join(filter(None, [str(self.message), changes]))


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("connexion.deactivate", _("Deactivate"), _("Deactivated"))
    actions.register_action("connexion.reactivate", _("Reactivate"), _("Reactivated"))
    actions.register_action("connexion.delete", _("Delete"), _("Deleted, for good"))
    actions.register_action("connexion.hand_over", _("Hand over"), _("Conversations handed over"))
    actions.register_action("connexion.set_hold", _("Set a legal hold"), _("Legal hold set"))
    actions.register_action("connexion.lift_hold", _("Lift a legal hold"), _("Legal hold lifted"))
    actions.register_action("connexion.set_policies")(PoliciesFormatter)
