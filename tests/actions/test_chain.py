"""Whatever is done to the history behind the product's back is found, and the line is named (spec A2)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from connexion_plugin.actions import chain
from connexion_plugin.actions.activity import diagnosis, digest, faults_in_chain
from connexion_plugin.actions.chain_lines import Lines
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.exceptions import AppendOnly
from connexion_plugin.models import Activity, Conversation, Persona
from tests.factories.conversations import post, start

LINES = 12


@pytest.fixture
def house(alice, bob, alice_enrolment):
    """A conversation of twelve lines."""
    house = start(alice_enrolment, to=["bob@example.org"])
    while line_count(house) < LINES:
        post(bob, house, "Encore")
    return house


def line_count(house):
    return Conversation.unscoped.get(pk=house.pk).last_line


def at(house, number):
    return Activity.unscoped.get(conversation=house, number=number)


def renumber(house, by, *, start):
    """Pushes the lines from `start` on by so many; the unique numbers are kept out of each other's way."""
    lines = Activity.unscoped.filter(conversation=house, number__gte=start)
    for line in lines.order_by("-number" if by > 0 else "number"):
        Activity.unscoped.filter(pk=line.pk).update(number=F("number") + by)


def edit(house, number, **fields):
    Activity.unscoped.filter(pk=at(house, number).pk).update(**fields)


def insert(house, number):
    """A line of somebody's own making, hashed as well as they can, the ones after it pushed on."""
    renumber(house, 1, start=number)
    line = at(house, number - 1)
    previous = bytes(line.hash)
    line.pk, line.number, line.verb = None, number, Activity.Verb.OPENED
    line.hash = digest(line, previous=previous)
    line._state.adding = True
    line.id = Activity().id
    line.save(force_insert=True)


def swap(house, one, other):
    first, second = at(house, one), at(house, other)
    Activity.unscoped.filter(pk=first.pk).update(number=1_000_000)
    Activity.unscoped.filter(pk=second.pk).update(number=one)
    Activity.unscoped.filter(pk=first.pk).update(number=other)


def remove(house, *numbers):
    Activity.unscoped.filter(conversation=house, number__in=numbers).delete()


def remove_and_close_up(house, number):
    remove(house, number)
    renumber(house, -1, start=number + 1)


def rewrite_last(house):
    """With a right hash of its own: only the conversation remembers another."""
    line = at(house, LINES)
    line.verb = Activity.Verb.OPENED
    edit(house, LINES, verb=line.verb, hash=digest(line, previous=bytes(at(house, LINES - 1).hash)))


@pytest.mark.spec("A2")
@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda house: edit(house, 5, verb="removed"), ["line 5 was changed, or a line before it"]),
        (lambda house: edit(house, 1, count=7), ["line 1 was changed, or a line before it"]),
        (lambda house: edit(house, LINES, count=7), ["line 12 was changed, or a line before it"]),
        (lambda house: edit(house, 5, actor=None), ["line 5 was changed, or a line before it"]),
        (lambda house: remove(house, 5), ["line 5 is missing"]),
        (lambda house: remove(house, 5, 6, 7), ["lines 5 to 7 are missing"]),
        (lambda house: remove(house, 1), ["line 1 is missing"]),
        (lambda house: remove(house, 3, 9), ["line 3 is missing", "line 9 is missing"]),
        (lambda house: remove_and_close_up(house, 5), ["line 5 is missing"]),
        (lambda house: insert(house, 5), ["line 5 was inserted"]),
        (
            lambda house: swap(house, 4, 9),
            ["line 4 was moved: it had been line 9", "line 9 was moved: it had been line 4"],
        ),
        (
            lambda house: swap(house, 4, 5),
            ["line 4 was moved: it had been line 5", "line 5 was moved: it had been line 4"],
        ),
        (lambda house: remove(house, LINES), ["line 12, the last one, is missing"]),
        (lambda house: remove(house, 10, 11, 12), ["lines 10 to 12, the last ones, are missing"]),
        (rewrite_last, ["line 12 is not the last one that was written"]),
        (lambda house: remove(house, *range(1, LINES + 1)), ["lines 1 to 12, the last ones, are missing"]),
        (
            lambda house: (edit(house, 3, count=9), remove(house, 7), insert(house, 10)),
            [
                "line 3 was changed, or a line before it",
                "line 7 is missing",
                "line 10 was inserted",
            ],
        ),
    ],
    ids=[
        "edited", "the first edited", "the last edited", "made anybody's", "removed", "several removed",
        "the first removed", "two removed", "removed and closed up", "inserted", "reordered", "neighbours reordered",
        "the tail cut", "more of the tail cut", "the last rewritten", "all removed", "three at once",
    ],
)  # fmt: skip
def test_what_was_done_is_found_and_the_line_is_named(house, tamper, found):
    assert faults_in_chain(Conversation.unscoped.get(pk=house.pk)) == []
    tamper(house)
    assert faults_in_chain(Conversation.unscoped.get(pk=house.pk)) == found


