"""What administrators do is a record: appended by the verbs, chained, verified, altered by nobody (spec M6)."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from connexion_plugin.actions import record
from connexion_plugin.actions.collaborators import (
    amend_collaborator,
    deactivate_collaborator,
    delete_collaborator,
    enrol_collaborator,
    reactivate_collaborator,
)
from connexion_plugin.actions.organizations import found_organization, set_policies
from connexion_plugin.exceptions import AppendOnly
from connexion_plugin.models import AdministrativeAct, RecordHead

Verb = AdministrativeAct.Verb


def acts(organization):
    return list(AdministrativeAct.unscoped.filter(organization=organization).order_by("number"))


@pytest.fixture
def nadia(organization, dora):
    return enrol_collaborator(
        organization=organization, address="nadia@example.org", name="Nadia", language="fr", by=dora
    )


@pytest.mark.spec("M6")
def test_each_act_of_an_administrator_is_recorded_with_who_when_and_what(nadia, organization, dora):
    deactivated = deactivate_collaborator(collaborator=nadia, by=dora)
    reactivate_collaborator(collaborator=nadia, by=dora)
    amend_collaborator(collaborator=nadia, name="Nadia Roy", language="fr", by=dora)
    delete_collaborator(collaborator=nadia, by=dora)
    found = acts(organization)
    assert [act.verb for act in found] == ["enrolled", "deactivated", "reactivated", "changed", "deleted"]
    assert [act.number for act in found] == [1, 2, 3, 4, 5]
    assert {(act.by_key, act.by_name, act.collaborator) for act in found} == {
        (str(dora.pk), "Dora Lavoie", nadia)
    }
    assert found[1].at == deactivated.status_changed_at


@pytest.mark.spec("M6")
def test_a_change_names_the_fields_and_not_what_stands_in_them(nadia, organization, dora):
    amend_collaborator(collaborator=nadia, name="Nadia Roy", language="en", by=dora)
    assert acts(organization)[-1].details == {"changed": ["name", "language"]}


@pytest.mark.spec("M6")
def test_a_policy_is_recorded_with_its_old_and_new_value(organization, dora):
    organization.default_expiry_days, organization.telephone = 30, "1 800 555-0199"
    assert set_policies(
        organization=organization, fields=["default_expiry_days", "telephone", "name"], by=dora
    )
    assert acts(organization)[-1].details["changes"] == {
        "default_expiry_days": ["364", "30"],
        "telephone": ["1 800 555-0142", "1 800 555-0199"],
    }


@pytest.mark.spec("M6")
def test_what_changes_nothing_is_not_recorded(nadia, organization, dora):
    amend_collaborator(collaborator=nadia, name="Nadia", language="fr", by=dora)
    reactivate_collaborator(collaborator=nadia, by=dora)
    set_policies(organization=organization, fields=["name"], by=dora)
    assert len(acts(organization)) == 1


@pytest.mark.spec("M6")
def test_an_act_that_is_rolled_back_leaves_no_trace(nadia, organization, dora):
    with transaction.atomic():
        deactivate_collaborator(collaborator=nadia, by=dora)
        transaction.set_rollback(True)
    assert len(acts(organization)) == 1
    assert list(record.disagreements()) == []


@pytest.mark.spec("M6")
def test_an_account_that_is_deleted_stays_in_the_record(nadia, organization, dora):
    key = str(dora.pk)
    dora.delete()
    assert [(act.by_key, act.by_name) for act in acts(organization)] == [(key, "Dora Lavoie")]
    assert list(record.disagreements()) == []


@pytest.mark.spec("M6")
def test_each_organization_has_a_chain_of_its_own(nadia, dora):
    other, _ = found_organization(name="Notaires du Vieux-Port", language="fr")
    assert [(act.number, act.verb, act.by_name) for act in acts(other)] == [(1, "founded", "")]
    assert list(record.disagreements()) == []


@pytest.mark.spec("M6")
def test_an_act_can_neither_be_saved_again_nor_deleted(nadia, organization):
    act = acts(organization)[0]
    with pytest.raises(AppendOnly):
        act.save()
    with pytest.raises(AppendOnly):
        act.delete()


@pytest.mark.spec("M6")
@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda acts: acts.filter(number=2).update(by_key="777"), "act 2 was changed"),
        (lambda acts: acts.filter(number=2).update(details={"conversations": 0}), "act 2 was changed"),
        (lambda acts: acts.filter(number=1).update(verb=Verb.EXPORTED), "act 1 was changed"),
        (lambda acts: acts.filter(number=2)._raw_delete("default"), "act 2 is missing"),
        (lambda acts: acts.filter(number=3)._raw_delete("default"), "it ends at act 2, its head says 3"),
        (
            lambda acts: RecordHead.unscoped.filter(organization=acts[0].organization)._raw_delete("default"),
            "its head is missing",
        ),
    ],
)
def test_an_edited_removed_or_cut_act_is_found_and_named(nadia, organization, dora, tamper, fault):
    deactivate_collaborator(collaborator=nadia, by=dora)
    reactivate_collaborator(collaborator=nadia, by=dora)
    call_command("connexion_verify")
    tamper(AdministrativeAct.unscoped.filter(organization=organization))
    assert fault in " ".join(record.disagreements())
    with pytest.raises(CommandError):
        call_command("connexion_verify")


@pytest.mark.spec("M6")
def test_details_read_the_same_from_the_database_as_they_were_written(organization, dora):
    record.append_act(
        organization=organization,
        verb=Verb.HELD,
        by=dora,
        details={"conversations": 12, "until": dora.date_joined + timedelta(days=3)},
    )
    assert list(record.disagreements()) == []
