"""On paper stands everything that one has opened, and who printed what and when (spec C6)."""

from hashlib import sha256
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.scanning import scan_documents
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.models import Message, Opening
from connexion_plugin.views import activity, printing
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start

LONG = "\n\n".join(f"Paragraphe {number} de la lettre." for number in range(40))


@pytest.fixture
def house(alice, bob, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org"], text="Premier", title="Demandes budgétaires")
    for number in range(2, 9):
        post(bob, house, f"Message {number}")
    return house


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


def on_paper(reader, house, **query):
    return reader.get(reverse("connexion:print_conversation", args=[house.pk]), query)


@pytest.mark.spec("C6")
def test_all_messages_are_printed_however_many_the_window_showed(reader, house, bob):
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get(sequence=1))
    page = on_paper(reader, house).content.decode()
    assert all(f"Message {number}" in page for number in range(2, 9))
    assert "Premier" in page


@pytest.mark.spec("C6")
def test_a_long_message_is_whole_and_its_attachments_are_listed(reader, house, bob):
    document = sealed_upload(
        name="devis_2026.xlsx", chunks=[b"x" * 17_818], key_for=new_document_key, storage=sealed_storage()
    )
    post_message(
        participation=seat_of(bob, house),
        text=LONG,
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    page = on_paper(reader, house).content.decode()
    assert "Paragraphe 39" in page
    assert "<details" not in page.partition("<main")[2]
    assert "devis_2026.xlsx" in page
    assert "17,4\u00a0Ko" in page


@pytest.mark.spec("C6", "D5")
def test_the_fingerprint_of_each_document_stands_on_paper(reader, house, bob):
    """Unfolded: what is folded away on paper is not there."""
    document = sealed_upload(
        name="bail.pdf", chunks=[b"x" * 900], key_for=new_document_key, storage=sealed_storage()
    )
    post_message(
        participation=seat_of(bob, house),
        text="",
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    scan_documents()
    page = on_paper(reader, house).content.decode()
    assert f"Empreinte (SHA-256) <code>{sha256(b'x' * 900).hexdigest()}</code>" in page
    assert "<details" not in page.partition("<main")[2]


@pytest.mark.spec("C5", "C6")
def test_printing_opens_no_envelope(reader, house):
    page = on_paper(reader, house).content.decode()
    assert "Premier" not in page
    assert "Message scellé, que vous n’avez pas ouvert." in page
    assert not Opening.unscoped.exists()


@pytest.mark.spec("C6")
def test_the_foot_says_who_printed_what_and_when(reader, house):
    page = on_paper(reader, house).content.decode()
    foot = page[page.index("print-foot") :]
    assert "«\u00a0Demandes budgétaires\u00a0», les 8 messages." in foot
    assert "Imprimé à partir de Connexion par bob@example.org, le " in foot


@pytest.mark.spec("C6")
def test_the_foot_of_the_window_says_that_it_shows_five(reader, house):
    page = reader.get(reverse("connexion:conversation", args=[house.pk])).content.decode()
    assert "5 messages sur 8." in page[page.index("print-foot") :]


def test_a_very_long_conversation_is_printed_in_parts(reader, house, monkeypatch):
    monkeypatch.setattr(printing, "MESSAGES_A_PRINT", 3)
    first = on_paper(reader, house)
    assert [letter.anchor for letter in first.context["thread"]] == ["message-1", "message-2", "message-3"]
    second = reader.get(first.context["further_url"])
    assert "Messages 4 à 6 sur 8" in second.content.decode()
    last = reader.get(second.context["further_url"])
    assert [letter.anchor for letter in last.context["thread"]] == ["message-7", "message-8"]
    assert last.context["further_url"] is None


@pytest.mark.spec("C6")
def test_paper_takes_as_many_statements_for_8_messages_as_for_60(reader, house, alice, bob):
    """Half of them opened, with a document each; nothing of the other half stands there."""

    def statements():
        with CaptureQueriesContext(connection) as captured:
            page = on_paper(reader, house).content.decode()
        return len(captured), page

    on_paper(reader, house)
    few, _page = statements()
    for number in range(26):
        document = sealed_upload(
            name=f"avis-{number:02}.pdf", chunks=[b"x"], key_for=new_document_key, storage=sealed_storage()
        )
        sealed = post_message(
            participation=seat_of(alice, house),
            text=f"scellé {number}",
            documents=[document],
            expires_at=in_days(30),
            idempotency_key=uuid4(),
        )
        opened = post(alice, house, f"ouvert {number}")
        open_message(participation=seat_of(bob, house), message=opened)
    open_message(participation=seat_of(bob, house), message=sealed)  # with its document
    on_paper(reader, house)
    many, page = statements()
    assert many <= few + 1  # the documents of what was opened, together
    assert all(f"ouvert {number}" in page for number in range(26))
    assert [
        number for number in range(26) if f"scellé {number}<" in page or f"avis-{number:02}.pdf" in page
    ] == [25]
    assert Opening.unscoped.filter(participation=seat_of(bob, house)).count() == 27


def history_on_paper(reader, house, **query):
    return reader.get(reverse("connexion:print_activity", args=[house.pk]), query)


@pytest.mark.spec("A1")
def test_the_activity_leads_to_the_whole_of_it_on_paper_in_the_order_looked_at(reader, house, monkeypatch):
    monkeypatch.setattr(activity, "LINES_A_PAGE", 3)
    looked_at = reader.get(
        reverse("connexion:activity", args=[house.pk]), {"sort": "-at", "show": "messages", "page": 2}
    )
    assert len(looked_at.context["lines"]) == 3
    assert looked_at.context["print_url"] in unescape(looked_at.content.decode())
    printed = reader.get(looked_at.context["print_url"].removesuffix("#print"))
    numbers = [line["number"] for line in printed.context["lines"]]
    assert len(numbers) == 9  # started, and posted eight times
    assert numbers == sorted(numbers, reverse=True)
    assert reader.get(printed.context["back_url"]).context["is_descending"]


@pytest.mark.spec("A1")
def test_the_foot_of_the_history_says_who_printed_what_and_when(reader, house):
    page = history_on_paper(reader, house, show="messages", q="alice").content.decode()
    foot = page[page.index("print-foot") :]
    assert "Activités de «\u00a0Demandes budgétaires\u00a0»." in foot
    assert "Messages" in foot
    assert "Imprimé à partir de Connexion par bob@example.org, le " in foot
    assert "une adresse contenant «\u00a0alice\u00a0»" in page


@pytest.mark.spec("A1")
def test_a_very_long_history_is_printed_in_parts_and_says_which(reader, house, monkeypatch):
    monkeypatch.setattr(printing, "LINES_A_PRINT", 4)
    first = history_on_paper(reader, house, show="messages")
    assert "Activités 1 à 4 sur 9" in first.content.decode()
    second = reader.get(first.context["further_url"])
    assert "Activités 5 à 8 sur 9" in second.content.decode()
    last = reader.get(second.context["further_url"])
    assert "Activités 9 à 9 sur 9" in last.content.decode()
    assert last.context["further_url"] is None


@pytest.mark.spec("C6")
@pytest.mark.parametrize(
    ("text", "is_cut"),
    [("Bonjour", False), ("Trois mots ici.\n\n" * 10, False), (LONG, True), ("mot " * 400, True)],
)
def test_a_long_message_is_cut_in_the_window_without_any_module(reader, house, bob, text, is_cut):
    post(bob, house, text)
    page = reader.get(reverse("connexion:conversation", args=[house.pk])).content.decode()
    assert ('<details class="more"><summary class="link"><span class="closed">Plus…' in page) is is_cut
    assert text.split()[-1] in page  # what is cut is still there, to be heard, found and printed
