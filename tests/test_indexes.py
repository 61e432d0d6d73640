"""The rows of a seat and of a notice are found by few indexes, since a post among 5,000 writes each 5,000 times."""

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.access import Show, lists
from connexion_plugin.access.seats import released_seats_of
from connexion_plugin.keyset import Cut, cut_out
from connexion_plugin.models import Notice, Participation
from tests.factories.conversations import seat_of, start

pytestmark = pytest.mark.django_db

WRITTEN_BY_A_POST = {
    Participation: {"connexion_plugin_participation_pkey", "participation_once_a_persona", "participation_inbox",
                    "participation_unread"},
    Notice: {"connexion_plugin_notice_pkey", "notice_once_a_reader", "notice_ungathered"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _few_rows_are_no_reason_to_read_all():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def plan_of(queryset):
    return queryset.explain()


def is_sorted(plan):
    return "Sort" in plan or "TEMP B-TREE" in plan


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's catalogue tells the indexes")
@pytest.mark.parametrize("model", WRITTEN_BY_A_POST, ids=lambda model: model.__name__)
def test_a_post_writes_these_indexes_and_no_others(model):
    """Of a seat that is taken, and of a notice that is new; a partial one counts where its condition holds for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [model._meta.db_table]
        )
        found = dict(cursor.fetchall())

    elsewhere = {"participation_one_owner", "participation_not_taken", "notice_gathered", "notice_mailed"}
    assert all(" WHERE " in found[name] for name in elsewhere & found.keys())
    assert found.keys() - elsewhere == WRITTEN_BY_A_POST[model]


@pytest.mark.parametrize("show", [Show.ALL, Show.UNREAD])
@pytest.mark.parametrize("cut", [Cut(True, 31), Cut(False, 31), Cut(True, 31, is_beyond=True)], ids=str)
def test_an_inbox_is_read_in_its_order(alice, bob, alice_enrolment, show, cut):
    seat = seat_of(bob, start(alice_enrolment, to=["bob@example.org"]))
    listing = lists.Listing(bob.pk, seat.persona_id, show, timezone.now())

    plan = plan_of(cut_out(listing.all(), cut, timezone.now(), seat.pk))

    assert "participation_inbox" in plan or (show is Show.UNREAD and "participation_unread" in plan)
    assert not is_sorted(plan)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite takes the index of the inbox")
def test_what_is_unread_is_counted_by_its_own_index(alice, bob, alice_enrolment):
    seat = seat_of(bob, start(alice_enrolment, to=["bob@example.org"]))
    rows = access.unread(lists._in_inbox(bob.pk, seat.persona_id))

    assert "participation_unread" in plan_of(rows.order_by().values("pk"))


def test_the_seats_of_an_account_are_found_by_it(alice, bob, alice_enrolment):
    """Asked for invitations and second factors; and by its deletion, whose rule PostgreSQL checks row by row."""
    start(alice_enrolment, to=["bob@example.org"])

    assert "participation_inbox" in plan_of(Participation.unscoped.filter(holder=bob.pk))
    assert "participation_inbox" in plan_of(
        Participation.unscoped.filter(holder=bob.pk, seat=Participation.Seat.TAKEN)
    )
    assert "participation_" in plan_of(released_seats_of(bob))


def test_waiting_seats_are_found_by_their_address(alice, bob, alice_enrolment):
    seat = seat_of(bob, start(alice_enrolment, to=["bob@example.org"]))
    waiting = Participation.unscoped.filter(persona=seat.persona_id, seat=Participation.Seat.WAITING)

    assert "participation_not_taken" in plan_of(waiting.exclude(seat=Participation.Seat.TAKEN))


def test_notices_are_found_by_what_has_become_of_them(alice, bob, alice_enrolment):
    seat = seat_of(bob, start(alice_enrolment, to=["bob@example.org"]))
    message = Notice.unscoped.filter(participation=seat).values_list("message", flat=True)[0]
    looked_at = Q(mail__isnull=False) | Q(settled_at__isnull=False)
    last = Notice.unscoped.filter(looked_at, participation=seat).order_by("-created_at", "-pk")

    assert "notice_gathered" in plan_of(last[:1])
    assert not is_sorted(plan_of(last[:1]))
    one = plan_of(Notice.unscoped.filter(message=message, participation=seat))
    assert "notice_once_a_reader" in one or "(message_id=? AND participation_id=?)" in one
    assert "notice_mailed" in plan_of(Notice.unscoped.filter(mail__in=[seat.pk, alice_enrolment.pk]))
    assert "notice_ungathered" in plan_of(
        Notice.unscoped.filter(mail=None, settled_at=None).order_by("created_at")
    )
