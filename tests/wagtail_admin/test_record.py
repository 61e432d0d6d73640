"""The record of administration in Wagtail's admin: the organization's own, read and exported, altered by nobody (M6)."""

from contextlib import suppress

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import personas
from connexion_plugin.actions import record
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.organizations import set_policies
from connexion_plugin.models import AdministrativeAct, RecordHead
from tests.factories import enrol
from tests.wagtail_admin.test_admin_walk import Undo, guesses, staying_signed_in
from tests.wagtail_admin.walk import addresses

RECORD = "connexion_plugin_record"
Verb = AdministrativeAct.Verb


@pytest.fixture
def recorded(organization, dora, alice_enrolment):
    organization.default_expiry_days = 30
    set_policies(organization=organization, fields=["default_expiry_days"], by=dora)
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    record.append_act(
        organization=organization,
        verb=Verb.HANDED_OVER,
        by=dora,
        collaborator=alice_enrolment,
        successor=alice_enrolment,
        details={"conversations": 12, "participants": 1},
    )


def shown(answer):
    return [act.verb for act in answer.context["object_list"]]


@pytest.mark.spec("M6")
def test_the_newest_act_stands_first_with_who_what_and_its_numbers(dora, recorded, visit):
    personas.remember_language(dora, "en")
    answer = visit(dora).get(reverse(RECORD))
    assert shown(answer) == ["handed_over", "deactivated", "policies_set"]
    page = answer.content.decode()
    for words in (
        "Dora Lavoie",
        "To alice@etude-tremblay.example · 12 conversations · 1 participant",
        "Default life of a message, in days: 364 → 30",
    ):
        assert words in page


@pytest.mark.spec("M6")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?verb=deactivated", ["deactivated"]),
        ("?verb=deactivated&verb=handed_over", ["handed_over", "deactivated"]),
        ("?by_name=lavoie", ["handed_over", "deactivated", "policies_set"]),
        ("?by_name=nobody", []),
        ("?address=alice", ["handed_over", "deactivated"]),
        ("?at_from=2001-01-01&at_to=2001-01-02", []),
        ("?ordering=at", ["policies_set", "deactivated", "handed_over"]),
        ("?organization=none-at-all&p=9", ["handed_over", "deactivated", "policies_set"]),
    ],
)
def test_it_is_filtered_in_the_database(dora, recorded, visit, query, expected):
    assert shown(visit(dora).get(reverse(RECORD) + query)) == expected


@pytest.mark.spec("M6")
def test_thousands_of_acts_are_paged_in_the_same_statements(
    dora, organization, recorded, visit, django_assert_max_num_queries
):
    now = timezone.now()
    AdministrativeAct.unscoped.bulk_create(
        AdministrativeAct(organization=organization, number=n, verb=Verb.EXPORTED, at=now, hash=b"")
        for n in range(10, 2_010)
    )
    browser = visit(dora)
    browser.get(reverse(RECORD))
    with django_assert_max_num_queries(25):
        answer = browser.get(reverse(RECORD) + "?p=2")
    assert len(answer.context["object_list"]) == 50


@pytest.mark.spec("M3", "M6")
def test_an_administrator_sees_the_record_of_their_own_organization(
    dora, recorded, other_organization, visit
):
    record.append_act(organization=other_organization, verb=Verb.FOUNDED, by=None)
    assert len(shown(visit(dora).get(reverse(RECORD)))) == 3


@pytest.mark.spec("M6")
def test_the_operator_sees_every_organizations(superuser, recorded, other_organization, visit):
    record.append_act(organization=other_organization, verb=Verb.FOUNDED, by=superuser)
    assert len(shown(visit(superuser).get(reverse(RECORD)))) == 4


@pytest.mark.spec("M6")
@pytest.mark.parametrize("name", [RECORD, f"{RECORD}_results"])
def test_editors_collaborators_and_participants_do_not_see_it(editor, alice, bob, recorded, visit, name):
    for person in (editor, alice, bob):
        answer = visit(person).get(reverse(name), follow=True)
        assert "Lavoie" not in answer.content.decode()


@pytest.mark.spec("M6")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_taking_it_away_is_itself_recorded(dora, organization, recorded, visit, kind):
    answer = visit(dora).get(reverse(RECORD) + f"?export={kind}")
    body = b"".join(answer.streaming_content)
    if kind == "csv":
        assert "Dora Lavoie" in body.decode()
    act = AdministrativeAct.unscoped.get(verb=Verb.EXPORTED)
    assert (act.organization, act.by_name, act.details["rows"]) == (organization, "Dora Lavoie", 3)
    assert list(record.disagreements()) == []


@pytest.mark.spec("M6")
def test_a_look_at_the_head_of_an_export_takes_nothing_away(dora, organization, recorded, visit):
    assert visit(dora).head(reverse(RECORD) + "?export=csv").status_code == 200
    assert not AdministrativeAct.unscoped.filter(verb=Verb.EXPORTED).exists()


@pytest.mark.spec("M6")
def test_a_name_is_no_formula_in_a_spreadsheet(dora, organization, visit):
    dora.first_name, dora.last_name = "=HYPERLINK(1)", ""
    dora.save()
    record.append_act(organization=organization, verb=Verb.EXPORTED, by=dora)
    body = b"".join(visit(dora).get(reverse(RECORD) + "?export=csv").streaming_content).decode()
    assert "'=HYPERLINK(1)" in body


@pytest.mark.spec("M6")
def test_nor_is_an_address(dora, organization, visit):
    collaborator = enrol(organization, "=1+1@example.org")
    record.append_act(organization=organization, verb=Verb.ENROLLED, by=dora, collaborator=collaborator)
    body = b"".join(visit(dora).get(reverse(RECORD) + "?export=csv").streaming_content).decode()
    assert "'=1+1@example.org" in body


@pytest.mark.spec("M6")
@pytest.mark.parametrize("who", ["administrator", "superuser"])
def test_no_address_of_the_admin_alters_or_deletes_an_act(sides, superuser, visit, who):
    """Posts to every address, with the ids of the acts where an id is asked for."""
    side = sides[0]
    act = record.append_act(organization=side.organization, verb=Verb.EXPORTED, by=superuser)
    before = list(AdministrativeAct.unscoped.filter(pk=act.pk).values())
    known = guesses(side) | {
        "model_name": ["administrativeact", "recordhead"],
        "pk": [str(act.pk), str(side.organization.pk)],
        "action": ["delete"],
    }
    client = visit(superuser if who == "superuser" else side.administrator)
    for address in addresses(known):
        for query in ("", f"?id={act.pk}&id=all"):
            with staying_signed_in(client), suppress(Undo), transaction.atomic():
                client.post(address.path + query, {"verb": "founded", "by_name": "Nobody", "id": str(act.pk)})
                assert list(AdministrativeAct.unscoped.filter(pk=act.pk).values()) == before, address
                assert RecordHead.unscoped.filter(organization=side.organization).exists(), address
                assert list(record.disagreements()) == [], address
                raise Undo