@pytest.mark.spec("A2")
def test_a_line_rewritten_with_its_hash_is_found_by_the_one_that_follows(house):
    line = at(house, 5)
    line.verb = Activity.Verb.OPENED
    edit(house, 5, verb=line.verb, hash=digest(line, previous=bytes(at(house, 4).hash)))
    assert faults_in_chain(house_now(house)) == ["line 6 was changed, or a line before it"]


@pytest.mark.spec("A2")
def test_a_cut_tail_is_found_where_the_conversation_was_made_to_forget_it_too(house):
    remove(house, LINES)
    last = at(house, LINES - 1)
    Conversation.unscoped.filter(pk=house.pk).update(
        last_line=last.number, last_hash=last.hash, activity_at=last.at
    )
    assert faults_in_chain(house_now(house)) == []
    assert [
        fault for fault in disagreements() if f"conversation {house.pk}: " in fault and "history has" in fault
    ]


@pytest.mark.spec("A2", "E4")
def test_names_can_be_made_anonymous_without_breaking_the_chain(house, bob):
    Persona.unscoped.filter(address="bob@example.org").update(address="anonymous-1@connexion.invalid")
    assert faults_in_chain(house_now(house)) == []


@pytest.mark.spec("A2")
def test_a_line_written_meanwhile_is_no_fault(house, bob):
    stale = Conversation.unscoped.get(pk=house.pk)
    post(bob, house, "Pendant que l’on vérifie")
    assert not diagnosis(stale).faults
    assert diagnosis(stale).lines == LINES + 1


def test_a_history_that_was_wholly_made_up_is_not_read_to_its_end(house):
    for number in range(1, LINES + 1):
        edit(house, number, hash=bytes([number]) * 32)
    assert 0 < len(diagnosis(house_now(house)).faults) <= chain.FAULTS_NAMED


@pytest.mark.spec("A2")
def test_the_command_names_conversation_and_line_in_english(house):
    edit(house, 5, verb="removed")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("connexion_verify", stdout=out)
    assert f"conversation {house.pk}: line 5 was changed, or a line before it" in out.getvalue()


def house_now(house):
    return Conversation.unscoped.get(pk=house.pk)


@pytest.mark.spec("A2")
def test_a_line_can_be_neither_changed_nor_deleted_through_its_model(house):
    line = Activity.unscoped.filter(conversation=house).first()
    line.verb = Activity.Verb.LEFT
    for alter in (line.save, line.delete):
        with pytest.raises(AppendOnly):
            alter()
    assert faults_in_chain(house) == []


@pytest.mark.django_db(transaction=True)
def test_a_broken_chain_is_looked_through_without_the_lock(house, monkeypatch):
    """It takes long where there are many lines, and whoever posts meanwhile would wait."""
    held = []
    look = chain.diagnose

    def watched(*args, **options):
        held.append(connection.in_atomic_block)
        return look(*args, **options)

    monkeypatch.setattr(chain, "diagnose", watched)
    edit(house, 7, verb="removed")
    assert [fault.line for fault in diagnosis(house_now(house)).faults] == [7]
    assert held == [False]


def test_a_changed_line_is_named_without_a_look_at_all_that_follow(house):
    """With twenty of them among 100,000 lines the owner's button would take half a minute."""
    for number in (1, 3, 5):
        edit(house, number, count=7)
    now, asked = house_now(house), []

    def counted(line, **options):
        asked.append(line.number)
        return digest(line, **options)

    written = list(Activity.unscoped.filter(conversation=house).order_by("number"))
    lines = Lines(lambda after: [line for line in written if line.number > after])
    faults = chain.diagnose(lines, digest=counted, last_line=now.last_line, last_hash=bytes(now.last_hash))
    assert [(fault.kind, fault.line) for fault in faults] == [
        (chain.Kind.CHANGED, number) for number in (1, 3, 5)
    ]
    assert asked.count(LINES) <= 2  # in its own turn, and when the one before it is
