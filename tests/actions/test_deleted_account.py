"""An account that is deleted, whatever the way, gives up its seats in the same transaction (spec I3)."""

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import Http404
from django.urls import reverse

from connexion_plugin import access, personas
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.participants import readmit
from connexion_plugin.models import Participation, Persona
from tests.factories import make_person
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.spec("I3"), pytest.mark.django_db]


@pytest.fixture
def house(alice, bob, alice_enrolment):
    """Bob sits in it through both of his addresses."""
    return start(alice_enrolment, to=["bob@example.org", "bob.gagnon@work.example"])


def by_itself(user, _superuser, _sign_in):
    user.delete()


def by_queryset(user, _superuser, _sign_in):
    get_user_model()._default_manager.filter(pk=user.pk).delete()


def by_wagtail(user, superuser, sign_in):
    answer = sign_in(superuser).post(reverse("wagtailusers_users:delete", args=[user.pk]))
    assert answer.status_code == 302


@pytest.mark.parametrize("delete", [by_itself, by_queryset, by_wagtail])
def test_its_seats_are_released_and_wait_for_the_owner(house, alice, bob, superuser, sign_in, delete):
    seats = Participation.unscoped.filter(conversation=house, holder=bob)
    keys = list(seats.values_list("pk", flat=True))
    assert len(keys) == 2
    delete(bob, superuser, sign_in)
    assert not get_user_model()._default_manager.filter(pk=bob.pk).exists()
    for seat in Participation.unscoped.filter(pk__in=keys):
        assert (seat.seat, seat.holder_id) == (Participation.Seat.RELEASED, None)
        assert seat.ended_at is not None
    assert access.disagreements() == personas.disagreements() == []
    house.refresh_from_db()
    assert list(faults_in_chain(house)) == []
    assert [line.verb for line in access.activities_of(access.conversation_for(alice, house.pk))].count(
        "released"
    ) == 2


def test_the_next_holder_of_the_address_inherits_nothing_until_readmitted(house, alice, bob):
    seat = Participation.unscoped.get(conversation=house, persona__address="bob@example.org")
    bob.delete()
    heir = make_person("Robert Gagnon", "bob@example.org")
    with pytest.raises(Http404):
        access.conversation_for(heir, house.pk)
    readmit(by=seat_of(alice, house), participation=seat)
    assert access.conversation_for(heir, house.pk).seat.holder_id == heir.pk


def test_a_deletion_that_is_undone_leaves_the_seats(house, bob):
    def delete_and_think_again():
        with transaction.atomic():
            bob.delete()
            raise RuntimeError("undone")

    key = bob.pk
    with pytest.raises(RuntimeError):
        delete_and_think_again()
    bob = get_user_model()._default_manager.get(pk=key)
    assert len(access.conversation_for(bob, house.pk).seats) == 2
    assert Persona.unscoped.filter(user=bob).count() == 2


def test_a_person_without_a_seat_is_deleted_like_anybody(charlie):
    charlie.delete()
    assert Persona.unscoped.get(address="charlie@example.org").user is None


def test_a_closed_account_keeps_no_session(house, bob, sign_in):
    """`is_active` taken away in the users' admin: the next request meets nobody signed in."""
    window = reverse("connexion:conversation", args=[house.pk])
    client = sign_in(bob)
    assert client.get(window).status_code == 200
    get_user_model()._default_manager.filter(pk=bob.pk).update(is_active=False)
    for method in (client.get, client.head, client.post):
        assert method(window).url.startswith(reverse("account_login"))


def test_a_message_posted_meanwhile_counts_for_nobody(house, alice, bob):
    bob.delete()
    assert post(alice, house, "encore là?").sequence == 2
