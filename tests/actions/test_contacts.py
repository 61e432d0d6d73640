"""The address book: sealed, one person's in one enrolment, imported only when confirmed (spec B6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions import contacts
from connexion_plugin.actions.contacts import Entry
from connexion_plugin.actions.importing_contacts import Fate, forecast, import_contacts
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.contact_files import Line
from connexion_plugin.exceptions import AddressBookFull, ContactExists, Tampered
from connexion_plugin.models import Collaborator, Contact, Participation, Persona
from tests.factories import enrol, make_person
from tests.factories.conversations import seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("B6")]
ELOISE = Entry("eloise@example.net", "fr", name="Éloïse Gagnon", note="Rappeler mardi")


@pytest.fixture
def book(alice, alice_enrolment):
    return access.address_book_of(alice, alice_enrolment.pk)


def entries(book):
    return contacts.entries_of(access.contacts_of(book))


def test_name_and_note_are_sealed_in_their_place(book):
    row = contacts.add_contact(book=book, entry=ELOISE)
    stored = bytes(Contact.unscoped.get().details_sealed)
    assert b"Gagnon" not in stored
    assert b"Rappeler" not in stored
    other = contacts.add_contact(book=book, entry=Entry("other@example.net", "en"))
    other.details_sealed = row.details_sealed
    with pytest.raises(Tampered):
        contacts.read_entry(other)


@pytest.mark.spec("I3")
def test_a_row_that_is_given_to_another_holder_does_not_open(book, bob):
    """The enrolment's address may have passed to them: the book has not."""
    row = contacts.add_contact(book=book, entry=ELOISE)
    Contact.unscoped.update(holder=bob)
    with pytest.raises(Tampered):
        contacts.read_entry(Contact.unscoped.get(pk=row.pk))


def test_an_address_stands_once(book):
    row = contacts.add_contact(book=book, entry=ELOISE)
    with pytest.raises(ContactExists):
        contacts.add_contact(book=book, entry=Entry("Eloise@Example.net", "en"))
    other = contacts.add_contact(book=book, entry=Entry("other@example.net", "en"))
    with pytest.raises(ContactExists):
        contacts.change_contact(contact=other, entry=ELOISE)
    contacts.change_contact(contact=row, entry=Entry("eloise@example.net", "en", name="É. Gagnon"))
    assert [entry.name for entry in entries(book)] == ["É. Gagnon", ""]


def test_a_full_book_says_so(book, monkeypatch):
    monkeypatch.setattr(contacts, "MOST_CONTACTS", 1)
    contacts.add_contact(book=book, entry=ELOISE)
    with pytest.raises(AddressBookFull):
        contacts.add_contact(book=book, entry=Entry("other@example.net", "en"))


def test_found_by_any_part_without_case_or_accents(book):
    contacts.add_contact(book=book, entry=ELOISE)
    contacts.add_contact(book=book, entry=Entry("marc@example.org", "fr", name="Marc Roy", note="eloise"))
    for words in ("eloi", "GAGNON élo", "example.net"):
        assert [row.address for row in contacts.find(book, words)] == [ELOISE.address], words
    assert contacts.find(book, "nobody") == []
    assert contacts.find(book, "\u0301") == []


def test_a_deletion_is_undone_within_the_day_and_then_forgotten(book):
    row = contacts.add_contact(book=book, entry=ELOISE)
    assert contacts.delete_contacts(book=book, ids=[row.pk]) == [row.pk]
    assert contacts.delete_contacts(book=book, ids=[row.pk]) == []
    assert contacts.forget_deleted() == 0
    assert contacts.restore_contacts(book=book, ids=[row.pk]) == 1
    contacts.delete_contacts(book=book, ids=[row.pk])
    contacts.add_contact(book=book, entry=Entry(ELOISE.address, "en", name="Anew"))
    assert contacts.restore_contacts(book=book, ids=[row.pk]) == 0
    assert [entry.name for entry in entries(book)] == ["Anew"]
    contacts.forget_deleted(now=timezone.now() + timedelta(days=1, minutes=1))
    assert Contact.unscoped.count() == 1


