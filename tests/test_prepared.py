"""Statements compiled once give what their querysets give, to each who asks, on SQLite and PostgreSQL (goals.md)."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, UserManager
from django.contrib.contenttypes.models import ContentType
from django.db import NotSupportedError, connection, transaction
from django.db.models import QuerySet, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from guardian.shortcuts import get_user_perms

from connexion_plugin import access, personas, statements
from connexion_plugin.access import Show, conversations, lists, messages
from connexion_plugin.access.abilities import VIEW
from connexion_plugin.accounts import authentication
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.titles import read_title
from connexion_plugin.keyset import Cut, Key
from connexion_plugin.models import Conversation, Participation, Persona
from connexion_plugin.prepared import PlannedOnce, Prepared
from connexion_plugin.second_factor import requirements
from connexion_plugin.statements import Statement, together
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(alice, bob, alice_enrolment):
    """Four conversations; in one of them Bob has answered, and a message of another expires soon."""
    for number in range(3):
        start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {number}")
    house = start(alice_enrolment, to=["bob@example.org", "charlie@example.org"], expires_at=in_days(5))
    open_message(participation=seat_of(bob, house), message=post(alice, house, "Le prix?"))
    post(bob, house, "D’accord.")
    return house


def alike(prepared, *shape, **values):
    """Both ways of asking, instances with all that they loaded; how many rows they gave."""
    found, expected = ([told(row) for row in ask(*shape, **values)] for ask in (prepared, prepared.compose))
    assert found == expected
    return len(found)


def told(row, origin=None):
    """All that an instance has loaded, and what was joined to it; not the way back from there."""
    if isinstance(row, tuple):
        return row
    loaded = {
        name: bytes(value) if isinstance(value, memoryview) else value for name, value in vars(row).items()
    }
    joined = loaded.pop("_state").fields_cache
    others = {name: other and told(other, row) for name, other in joined.items() if other is not origin}
    return type(row), loaded, others


@pytest.mark.spec("B3", "B5")
@pytest.mark.parametrize("show", Show)
@pytest.mark.parametrize("newest_first", [True, False])
def test_an_inbox_has_the_rows_of_its_queryset(house, bob, show, newest_first):
    persona = personas.of(bob)[1]
    now = timezone.now()
    values = {"holder": bob.pk, "persona": persona.pk, "now": now, "soon": now + timedelta(days=7)}
    due = {Show.ALL: 4, Show.UNREAD: 4, Show.ANSWER: 3, Show.EXPIRING: 1}[show]
    key = {"at": None, "row_id": None}
    assert alike(lists._listed, show, Cut(newest_first, 31), **values, **key) == due
    assert alike(lists._listed, show, Cut(newest_first, 2), **values, **key) == min(due, 2)
    row = Participation.unscoped.filter(persona=persona).order_by("activity_at")[1]
    key = {"at": row.activity_at, "row_id": row.pk}
    alike(lists._listed, show, Cut(newest_first, 31, is_beyond=True), **values, **key)
    assert alike(lists._counted, show, None, **values) == 1
    assert [lists._counted(show, most, **values) for most in (None, 2)] == [[(due,)], [(min(due, 2),)]]


def test_a_listing_reads_what_the_inbox_holds(house, bob):
    persona = personas.of(bob)[1]
    listing = access.Listing(bob.pk, persona.pk, Show.ALL, timezone.now())
    rows = listing.read(Cut(newest_first=True, at_most=31), None)
    assert [row.pk for row in rows] == [
        row.pk for row in access.inbox(bob, persona).order_by("-activity_at", "-id")
    ]
    beyond = listing.read(Cut(True, 31, is_beyond=True), Key(rows[1].activity_at, rows[1].pk))
    assert [row.pk for row in beyond] == [row.pk for row in rows[2:]]
    assert {row.pk for row in listing.all()} == {row.pk for row in rows}
    assert listing.count() == 4


def test_a_row_of_a_listing_says_what_the_models_say(house, bob):
    """Lists read neither participations nor conversations, but the rules are those of the models."""
    persona = personas.of(bob)[1]
    rows = access.Listing(bob.pk, persona.pk, Show.ALL, timezone.now()).read(Cut(True, 31), None)
    expected = access.with_soonest_expiry(access.inbox(bob, persona)).order_by("-activity_at", "-id")
    for row, seat in zip(rows, expected, strict=True):
        for named, model in (
            (row, seat),
            (row.conversation, seat.conversation),
            (row.conversation.collaborator, seat.conversation.collaborator),
        ):
            plain = {name for name in named._fields if name not in {"conversation", "collaborator"}}
            assert {name: getattr(named, name) for name in plain} == {
                name: getattr(model, name) for name in plain
            }
        assert row.conversation.collaborator.is_active is seat.conversation.collaborator.is_active is True
        assert access.state_of(row.conversation) == access.state_of(seat.conversation)
        assert read_title(row.conversation) == read_title(seat.conversation) != ""


def test_what_is_asked_beside_the_tabs_is_what_is_read_and_counted_next(house, alice, bob):
    of_alice, of_bob = personas.of(alice)[0], personas.of(bob)[1]
    first = (Cut(True, 3), None)
    for person, persona, number in ((bob, of_bob, 4), (alice, of_bob, 0), (bob, of_alice, 0)):
        listing = access.Listing(person.pk, persona.pk, Show.ALL, timezone.now())
        with CaptureQueriesContext(connection) as sent:
            tabs = listing.tabs_beside(first, count_at_most=3)
            rows, count = listing.read(*first), listing.count(at_most=3)
        assert len(sent) == (1 if connection.vendor == "postgresql" else 3)
        assert tabs == access.tabs_of(person)
        assert (len(rows), count) == (min(number, 3), min(number, 3))
        assert rows == listing.read(*first)  # asked anew the second time
        assert listing.count() == number


@pytest.mark.spec("B1", "I2")
def test_the_tabs_and_the_account_are_those_of_their_querysets(house, alice, bob):
    for person, tabs in ((alice, 1), (bob, 2)):
        assert alike(lists._tabs, 100, holder=person.pk) == tabs
        assert alike(authentication._accounts, key=person.pk) == 1


@pytest.mark.spec("C1", "C5")
def test_a_window_has_the_seats_and_the_messages_of_their_querysets(house, alice, bob, charlie):
    for person in (alice, bob, charlie):
        assert alike(conversations._seats, conversation=house.pk, holder=person.pk) == 1
        entry = access.conversation_for(person, house.pk)
        found, opened = access.last_messages(entry, 2)
        assert found == list(access.messages_seen_by(entry.seat).order_by("sequence"))[1:]
        assert opened == access.opened_among(entry, found)
        seat = {"conversation": house.pk, "sees_after": 1, "seat": entry.seat.pk, "tenure": 0}
        for now in (timezone.now(), in_days(6)):
            assert alike(messages._last, 5, **seat, now=now) == 2
    assert [len(access.last_messages(entry, count)[0]) for count in (1, 5, 1_000)] == [1, 3, 3]


@pytest.mark.spec("I4")
def test_permissions_are_those_that_guardian_answers(house, alice, bob, charlie, dora, superuser):
    kind = ContentType.objects.get_for_model(Conversation).pk
    for person in (alice, bob, charlie, dora, superuser):
        alike(conversations._permissions, user=person.pk, conversation=house.pk, kind=kind)
        assert access.permissions_of(person, house) == set(get_user_perms(person, house)), person
    assert VIEW in access.permissions_of(bob, house)
    bob.is_active = False
    assert access.permissions_of(bob, house) == set(get_user_perms(bob, house)) == set()
    assert access.permissions_of(AnonymousUser(), house) == set()


def test_what_one_person_asked_for_is_not_what_the_next_one_is_given(house, alice, bob, charlie):
    for person in (alice, charlie, bob, alice):
        assert [row.holder_id for row in conversations._seats(conversation=house.pk, holder=person.pk)] == [
            person.pk
        ]


def test_nobody_is_given_the_rows_of_nobody(house, alice_enrolment):
    """A queryset would read `holder=None` as "held by nobody", and find the seat that waits for its holder."""
    waiting = start(alice_enrolment, to=["nobody@example.org"])
    assert conversations._seats(conversation=waiting.pk, holder=None) == []
    assert len(conversations._seats(conversation=waiting.pk, holder=seat_of_owner(waiting).holder_id)) == 1


def seat_of_owner(conversation):
    return Participation.unscoped.get(conversation=conversation, role=Participation.Role.OWNER)


def test_a_statement_is_composed_once_for_each_shape_of_it(bob):
    composed = []

    @Prepared
    def addresses(at_most: int, holder: Value) -> QuerySet[Persona]:
        composed.append(at_most)
        return Persona.unscoped.filter(user=holder).order_by("address").values_list("address", "id")[:at_most]

    for most in (1, 2, 1, 2):
        assert len(addresses(most, holder=bob.pk)) == most
    assert addresses(2, holder=bob.pk) == [(row.address, row.pk) for row in personas.of(bob)]
    assert composed == [1, 2]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans for a connection")
@pytest.mark.parametrize("is_pooled", [False, True])
def test_a_statement_is_planned_once_a_connection_unless_a_pooler_stands_between(bob, monkeypatch, is_pooled):
    @PlannedOnce
    def addresses(holder: Value, language: Value) -> QuerySet[Persona]:
        return Persona.unscoped.filter(user=holder).exclude(language=language).values_list("address")

    def kept():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%connexion_plugin_persona%'"
            )
            return cursor.fetchone()[0]

    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", is_pooled)
    before = kept()
    for holder in (bob.pk, 2**40, bob.pk):
        found = addresses(holder=holder, language="es")
        assert len(found) == (2 if holder == bob.pk else 0)
    # A number that needs more bytes makes another statement of it.
    assert kept() - before == (0 if is_pooled else 2)
    assert connection.connection.prepare_threshold is None


@pytest.fixture
def migrated():
    """A table whose column gets another type, as by a migration, after its rows were asked for on this connection."""

    def execute(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    def change_type():
        assert answers() == [(7,)]
        execute("ALTER TABLE connexion_test_changing ALTER COLUMN value TYPE varchar(10)")

    def answers():
        return together(Statement(sql, [7], lambda cursor: cursor.fetchall(), is_planned_once=True))[0]

    sql = "SELECT value FROM connexion_test_changing WHERE key = %s"
    execute("CREATE TABLE connexion_test_changing (key integer, value integer)")
    execute("INSERT INTO connexion_test_changing VALUES (7, 7)")
    yield change_type, answers
    execute("DROP TABLE connexion_test_changing")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans for a connection")
@pytest.mark.django_db(transaction=True)
def test_a_migration_that_changes_a_columns_type_is_met_on_a_new_connection(migrated):
    change_type, answers = migrated
    change_type()
    before = connection.connection
    assert answers() == answers() == [("7",)]
    assert connection.connection is not before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans for a connection")
@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_is_said_once_and_the_next_one_goes_on(migrated):
    change_type, answers = migrated
    change_type()
    before = connection.connection
    with pytest.raises(NotSupportedError, match="cached plan"), transaction.atomic():
        answers()
    with transaction.atomic():
        assert answers() == [("7",)]
    assert connection.connection is before


def test_what_the_database_never_supports_is_asked_for_twice_and_no_more(monkeypatch):
    asked = []

    def refuse(statements):
        asked.append(statements)
        raise NotSupportedError

    monkeypatch.setattr(statements, "_keeps_plans", lambda connection: True)
    monkeypatch.setattr(statements, "_planned", refuse)
    monkeypatch.setattr(
        statements,
        "connection",
        SimpleNamespace(in_atomic_block=False, get_autocommit=lambda: True, close=lambda: None),
    )
    with pytest.raises(NotSupportedError):
        together(Statement("SELECT 1", [], list, is_planned_once=True))
    assert len(asked) == 2


def test_a_hosts_manager_that_filters_by_who_asks_is_not_composed_into_anything(alice, bob, monkeypatch):
    """The first visitor's tenant would be everybody's for as long as the process lives."""
    model = get_user_model()

    class OfTheTenant(UserManager):
        def get_queryset(self):
            return super().get_queryset().filter(pk=tenant)

    manager, tenant = OfTheTenant(), alice.pk
    manager.model = model
    monkeypatch.setattr(model._meta, "default_manager", manager)
    monkeypatch.setattr(authentication._accounts, "_compiled", {})
    requirements._questions.cache_clear()
    try:
        for tenant in (alice.pk, bob.pk):  # noqa: B007  # the manager reads it
            assert [authentication.OneHashBackend().get_user(person.pk) for person in (alice, bob)] == [
                alice,
                bob,
            ]
            assert [requirements.standing_of(person).is_required for person in (alice, bob)] == [True, False]
    finally:
        requirements._questions.cache_clear()


@pytest.mark.parametrize("value", [3.5, b"bytes", ["a", "list"], object()])
def test_a_value_that_no_field_would_have_been_asked_about_is_refused(value):
    with pytest.raises(TypeError, match="takes no"):
        conversations._seats(conversation=uuid4(), holder=value)


def test_what_is_neither_instances_nor_a_list_of_values_is_refused(bob):
    @Prepared
    def flat(holder: Value) -> QuerySet[Persona]:
        return Persona.unscoped.filter(user=holder).values_list("id", flat=True)

    with pytest.raises(AssertionError, match="Neither"):
        flat(holder=bob.pk)
