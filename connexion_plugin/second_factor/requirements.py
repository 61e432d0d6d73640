"""Who must show a second factor (spec I5), in one statement."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from connexion_plugin.models import (
    AuthenticatorDevice,
    Collaborator,
    OrganizationPermission,
    Participation,
    Persona,
)


@dataclass(frozen=True)
class Standing:
    """What a person who has not shown a second factor in this session has to do."""

    has_device: bool  # a confirmed one: then it is asked for, whoever one is
    is_required: bool  # by what one is


def standing_of(user: AbstractBaseUser) -> Standing:
    """Asked at each request of a session without a second factor: whoever becomes a collaborator meets it at once.

    Brings the account's preferences along: who asks for them next pays no second statement.
    """
    row = (
        get_user_model()
        ._default_manager.filter(pk=user.pk)
        .select_related("connexion_preferences")
        .annotate(
            _has_device=Exists(AuthenticatorDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
            _collaborates=Exists(_enrolments()),
            _administers=Exists(OrganizationPermission.objects.filter(user=OuterRef("pk"))),
            _edits=Exists(_wagtail_access()),
            _is_asked_to=Exists(_demanding_seats()),
        )
        .first()
    )
    if row is None:
        return Standing(has_device=False, is_required=True)
    keep_preferences(user, of=row)
    found: Any = row
    is_required = (
        getattr(row, "is_superuser", False)
        or getattr(row, "is_staff", False)
        or found._collaborates
        or found._administers
        or found._edits
        or found._is_asked_to
    )
    return Standing(has_device=found._has_device, is_required=bool(is_required))


def keep_preferences(user: Any, *, of: Any) -> None:
    """Lends `user` the preferences that were read with `of`, the same person."""
    field: Any = user._meta.get_field("connexion_preferences")
    field.set_cached_value(user, getattr(of, "connexion_preferences", None))


def _enrolments() -> QuerySet[Collaborator]:
    addresses = Persona.unscoped.filter(user=OuterRef(OuterRef("pk"))).values("address")
    return Collaborator.unscoped.filter(address__in=addresses, status=Collaborator.Status.ACTIVE)


def _wagtail_access() -> QuerySet[Permission]:
    return Permission.objects.filter(
        Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")),
        content_type__app_label="wagtailadmin",
        codename="access_admin",
    )


def _demanding_seats() -> QuerySet[Participation]:
    return Participation.unscoped.filter(
        holder=OuterRef("pk"),
        seat=Participation.Seat.TAKEN,
        conversation__organization__requires_second_factor=True,
    )
