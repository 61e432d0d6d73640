"""A broken history of thousands of lines is looked through in batches, and every line is still named (spec A2)."""

import tracemalloc

import pytest

from connexion_plugin.actions import activity, chain, chain_lines
from connexion_plugin.actions.activity import faults_in_chain, next_line
from connexion_plugin.models import Activity
from tests.actions.test_chain import edit, house, house_now, insert, remove, remove_and_close_up, swap  # noqa: F401

pytestmark = [pytest.mark.spec("A2"), pytest.mark.django_db]
LINES = 3_000
A_BATCH = 100


@pytest.fixture
def long(house):  # noqa: F811
    """As the verbs would have written them."""
    now = house_now(house)
    while now.last_line < LINES:
        lines = [
            next_line(conversation=now, verb=Activity.Verb.DOWNLOADED, at=now.created_at) for _ in range(12)
        ]
        Activity.unscoped.bulk_create(lines)
    now.save(update_fields=["last_line", "last_hash"])
    return now


@pytest.fixture
def held(monkeypatch):
    """How many lines were kept whenever one was read."""
    found, read = [], chain_lines.Lines._batch
    monkeypatch.setattr(activity, "A_BATCH", A_BATCH)

    def counted(self, after):
        batch = read(self, after)
        found.append(sum(map(len, self._batches.values())))
        return batch

    monkeypatch.setattr(chain_lines.Lines, "_batch", counted)
    return found


def said_of(house):  # noqa: F811
    return [sentence.replace("\u00a0", ",") for sentence in faults_in_chain(house_now(house))]


def test_every_line_is_named_and_few_are_in_memory(long, held):
    edit(long, 700, count=9)
    edit(long, 701, count=9)
    swap(long, 900, 2_500)
    remove(long, 1_500)
    insert(long, 2_000)
    remove(long, LINES, LINES + 1)
    assert said_of(long) == [
        "line 700 was changed, or a line before it",
        "line 701 was changed, or a line before it",
        "line 900 was moved: it had been line 2,500",
        "line 1,500 is missing",
        "line 2,000 was inserted",
        "line 2,501 was moved: it had been line 900",
        "lines 2,999 to 3,000, the last ones, are missing",
    ]
    assert 0 < max(held) <= A_BATCH * chain_lines.BATCHES_KEPT


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda one: edit(one, 2_000, count=9), ["line 2,000 was changed, or a line before it"]),
        (lambda one: remove(one, 2_000), ["line 2,000 is missing"]),
        (lambda one: remove_and_close_up(one, 2_900), ["line 2,900 is missing"]),
        (lambda one: insert(one, 2_900), ["line 2,900 was inserted"]),
        (
            lambda one: swap(one, 2, 2_999),
            ["line 2 was moved: it had been line 2,999", "line 2,999 was moved: it had been line 2"],
        ),
        (lambda one: remove(one, LINES), ["line 3,000, the last one, is missing"]),
    ],
    ids=["edited", "removed", "closed up", "inserted", "moved far", "cut"],
)
def test_one_fault_among_thousands_is_that_one(long, held, tamper, found):
    tamper(long)
    assert said_of(long) == found
    assert 0 < max(held) <= A_BATCH * chain_lines.BATCHES_KEPT


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (
            lambda one: (insert(one, 5), edit(one, 9, count=7)),
            ["line 5 was inserted", "line 9 was changed, or a line before it"],
        ),
        (
            lambda one: (swap(one, 1, 11), remove(one, 10)),
            ["line 1 was moved: it had been line 11", "line 10 is missing", "line 11 was moved: it had been line 1"],
        ),
        (
            lambda one: (edit(one, 1, count=7), swap(one, 1, 3)),
            ["line 1 was moved: it had been line 3", "line 3 was changed, or a line before it",
             "line 3 was moved: it had been line 1"],
        ),
    ],
    ids=["inserted before a changed one", "moved over a removed one", "both to one"],
)  # fmt: skip
def test_of_two_faults_neither_hides_the_other(house, tamper, found):  # noqa: F811
    tamper(house)
    assert faults_in_chain(house_now(house)) == found


def test_memory_does_not_grow_with_the_lines(long):
    """What the walk itself remembers, too: of a line that is moved to the front, all that follow are pushed on."""
    lines = list(Activity.unscoped.filter(conversation=long).order_by("number"))
    last_line, last_hash = long.last_line, bytes(long.last_hash)
    moved = [lines[-1], *lines[:-1]]
    for number, line in enumerate(moved, start=1):
        line.number = number
    source = chain_lines.Lines(lambda after: moved[after : after + A_BATCH])
    tracemalloc.start()
    faults = chain.diagnose(source, digest=activity.digest, last_line=last_line, last_hash=last_hash)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert faults[0] == chain.Fault(chain.Kind.MOVED, 1, LINES)
    assert most < 100_000  # bytes; a tuple of two numbers a line would be three times that


@pytest.mark.parametrize("order", ["turned round", "every other one made up", "two halves changed places"])
def test_what_is_wholly_out_of_order_is_not_read_to_its_end(long, order):
    lines = list(Activity.unscoped.filter(conversation=long).order_by("number"))
    if order == "turned round":
        lines.reverse()
    elif order == "two halves changed places":
        lines = lines[LINES // 2 :] + lines[: LINES // 2]
    else:
        lines = [
            other for line in lines for other in (line, Activity(conversation=long, verb="left", at=line.at))
        ]
    for number, line in enumerate(lines, start=1):
        line.number = number
    looked = []

    def counted(line, **options):
        looked.append(line)
        return activity.digest(line, **options)

    source = chain_lines.Lines(lambda after: lines[after : after + A_BATCH])
    faults = chain.diagnose(source, digest=counted, last_line=LINES, last_hash=bytes(long.last_hash))
    assert len(faults) == chain.FAULTS_NAMED
    assert len(looked) < (chain.LOOKS + 10) * len(lines)
