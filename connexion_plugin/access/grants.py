"""Permission rows, recomputed from living seats and never toggled: the only writer of a conversation's."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.contrib.auth import get_user_model
from guardian.shortcuts import remove_perm

from connexion_plugin.access.abilities import OWN, REPLY, VIEW
from connexion_plugin.models import Conversation, ConversationPermission, Participation


def recompute(conversation: Conversation, user_ids: Iterable[int]) -> None:
    """Makes the permission rows of these people say what their seats say.

    The caller holds the lock of the conversation, so that two changes of one person's seats cannot cross.
    """
    _recompute(conversation, user_ids)


def recompute_quietly(
    conversation: Conversation,
    user_ids: Iterable[int | None],
    *,
    by_id: int | None,
    granting: Collection[str] = (),
    revoking: Collection[str] = (),
) -> None:
    """The same for those whose seats somebody else has just changed; None is a seat that nobody holds.

    Where none of them has an account the same statements run for who did it, and change nothing: how long it takes
    must not tell whether an address has an account (spec I6). `granting` and `revoking` say what the change
    does to somebody who has one.
    """
    if ids := [key for key in user_ids if key is not None]:
        _recompute(conversation, ids)
    elif by_id is not None:
        _recompute(conversation, [by_id], again=granting, in_vain=revoking)


def _recompute(
    conversation: Conversation,
    user_ids: Iterable[int],
    *,
    again: Collection[str] = (),
    in_vain: Collection[str] = (),
) -> None:
    """`again`: what is granted a second time; `in_vain`: as many revocations that find nothing."""
    people = {user.pk: user for user in get_user_model()._default_manager.filter(pk__in=set(user_ids))}
    if not people:
        return
    due: dict[str, set[int]] = {VIEW: set(), REPLY: set(), OWN: set()}
    for seat in Participation.unscoped.filter(
        conversation=conversation, holder__in=people, seat=Participation.Seat.TAKEN
    ):
        assert seat.holder_id is not None
        due[VIEW].add(seat.holder_id)
        if seat.may_reply:
            due[REPLY].add(seat.holder_id)
        if seat.is_owner:
            due[OWN].add(seat.holder_id)
    present: dict[str, set[int]] = {VIEW: set(), REPLY: set(), OWN: set()}
    for codename, user_id in ConversationPermission.objects.filter(
        content_object=conversation, user__in=people
    ).values_list("permission__codename", "user_id"):
        present[codename].add(user_id)
    for codename, wanted in due.items():
        if missing := wanted if codename in again else wanted - present[codename]:
            ConversationPermission.objects.assign_perm_to_many(
                codename, [people[key] for key in missing], conversation, ignore_conflicts=True
            )
        if surplus := present[codename] - wanted:
            remove_perm(codename, [people[key] for key in surplus], conversation)
    for _ in in_vain:
        rows = ConversationPermission.objects.filter(content_object=conversation, permission__codename="")
        rows.filter(user__in=people).delete()


def disagreements() -> list[str]:
    """Where permission rows and living seats differ; `connexion_verify` reports them."""
    due: set[tuple[UUID, int | None, str]] = set()
    for seat in Participation.unscoped.filter(seat=Participation.Seat.TAKEN).iterator():
        due.add((seat.conversation_id, seat.holder_id, VIEW))
        if seat.may_reply:
            due.add((seat.conversation_id, seat.holder_id, REPLY))
        if seat.is_owner:
            due.add((seat.conversation_id, seat.holder_id, OWN))
    present = set(
        ConversationPermission.objects.values_list("content_object_id", "user_id", "permission__codename")
    )
    return [
        *(
            f"conversation {c}: account {u} sits there without {p}"
            for c, u, p in sorted(due - present, key=str)
        ),
        *(
            f"conversation {c}: account {u} has {p} without a seat"
            for c, u, p in sorted(present - due, key=str)
        ),
    ]