def test_another_holder_of_the_address_inherits_no_book(book, alice, alice_enrolment):
    contacts.add_contact(book=book, entry=ELOISE)
    give_up_address(user=alice, address=alice_enrolment.address)
    heir = make_person("Heir Roy", "heir@example.org")
    Persona.unscoped.filter(address=alice_enrolment.address).update(user=heir)
    assert entries(access.address_book_of(heir, alice_enrolment.pk)) == []


def test_each_enrolment_has_a_book_of_its_own(book, alice, other_organization):
    contacts.add_contact(book=book, entry=ELOISE)
    elsewhere = enrol(other_organization, "alice@etude-tremblay.example")
    assert entries(access.address_book_of(alice, elsewhere.pk)) == []


def test_the_book_goes_with_a_deleted_enrolment(book, alice_enrolment):
    contacts.add_contact(book=book, entry=ELOISE)
    Collaborator.unscoped.filter(pk=alice_enrolment.pk).update(status=Collaborator.Status.DELETED)
    contacts.forget_deleted()
    assert not Contact.unscoped.exists()


# Importing


def lines_of(*rows):
    return [Line(number, *row) for number, row in enumerate(rows, start=2)]


def test_each_line_has_its_fate_and_nothing_is_written(book):
    contacts.add_contact(book=book, entry=ELOISE)
    contacts.add_contact(book=book, entry=Entry("same@example.net", "en", name="Same"))
    lines = lines_of(
        ("new@example.net", "New"),
        ("ELOISE@example.net", "Éloïse Roy", "", ""),
        ("same@example.net", "Same", "en", ""),
        ("no address", "Bad"),
        ("", "Without"),
        ("new@example.net", "Twice"),
        ("long@example.net", "x" * 121),
    )
    found = forecast(book=book, lines=lines, language="en")
    assert [outcome.fate.value for outcome in found] == ["new", "changed", "same", "bad", "bad", "bad", "bad"]
    assert all(str(outcome.reason) for outcome in found if outcome.fate is Fate.BAD)
    assert found[0].entry.language == "en"
    assert found[1].entry == Entry(ELOISE.address, "fr", name="Éloïse Roy", note=ELOISE.note)
    assert {entry.name for entry in entries(book)} == {ELOISE.name, "Same"}
    counts = import_contacts(book=book, lines=lines, language="en")
    assert counts == {Fate.NEW: 1, Fate.CHANGED: 1, Fate.SAME: 1, Fate.BAD: 4}
    assert {entry.name for entry in entries(book)} == {"Éloïse Roy", "Same", "New"}
    again = import_contacts(book=book, lines=lines, language="en")
    assert again == {Fate.SAME: 3, Fate.BAD: 4}


def test_what_finds_no_room_is_bad(book, monkeypatch):
    monkeypatch.setattr("connexion_plugin.actions.importing_contacts.MOST_CONTACTS", 1)
    found = forecast(book=book, lines=lines_of(("a@b.ca",), ("c@d.ca",)), language="fr")
    assert [outcome.fate for outcome in found] == [Fate.NEW, Fate.BAD]


def test_an_import_takes_few_statements_however_many_lines(book):
    lines = lines_of(*((f"p{number}@example.net", f"Person {number}") for number in range(400)))
    with CaptureQueriesContext(connection) as captured:
        import_contacts(book=book, lines=lines, language="fr")
    assert len(captured) <= 20  # SQLite takes them in portions
    assert access.contacts_of(book).count() == 400


# The language of the first notice


def test_the_first_notice_is_in_the_language_that_the_book_says(book, alice, alice_enrolment):
    contacts.add_contact(book=book, entry=Entry("eva@example.net", "en"))
    languages = contacts.languages_of(book, ["eva@example.net", "unknown@example.net"])
    conversation = start(alice_enrolment, to=["eva@example.net", "unknown@example.net"], languages=languages)
    told = Participation.unscoped.filter(conversation=conversation, role="participant")
    assert dict(told.values_list("persona__address", "persona__language")) == {
        "eva@example.net": "en",
        "unknown@example.net": "fr",
    }
    assert seat_of(alice, conversation).persona.language == "fr"
