"""Enrolling: a row, an invitation in the same transaction, and one living enrolment an address."""

import pytest
from django.db import IntegrityError, transaction

from connexion_plugin import access, exceptions
from connexion_plugin.actions.collaborators import (
    deactivate_collaborator,
    delete_collaborator,
    enrol_collaborator,
    reactivate_collaborator,
)
from connexion_plugin.mail import outbox
from connexion_plugin.models import Collaborator, Mail, StatusChange
from tests.factories import enrol, make_person


def enrolled(organization, dora, address="Nadia.Roy@Etude-Tremblay.example "):
    return enrol_collaborator(
        organization=organization, address=address, name="Nadia Roy", language="fr", by=dora
    )


@pytest.mark.spec("M1")
def test_an_address_is_enrolled_in_lower_case_and_invited_in_its_language(organization, dora):
    collaborator = enrolled(organization, dora)
    assert collaborator.address == "nadia.roy@etude-tremblay.example"
    mail = Mail.unscoped.get(kind=Mail.Kind.INVITATION)
    assert (mail.to, mail.language) == ("nadia.roy@etude-tremblay.example", "fr")
    assert outbox.read_payload(mail) == {"organization": "Étude Tremblay", "name": "Nadia Roy"}


@pytest.mark.spec("M6")
def test_who_enrolled_whom_is_recorded(organization, dora):
    change = StatusChange.unscoped.get(collaborator=enrolled(organization, dora))
    assert (change.before, change.after, change.by) == ("", "active", dora)


@pytest.mark.spec("M1")
def test_an_address_is_enrolled_once_however_it_is_written_and_nobody_is_invited_twice(organization, dora):
    enrolled(organization, dora)
    with pytest.raises(exceptions.AlreadyEnrolled):
        enrolled(organization, dora, "NADIA.ROY@etude-tremblay.example")
    assert Mail.unscoped.filter(kind=Mail.Kind.INVITATION).count() == 1


@pytest.mark.spec("M5")
def test_another_organization_may_enrol_the_same_address(organization, other_organization, dora):
    enrolled(organization, dora)
    assert enrolled(other_organization, dora).organization == other_organization


@pytest.mark.spec("M2")
def test_a_deactivated_address_is_reactivated_and_not_enrolled_again(organization, dora):
    deactivate_collaborator(collaborator=enrolled(organization, dora), by=dora)
    with pytest.raises(exceptions.AlreadyEnrolled):
        enrolled(organization, dora)


@pytest.mark.spec("M2")
def test_a_deleted_address_is_enrolled_anew_and_the_deleted_row_stays_deleted(organization, dora):
    first = delete_collaborator(collaborator=enrolled(organization, dora), by=dora)
    second = enrolled(organization, dora)
    first.refresh_from_db()
    assert (second.pk != first.pk, first.status, second.status) == (True, "deleted", "active")


@pytest.mark.spec("M2")
def test_a_deleted_collaborator_cannot_be_brought_back(organization, dora):
    deleted = delete_collaborator(collaborator=enrolled(organization, dora), by=dora)
    for verb in (reactivate_collaborator, deactivate_collaborator):
        with pytest.raises(exceptions.EnrolmentDeleted):
            verb(collaborator=deleted, by=dora)


@pytest.mark.spec("I3", "M1")
def test_an_enrolment_makes_a_collaborator_of_whoever_has_verified_the_address(organization, dora):
    nadia = make_person("Nadia Roy", "nadia.roy@etude-tremblay.example")
    assert not access.is_collaborator(nadia)
    enrolled(organization, dora)
    assert access.is_collaborator(nadia)


def test_the_database_refuses_an_address_with_capitals(organization):
    with pytest.raises(IntegrityError, match="collaborator_address_in_lower_case"), transaction.atomic():
        enrol(organization, "Nadia@example.org")


def test_the_database_refuses_a_second_living_enrolment(organization):
    enrol(organization, "nadia@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        enrol(organization, "nadia@example.org")


def test_the_database_refuses_a_status_that_does_not_exist(organization):
    with pytest.raises(IntegrityError, match="collaborator_status_known"), transaction.atomic():
        Collaborator.unscoped.create(organization=organization, address="n@example.org", status="asleep")
