"""The people of the demo and what each of them is."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from connexion_plugin import access, personas
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.importing_contacts import import_contacts
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.contact_files import Line
from connexion_plugin.demo.story import (
    ADMINISTERS,
    CONTACTS,
    DEACTIVATED,
    ENROLMENTS,
    ORGANIZATIONS,
    PASSWORD,
    PEOPLE,
    Person,
)
from connexion_plugin.models import Collaborator, Organization
from connexion_plugin.second_factor.demo import give_app


@transaction.atomic
def assemble() -> None:
    """Organizations, enrolments and accounts; what is there already stays as it is."""
    organizations = {
        name: Organization.unscoped.get_or_create(name=name, defaults=fields)[0]
        for name, fields in ORGANIZATIONS.items()
    }
    for address, name in ENROLMENTS.items():
        person = next(person for person in PEOPLE if address in person.addresses)
        Collaborator.unscoped.get_or_create(
            organization=organizations[name],
            address=address,
            defaults={"name": f"{person.first_name} {person.last_name}", "language": person.language},
        )
    for person in PEOPLE:
        user = _account(person)
        if person.user_name in ADMINISTERS:
            access.make_administrator(user=user, organization=organizations[ADMINISTERS[person.user_name]])


def keep_contacts() -> None:
    """The address books, where there is none yet."""
    for address, rows in CONTACTS.items():
        enrolment = Collaborator.unscoped.get(address=address)
        holder = personas.holder_of(address)
        assert holder is not None
        book = access.address_book_of(holder, enrolment.pk)
        lines = [Line(number, *row) for number, row in enumerate(rows)]
        if not access.contacts_of(book).exists():
            import_contacts(book=book, lines=lines, language="fr")


def let_go() -> None:
    """The collaborators whom their administrator has deactivated, after all that they wrote."""
    for address in DEACTIVATED:
        collaborator = Collaborator.unscoped.get(address=address)
        if collaborator.is_active:
            deactivate_collaborator(collaborator=collaborator, by=None)


def _account(person: Person) -> Any:
    users = get_user_model()._default_manager
    user: Any = users.filter(username=person.user_name).first()
    if user is None:
        is_operator = person.part == "operator"
        user = users.create_user(
            username=person.user_name,
            password=PASSWORD,
            first_name=person.first_name,
            last_name=person.last_name,
            is_staff=is_operator,
            is_superuser=is_operator,
        )
        personas.remember_language(user, person.language)
    for number, address in enumerate(person.addresses):
        EmailAddress.objects.get_or_create(
            user=user, email=address, defaults={"verified": True, "primary": number == 0}
        )
        take_up_address(user=user, address=address)
    if person.part != "participant":
        give_app(user)
    if person.part == "editor":
        # The site's own group of editors comes after those that Wagtail makes.
        user.groups.add(*Group.objects.filter(page_permissions__isnull=False).order_by("-pk").distinct()[:1])
    return user
