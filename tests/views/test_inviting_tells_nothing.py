"""Whoever invites does not learn whether an address has an account, before its person comes (spec I6)."""

import difflib
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions import moving, participants
from connexion_plugin.mail.delivery import deliver
from connexion_plugin.models import Participation, Persona
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.spec("I6"), pytest.mark.django_db]
KNOWN, UNKNOWN = "charlie@example.org", "nobody1@example.org"
PAGES = ("readers", "activity", "conversation")


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def houses(alice, bob, charlie, alice_enrolment):
    """One for each address; the unknown one is not new, so that only the account tells them apart."""
    start(alice_enrolment, to=[KNOWN, UNKNOWN])
    return {address: start(alice_enrolment, to=["bob@example.org"]) for address in (KNOWN, UNKNOWN)}


def seat_at(address, house):
    return Participation.unscoped.get(conversation=house, persona__address=address)


def seen(client, house, address):
    """The pages, with what differs in any case put aside: ids, tokens, times."""
    found = []
    for name in PAGES:
        page = client.get(reverse(f"connexion:{name}", args=[house.pk]))
        text = page.content.decode().replace(address, "ADDRESS")
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}", "ID", text)
        text = re.sub(r'value="\w{64}"|nonce="[^"]*"|\d\d:\d\d:\d\d|\.\d{6}', "", text)
        found.append((page.status_code, text))
    return found


def difference(known, unknown):
    return [
        line
        for one, other in zip(known, unknown, strict=True)
        for line in difflib.unified_diff(one[1].splitlines(), other[1].splitlines(), n=0)
    ] + [(one[0], other[0]) for one, other in zip(known, unknown, strict=True) if one[0] != other[0]]


def statements(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    # What is done to which table: a savepoint has a name of its own, and a moment is another each time.
    tables = re.compile(r"(?:connexion_plugin|auth|cms|django)_\w+")
    return [(query["sql"].split()[0], tables.findall(query["sql"])) for query in captured.captured_queries]


def both(houses, act):
    return [act(address, house) for address, house in houses.items()]


def test_the_pages_are_the_same_until_the_person_comes(houses, owner, alice, charlie):
    def pages(address, house):
        url = reverse("connexion:invite", args=[house.pk])
        answer = owner.post(
            url, {"addresses": address, "language": "fr", "may_reply": "yes", "sees_past": "yes"}
        )
        assert answer.status_code == 302
        deliver()
        post(alice, house, "encore")
        deliver()
        return seen(owner, house, address)

    known, unknown = both(houses, pages)
    assert not difference(known, unknown), "\n".join(map(str, difference(known, unknown)))
    assert "invitation en attente" in known[0][1]
    seat = seat_of(charlie, houses[KNOWN])
    sign_in(Client(), charlie).get(reverse("connexion:conversation", args=[houses[KNOWN].pk]))
    assert seen(owner, houses[KNOWN], KNOWN) != known
    assert Participation.unscoped.get(pk=seat.pk).entered_at is not None


def test_other_participants_see_the_same(houses, alice, bob):
    def pages(address, house):
        participants.invite(by=seat_of(alice, house), addresses=[address], language="fr")
        return seen(sign_in(Client(), bob), house, address)

    known, unknown = both(houses, pages)
    assert not difference(known, unknown), "\n".join(map(str, difference(known, unknown)))


@pytest.mark.parametrize("may_reply", [True, False])
def test_inviting_takes_the_same_statements(houses, alice, may_reply):
    participants.invite(by=seat_of(alice, houses[KNOWN]), addresses=["warm@example.net"], language="fr")
    known, unknown = both(
        houses,
        lambda address, house: statements(
            lambda: participants.invite(
                by=seat_of(alice, house), addresses=[address], language="fr", may_reply=may_reply
            )
        ),
    )
    assert known == unknown


def test_so_does_starting_with_it(houses, alice_enrolment):
    known, unknown = both(
        houses, lambda address, _house: statements(lambda: start(alice_enrolment, to=[address]))
    )
    assert known == unknown


def test_so_does_admitting_again(houses, alice):
    def admits(address, house):
        mine = seat_of(alice, house)
        participants.invite(by=mine, addresses=[address], language="fr")
        seat = seat_at(address, house)
        participants.remove(by=mine, participation=seat)
        return statements(lambda: participants.readmit(by=mine, participation=seat))

    known, unknown = both(houses, admits)
    assert known == unknown


@pytest.mark.parametrize("may_reply", [True, False])
def test_so_do_changing_the_right_to_reply_and_removing(houses, alice, may_reply):
    def acts(address, house):
        mine = seat_of(alice, house)
        participants.invite(by=mine, addresses=[address], language="fr", may_reply=may_reply)
        seat = seat_at(address, house)
        changes = statements(
            lambda: participants.change_reply(by=mine, participation=seat, may_reply=not may_reply)
        )
        return changes, statements(lambda: participants.remove(by=mine, participation=seat))

    known, unknown = both(houses, acts)
    assert known == unknown


def test_so_does_correcting_a_known_address(houses, alice):
    def corrects(address, house):
        mine = seat_of(alice, house)
        participants.invite(by=mine, addresses=[address], language="fr")
        seat = seat_at(address, house)
        return statements(
            lambda: moving.correct_address(by=mine, seat=seat, address="right@example.net", language="fr")
        )

    known, unknown = both(houses, corrects)
    assert known == unknown


def test_the_page_that_corrects_is_the_same(houses, owner, alice):
    def corrects(address, house):
        participants.invite(by=seat_of(alice, house), addresses=[address], language="en")
        seat = seat_at(address, house)
        url = reverse("connexion:correct_address", args=[house.pk, seat.pk])
        asked = owner.get(url)
        assert (asked.status_code, asked.context["form"]["address"].value()) == (200, address)
        right = {"address": f"right-{address}", "language": "fr"}
        answer = owner.post(url, right)
        assert seat_at(right["address"], house).pk == seat.pk
        return asked.context["form"]["language"].value(), answer.status_code, seen(owner, house, address)

    Persona.unscoped.filter(address=KNOWN).update(language="en")
    Persona.unscoped.filter(address=UNKNOWN).update(language="fr")
    known, unknown = both(houses, corrects)
    assert known[:2] == unknown[:2] == ("fr", 302)
    assert not difference(known[2], unknown[2]), "\n".join(map(str, difference(known[2], unknown[2])))


def test_so_does_correcting(houses, alice):
    def corrects(address, house):
        mine = seat_of(alice, house)
        participants.invite(by=mine, addresses=["typo@example.net"], language="fr")
        seat = seat_at("typo@example.net", house)
        return statements(lambda: moving.correct_address(by=mine, seat=seat, address=address, language="fr"))

    known, unknown = both(houses, corrects)
    assert known == unknown


def test_admitted_again_one_is_awaited_like_anybody(houses, owner, alice, charlie):
    """Whether whoever was here still has the address."""
    house = houses[KNOWN]
    participants.invite(by=seat_of(alice, house), addresses=[KNOWN], language="fr")
    sign_in(Client(), charlie).get(reverse("connexion:conversation", args=[house.pk]))
    seat = seat_of(charlie, house)
    participants.remove(by=seat_of(alice, house), participation=seat)
    participants.readmit(by=seat_of(alice, house), participation=seat)
    readers = owner.get(reverse("connexion:readers", args=[house.pk])).context["readers"]
    assert next(row["is_waiting"] for row in readers if row["address"] == KNOWN)
