"""What administrators did, in the words of the history that they read and cannot alter (spec M6)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, LogFormatter


class PoliciesFormatter(LogFormatter):  # type: ignore[misc]
    """Names each policy with its old and new value."""

    label = _("Change the policies")
    message = _("Policies changed")

    def format_message(self, log_entry: Any) -> str:
        model = log_entry.content_type.model_class()
        changes = [
            # Translators: a policy with its old and new value.
            _("%(policy)s: %(old)s → %(new)s")
            % {"policy": model._meta.get_field(name).verbose_name, "old": old, "new": new}
            for name, (old, new) in log_entry.data.get("changes", {}).items()
        ]
        return " · ".join([str(self.message), *changes])


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("connexion.deactivate", _("Deactivate"), _("Deactivated"))
    actions.register_action("connexion.reactivate", _("Reactivate"), _("Reactivated"))
    actions.register_action("connexion.delete", _("Delete"), _("Deleted, for good"))
    actions.register_action("connexion.hand_over", _("Hand over"), _("Conversations handed over"))
    actions.register_action("connexion.set_policies")(PoliciesFormatter)
