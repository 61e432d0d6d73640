"""*Carnet d'adresses*: its pages, its files, and the suggestions where people are named (spec B6)."""

import base64
import zlib
from io import BytesIO
from secrets import token_urlsafe

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from connexion_plugin import access
from connexion_plugin.actions import contacts
from connexion_plugin.actions.contacts import Entry
from connexion_plugin.contact_files.reading import MOST_BYTES
from connexion_plugin.models import Contact, Conversation, Participation
from tests.conftest import sign_in
from tests.factories import enrol
from tests.factories.conversations import start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("B6")]
ELOISE = {"address": "Eloise@example.net", "name": "Éloïse  Gagnon", "language": "en", "note": "Rappeler"}


@pytest.fixture
def book(alice, alice_enrolment):
    return access.address_book_of(alice, alice_enrolment.pk)


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


def url(name, book, **more):
    return reverse(f"connexion:{name}", kwargs={"collaborator_id": book.collaborator.pk, **more})


def fill(book, number):
    rows = [Entry(f"p{index:03}@example.net", "fr", name=f"Person {index}") for index in range(number)]
    Contact.unscoped.bulk_create(contacts.sealed(book, row) for row in rows)


def test_the_tab_is_the_collaborators(owner, bob):
    tab = reverse("connexion:address_book")
    assert tab in owner.get(reverse("connexion:inbox")).content.decode()
    participant = sign_in(Client(), bob)
    assert tab not in participant.get(reverse("connexion:inbox")).content.decode()
    assert participant.get(tab).status_code == 404


def test_added_changed_deleted_and_brought_back(owner, book):
    assert owner.get(url("address_book", book)).context["is_empty"]
    assert owner.post(url("add_contact", book), {**ELOISE, "address": "no"}).status_code == 422
    assert owner.post(url("add_contact", book), ELOISE).status_code == 302
    again = owner.post(url("add_contact", book), ELOISE)
    assert again.status_code == 422
    assert "Rappeler" in again.content.decode()
    (row,) = owner.get(url("address_book", book)).context["rows"]
    assert (row["name"], row["address"]) == ("Éloïse Gagnon", "eloise@example.net")
    assert owner.get(row["url"]).context["form"]["note"].value() == "Rappeler"
    owner.post(row["url"], {**ELOISE, "name": "É. Roy"})
    page = owner.post(url("delete_contacts", book), {"selection": str(row["id"])}, follow=True)
    assert page.context["rows"] == []
    assert "Roy" not in str(dict(owner.session))
    assert page.context["undo"]["count"] == 1
    page = owner.post(page.context["undo"]["url"], follow=True)
    assert [row["name"] for row in page.context["rows"]] == ["É. Roy"]
    assert page.context["undo"] is None


UNDO = "Annuler la suppression"


