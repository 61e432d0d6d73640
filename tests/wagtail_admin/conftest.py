"""Two organizations with everything that could leak, and each kind of visitor."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.log_actions import log

from connexion_plugin import access
from connexion_plugin.models.scope import system_scope
from tests.factories import enrol, make_organization, make_person
from tests.factories.conversations import start


def make_side(letter: str) -> SimpleNamespace:
    """An organization, its administrator, a collaborator with a conversation; every word of it a canary."""
    canary = f"Kanarie{letter}"
    domain = f"kanarie-{letter}.example"
    organization = make_organization(canary, telephone=f"1 800 {canary}")
    administrator = make_person(f"Admin{letter} {canary}", f"admin@{domain}")
    access.make_administrator(user=administrator, organization=organization)
    make_person(f"Owner{letter} {canary}", f"owner@{domain}")
    collaborator = enrol(organization, f"owner@{domain}", name=f"Owner {canary}")
    conversation = start(
        collaborator,
        to=[f"reader@titre-{letter}.example"],
        title=f"Titre secret {letter}",
        text=f"Texte secret {letter}",
    )
    with system_scope():
        for row in (organization, collaborator):
            log(row, "wagtail.edit", user=administrator, content_changed=True)
    return SimpleNamespace(
        canaries=[canary, domain],
        secrets=[f"Titre secret {letter}", f"Texte secret {letter}", f"titre-{letter}.example"],
        organization=organization,
        administrator=administrator,
        collaborator=collaborator,
        conversation=conversation,
    )


@pytest.fixture
def sides(settled_standing_key):
    return make_side("a"), make_side("b")


@pytest.fixture
def editor(db):
    """Writes the help pages, and has nothing to do with any organization."""
    user = make_person("Edith Content", "edith@example.org")
    user.groups.add(Group.objects.get(name="Editors"))
    return user


@pytest.fixture
def visit(sign_in):
    """`visit(user)`: a browser of its own, in which the second factor was shown; of nobody without a user."""

    def enter(user=None):
        client = Client(raise_request_exception=False)
        return sign_in(user, client=client) if user else client

    return enter
