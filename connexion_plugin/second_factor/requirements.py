"""Who must show a second factor (spec I5), in one statement."""

from dataclasses import dataclass
from functools import cache
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
    """Asked at each request of a session without a second factor: whoever becomes a collaborator meets it at once."""
    found = _questions().filter(pk=user.pk).first()
    if found is None:
        return Standing(has_device=False, is_required=True)
    has_device, *reasons = found
    is_trusted = getattr(user, "is_superuser", False) or getattr(user, "is_staff", False)
    return Standing(has_device=has_device, is_required=bool(is_trusted or any(reasons)))


@cache
def _questions() -> QuerySet[Any, tuple[bool, ...]]:
    """Whether there is a device, then each reason to ask for one. Built once: that takes longer than asking.

    Hence not by a host's own manager, which may filter by who asks, and would filter by the first one for ever.
    """
    return get_user_model()._base_manager.values_list(
        Exists(AuthenticatorDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        Exists(_enrolments()),
        Exists(OrganizationPermission.objects.filter(user=OuterRef("pk"))),
        Exists(_wagtail_access()),
        Exists(_demanding_seats()),
    )


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