def delete(owner, book, *rows):
    answer = owner.post(url("delete_contacts", book), {"selection": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def undo(owner, book, which=0):
    """By the button of one deletion, the last first; gives the page that follows."""
    offered = owner.get(url("address_book", book)).context["undo"]
    named = [offered, *offered["earlier"]][which]["deletion"]
    return owner.post(url("restore_contacts", book), {"deletion": named}, follow=True).content.decode()


def test_the_undo_stands_in_the_book_that_the_contacts_left_and_in_no_other(
    owner, alice, book, other_organization
):
    elsewhere = enrol(other_organization, "alice@etude-tremblay.example")
    other = access.address_book_of(alice, elsewhere.pk)
    fill(book, 1)
    page = delete(owner, book, access.contacts_of(book)[0])
    assert page.count(UNDO) == 1
    assert "autofocus" in page[page.index("undo") :].partition(">")[0]
    assert UNDO not in owner.get(url("address_book", other)).content.decode()
    owner.post(url("restore_contacts", other))
    fill(other, 1)
    assert delete(owner, other, access.contacts_of(other)[0]).count(UNDO) == 1
    assert "1 contact est de retour." in undo(owner, book)
    assert "1 contact est de retour." in undo(owner, other)
    assert access.contacts_of(book).count() == access.contacts_of(other).count() == 1


def test_each_of_two_deletions_is_undone_by_a_button_of_its_own(owner, book):
    fill(book, 3)
    first, *others = access.contacts_of(book)
    delete(owner, book, first)
    page = delete(owner, book, *others)
    assert page.count(UNDO) == 2
    assert "Une autre suppression des dernières 24 heures" in page
    assert "1 contact a été supprimé à " in page
    named = owner.get(url("address_book", book)).context["undo"]["earlier"][0]["deletion"]
    for said in ("1 contact est de retour.", "Il ne restait rien à ramener."):
        page = owner.post(url("restore_contacts", book), {"deletion": named}, follow=True)
        assert said in page.content.decode()
    assert "2 contacts sont de retour." in undo(owner, book)
    assert UNDO not in owner.get(url("address_book", book)).content.decode()


def test_an_undo_of_an_earlier_version_is_not_offered(owner, book):
    session = owner.session
    session["connexion_deleted_contacts"] = [str(book.collaborator.pk)]
    session.save()
    assert UNDO not in owner.get(url("address_book", book)).content.decode()


def test_contacts_that_vanished_meanwhile_are_said_and_the_others_go(owner, book):
    fill(book, 3)
    rows = list(access.contacts_of(book))
    contacts.delete_contacts(book=book, ids=[rows[0].pk])
    page = delete(owner, book, *rows[:2])
    assert "1 contact est supprimé." in page
    assert "1 contact choisi n’était plus dans ce carnet d’adresses." in page
    page = delete(owner, book, *rows[:2])
    assert "2 contacts choisis n’étaient plus dans ce carnet d’adresses." in page
    assert "Cochez" not in page


@pytest.mark.parametrize("at_this_very_moment", [False, True])
def test_a_contact_that_vanished_is_saved_anew_with_what_was_typed(
    owner, book, monkeypatch, at_this_very_moment
):
    row = contacts.add_contact(book=book, entry=Entry("eloise@example.net", "en", name="Éloïse"))
    contacts.delete_contacts(book=book, ids=[row.pk])
    change = url("change_contact", book, contact_id=row.pk)
    if at_this_very_moment:
        monkeypatch.setattr(access, "contact_in", lambda book, key: Contact.unscoped.get(pk=key))
    page = owner.post(change, ELOISE)
    assert page.status_code == 409
    assert "Ce contact a été supprimé entre-temps." in page.content.decode()
    assert page.context["form"]["note"].value() == "Rappeler"
    assert page.context["action_url"] == url("add_contact", book)
    owner.post(page.context["action_url"], {**ELOISE, "note": page.context["form"]["note"].value()})
    (entry,) = contacts.entries_of(access.contacts_of(book))
    assert (entry.address, entry.note) == ("eloise@example.net", "Rappeler")
    monkeypatch.undo()
    assert owner.get(change).status_code == 404


def test_nothing_selected_is_said(owner, book):
    for name in ("delete_contacts", "write_to_contacts"):
        page = owner.post(url(name, book), {"selection": "nonsense"}, follow=True)
        assert len(page.context["messages"]) == 1


def test_a_long_book_is_paged_searched_and_takes_as_many_statements(owner, book):
    def visit(query=""):
        with CaptureQueriesContext(connection) as captured:
            page = owner.get(url("address_book", book) + query)
        return page, len(captured)

    fill(book, 3)
    visit()
    _, few = visit()
    Contact.unscoped.all().delete()
    fill(book, 120)
    visit()  # what the site keeps for a minute may have lapsed meanwhile
    page, many = visit()
    assert many == few
    assert len(page.context["rows"]) == 50
    assert page.context["page"]["count"] == 3
    found, searched = visit("?q=PERSON+119")
    assert [row["address"] for row in found.context["rows"]] == ["p119@example.net"]
    assert searched <= few


def test_one_comes_back_to_the_page_and_the_words_that_one_left(owner, book):
    fill(book, 120)
    here = url("address_book", book) + "?q=person&page=2"
    page = owner.get(here)
    first, second, third = page.context["rows"][:3]
    form = owner.get(first["url"])
    assert form.context["back_url"] == here
    changed = owner.post(form.context["action_url"], {**ELOISE, "name": "Person 050"})
    assert changed["Location"] == here
    deleted = owner.post(page.context["delete_contacts"], {"selection": [second["id"], third["id"]]})
    assert deleted["Location"] == here
    page = owner.get(here)
    assert owner.post(page.context["undo"]["url"])["Location"] == here
    added = owner.post(page.context["add_contact"], {**ELOISE, "address": "zoe@example.net"})
    assert added["Location"] == here
    assert owner.post(form.context["delete_contacts"], {"selection": [first["id"]]})["Location"] == here
    assert owner.get(url("address_book", book)).context["add_contact"] == url("add_contact", book)


# Files


def upload(content, **more):
    return {"file": SimpleUploadedFile("contacts.csv", content), "language": "fr", **more}


FRENCH_EXCEL = "Nom;Courriel;Langue\r\nÉloïse;eloise@exemple.ca;Anglais\r\nMarc;pas bon;\r\n".encode("cp1252")


def test_a_file_is_shown_first_and_written_when_confirmed(owner, book):
    page = owner.post(url("import_contacts", book), upload(FRENCH_EXCEL))
    assert [(group["fate"], len(group["rows"])) for group in page.context["groups"]] == [
        ("bad", 1),
        ("new", 1),
    ]
    assert "pas bon" in page.content.decode()
    assert not Contact.unscoped.exists()
    confirmation = page.context["form"].initial
    done = owner.post(url("import_contacts", book), confirmation, follow=True)
    assert [row["name"] for row in done.context["rows"]] == ["Éloïse"]
    assert contacts.entries_of(access.contacts_of(book))[0].language == "en"


@pytest.mark.spec("B6")
def test_a_confirmation_that_was_never_read_from_a_file_is_not_even_unpacked(owner, book):
    """Forty megabytes of empty lists travel as forty kilobytes, and take a gigabyte once they are read."""
    bomb = base64.b64encode(zlib.compress(b"[" + b"[]," * 1_000_000 + b"[]]")).decode()
    for lines in (bomb, f"{bomb}:forged"):
        page = owner.post(url("import_contacts", book), {"lines": lines, "language": "fr"})
        assert page.status_code == 422
    assert not Contact.unscoped.exists()


@pytest.mark.spec("B6")
def test_a_full_book_that_was_exported_comes_back(owner, book):
    lines = [
        f"Personne {number};p{number}@exemple.ca;fr;Note {number}" for number in range(contacts.MOST_CONTACTS)
    ]
    page = owner.post(
        url("import_contacts", book), upload("\r\n".join(["Nom;Courriel;Langue;Note", *lines]).encode())
    )
    owner.post(url("import_contacts", book), page.context["form"].initial)
    assert Contact.unscoped.count() == contacts.MOST_CONTACTS
    exported = owner.get(url("export_contacts", book, kind="csv")).content
    again = owner.post(url("import_contacts", book), upload(exported))
    assert [(group["fate"], len(group["rows"])) for group in again.context["groups"]] == [
        ("same", contacts.MOST_CONTACTS)
    ]


@pytest.mark.spec("B6")
def test_what_no_form_could_bring_back_is_refused_before_it_is_shown(owner, book, settings):
    """Five megabytes of notes: the page that shows them would be refused when it is confirmed."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 200_000
    rows = [f"p{number}@exemple.ca;{token_urlsafe(700)}" for number in range(300)]
    page = owner.post(url("import_contacts", book), upload("\r\n".join(["Courriel;Note", *rows]).encode()))
    assert page.status_code == 422
    assert "Divisez-le" in str(page.context["form"].errors["file"])
    half = owner.post(
        url("import_contacts", book), upload("\r\n".join(["Courriel;Note", *rows[:100]]).encode())
    )
    assert owner.post(url("import_contacts", book), half.context["form"].initial).status_code == 302
    assert Contact.unscoped.count() == 100


@pytest.mark.parametrize("lines", ["", "nonsense", "eJyLjgUAARUAuQ==", "eJwDAAAAAAE="])
def test_a_confirmation_that_was_altered_writes_nothing(owner, book, lines):
    page = owner.post(url("import_contacts", book), {"lines": lines, "language": "fr"})
    assert page.status_code in {302, 422}
    assert not Contact.unscoped.exists()


def test_a_file_too_large_is_refused_and_never_on_the_disk(owner, book, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    page = owner.post(url("import_contacts", book), upload(b"a" * (MOST_BYTES + 1)))
    assert page.status_code == 422
    assert list(tmp_path.iterdir()) == []
    assert owner.post(url("import_contacts", book), upload(b"a" * 4 * MOST_BYTES)).status_code == 413


class Unread(BytesIO):
    """A body of which nobody asks anything."""

    def read(self, *_arguments):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_body_that_is_not_read_is_answered_by_the_page_that_says_the_limit(alice, book, language):
    """vCards with pictures get there; without a token, for that stands in the body."""
    client = sign_in(Client(enforce_csrf_checks=True), alice)
    with translation.override(language):
        where = url("import_contacts", book)
    answer = client.generic(
        "POST",
        where,
        content_type="multipart/form-data; boundary=x",
        headers={"accept-language": language},
        CONTENT_LENGTH=str(4 * MOST_BYTES + 1),
        **{"wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    page = answer.content.decode()
    said = {"fr": "Ce fichier dépasse", "en": "This file is larger than"}
    assert page.count(said[language]) >= 2  # above the form, and beside its field
    assert answer.context["form"].errors.keys() == {"file"}


def test_who_is_not_enrolled_sends_no_file_however_large(bob, book):
    answer = sign_in(Client(), bob).generic(
        "POST", url("import_contacts", book), CONTENT_LENGTH=str(4 * MOST_BYTES + 1)
    )
    assert answer.status_code == 404


def test_a_foreign_page_cannot_send_a_file(alice, book):
    client = sign_in(Client(enforce_csrf_checks=True), alice)
    assert client.post(url("import_contacts", book), upload(FRENCH_EXCEL)).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "vcf"])
def test_what_is_exported_can_be_imported(owner, book, kind):
    owner.post(url("add_contact", book), {**ELOISE, "name": "=1+1 Gagnon"})
    answer = owner.get(url("export_contacts", book, kind=kind))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Cache-Control"] == "no-store, private"
    page = owner.post(url("import_contacts", book), upload(answer.content))
    assert [group["fate"] for group in page.context["groups"]] == ["same"]


def test_another_kind_of_file_does_not_exist(owner, book):
    assert owner.get(url("export_contacts", book, kind="exe")).status_code == 404


# Where people are named


def test_suggestions_come_from_ones_own_books(owner, book, other_organization):
    owner.post(url("add_contact", book), ELOISE)
    elsewhere = enrol(other_organization, "alice@etude-tremblay.example")
    other = {"collaborator_id": elsewhere.pk}
    owner.post(reverse("connexion:add_contact", kwargs=other), {**ELOISE, "name": "Élo, Elsewhere"})

    def ask(address):
        return owner.get(address + "?q=elo").json()["suggestions"]

    assert ask(url("contact_suggestions", book)) == ["Éloïse Gagnon <eloise@example.net>"]
    assert ask(reverse("connexion:contact_suggestions", kwargs=other)) == [
        "Élo Elsewhere <eloise@example.net>"
    ]
    assert len(ask(reverse("connexion:contact_suggestions"))) == 2
    assert owner.get(url("contact_suggestions", book)).json()["suggestions"] == []


def test_a_contact_joins_the_invited_without_a_script_and_in_its_language(owner, book, alice_enrolment):
    owner.post(url("add_contact", book), ELOISE)
    house = start(alice_enrolment, to=["bob@example.org"])
    invite = reverse("connexion:invite", args=[house.pk])
    page = owner.get(invite)
    assert "Éloïse Gagnon &lt;eloise@example.net&gt;" in page.content.decode()
    wanted = {"may_reply": "yes", "sees_past": "yes", "language": "fr"}
    typed = {"addresses": "not one", "contact": "Éloïse Gagnon <eloise@example.net>", **wanted}
    refused = owner.post(invite, typed)
    assert refused.context["form"]["addresses"].value() == "not one\nÉloïse Gagnon <eloise@example.net>"
    assert not refused.context["form"]["contact"].value()
    assert owner.post(invite, {**typed, "addresses": ""}).status_code == 302
    seat = Participation.unscoped.get(persona__address="eloise@example.net")
    assert seat.persona.language == "en"


def test_one_writes_to_the_selection(owner, book):
    fill(book, 3)
    chosen = [row.pk for row in access.contacts_of(book)[:2]]
    page = owner.post(url("write_to_contacts", book), {"selection": chosen}, follow=True)
    typed = page.context["form"]["addresses"].value()
    assert typed == "Person 0 <p000@example.net>\nPerson 1 <p001@example.net>"
    sent = owner.post(
        page.request["PATH_INFO"],
        {
            "title": "À vous deux",
            "addresses": typed,
            "language": "fr",
            "text": "Bonjour",
            "expires_in_days": "90",
        },
    )
    assert sent.status_code == 302
    assert Participation.unscoped.filter(conversation=Conversation.unscoped.get()).count() == 3


def test_an_empty_book_asks_nothing_where_people_are_named(owner):
    page = owner.get(reverse("connexion:start_conversation"), follow=True)
    assert "contact" not in page.context["form"].fields
