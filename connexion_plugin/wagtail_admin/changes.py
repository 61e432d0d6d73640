"""What can be done to a collaborator's status: the verb, and every word that its pages say (spec M2)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from connexion_plugin.access import Person
from connexion_plugin.actions import collaborators as actions
from connexion_plugin.models import Collaborator

Status = Collaborator.Status
Verb = Callable[..., Collaborator]


@dataclass(frozen=True)
class Change:
    """One of three. `statuses` are those of whom it can be done to; `permission` is the policy's."""

    name: str
    title: str | Promise
    verb: Verb
    statuses: tuple[str, ...]
    what_it_does: str | Promise
    button: str | Promise
    done: str | Promise  # %(address)s
    title_of_several: str | Promise
    what_it_does_to_several: str | Promise
    is_serious: bool = True
    permission: str = "change"

    @property
    def log_action(self) -> str:
        return f"connexion.{self.name}"

    def make(self, collaborator: Collaborator, *, by: Person, verb: Verb | None = None) -> None:
        """Calls the verb, and leaves the line in Wagtail's history of this collaborator."""
        before = collaborator.status
        changed = (verb or self.verb)(collaborator=collaborator, by=by)
        if changed.status != before:
            log(changed, self.log_action, user=by)


_WHAT_DEACTIVATING_DOES = _(
    "Their conversations can only be read from then on, by everyone, and are shown in red. "
    "They are signed out everywhere at once. Reactivating undoes it."
)
_WHAT_REACTIVATING_DOES = _("Their conversations open again at once, for everyone who takes part in them.")

DEACTIVATE = Change(
    name="deactivate",
    title=_("Deactivate"),
    verb=actions.deactivate_collaborator,
    statuses=(Status.ACTIVE,),
    what_it_does=_WHAT_DEACTIVATING_DOES,
    button=_("Yes, deactivate"),
    done=_("%(address)s is deactivated."),
    title_of_several=_("Deactivate the selected collaborators"),
    what_it_does_to_several=_WHAT_DEACTIVATING_DOES,
)
REACTIVATE = Change(
    name="reactivate",
    title=_("Reactivate"),
    verb=actions.reactivate_collaborator,
    statuses=(Status.DEACTIVATED,),
    what_it_does=_WHAT_REACTIVATING_DOES,
    button=_("Yes, reactivate"),
    done=_("%(address)s is active again."),
    title_of_several=_("Reactivate the selected collaborators"),
    what_it_does_to_several=_WHAT_REACTIVATING_DOES,
    is_serious=False,
)
DELETE = Change(
    name="delete",
    title=_("Delete"),
    verb=actions.delete_collaborator,
    statuses=(Status.ACTIVE, Status.DEACTIVATED),
    what_it_does=_(
        "Deleting is for good. Their conversations can only be read from then on, by everyone, until the messages "
        "expire, unless you name a successor. They are signed out everywhere at once, and stay participants elsewhere."
    ),
    button=_("Yes, delete"),
    done=_("%(address)s is deleted."),
    title_of_several=_("Delete the selected collaborators"),
    what_it_does_to_several=_(
        "Deleting is for good. To name a successor for their conversations, delete them one by one, or hand "
        "over first."
    ),
    permission="delete",
)
