"""What people paste and type, and what others send: each is taken as meant, or refused with a sentence (spec C7, C10, C11)."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin import personas
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.forms.addresses import written_in
from connexion_plugin.models import Conversation, Message, Participation, Persona
from tests.conftest import sign_in
from tests.factories.conversations import seat_of, start

pytestmark = pytest.mark.django_db

FAMILY = "👩‍👩‍👧‍👦"  # seven code points, one picture
LONG_LOCAL, LONG_DOMAIN = "a" * 64, ".".join(["b" * 60] * 3)
LONGEST = f"{LONG_LOCAL}@{LONG_DOMAIN}.example"[:246] + ".example"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def writer(alice, alice_enrolment):
    return sign_in(Client(), alice)


def begin(client, **changes):
    typed = {
        "title": "Bail",
        "addresses": "bob@example.org",
        "language": "fr",
        "text": "Voici.",
        "expires_in_days": 364,
    }
    return client.post(reverse("connexion:start_conversation_draft", args=[uuid4()]), {**typed, **changes})


def invite(client, conversation, addresses):
    sent = {
        "addresses": addresses,
        "may_reply": "yes",
        "sees_past": "yes",
        "language": "fr",
        "many_told": "on",
    }
    return client.post(reverse("connexion:invite", args=[conversation.pk]), sent)


def addresses_in(conversation):
    seats = Participation.unscoped.filter(conversation=conversation, role="participant")
    return set(seats.values_list("persona__address", flat=True))


# Titles


@pytest.mark.spec("C11")
@pytest.mark.parametrize(
    "title",
    [
        "é" * 100,
        "e\u0301" * 50,  # written with marks apart
        "عقد بيع " * 12,
        "עסקה " * 20,
        "😀" * 100,
        FAMILY * 14,
        "क्\u200dष" * 20,
        "W" * 100,
    ],
)
def test_a_title_of_a_hundred_characters_of_any_script_is_kept_and_shown(writer, alice, bob, title):
    assert begin(writer, title=title).status_code == 302
    conversation = Conversation.unscoped.get()
    assert read_title(conversation) == " ".join(title.split())
    for name, ids in (
        ("inbox", [seat_of(alice, conversation).persona_id]),
        ("conversation", [conversation.pk]),
    ):
        assert " ".join(title.split()) in writer.get(reverse(f"connexion:{name}", args=ids)).content.decode()


@pytest.mark.spec("C11")
@pytest.mark.parametrize(
    "title",
    [
        "",
        "   ",
        "\t\n ",
        "\u00a0\u2003\u3000",
        "é" * 101,
        "Bail\x00",
        "Bail\u202egnirts",
        "\u2066x\u2069",
        "\u200b",
        "\ufeff",
        "a\x07b",
        "\u200d",
        "\u200c\u200d",
        "\u2800",
        "\u3164",
        "\u0301",
    ],
)
def test_a_title_of_nothing_or_of_what_cannot_be_shown_is_refused_and_stays_on_the_page(writer, bob, title):
    answer = begin(writer, title=title)
    assert answer.status_code == 422
    assert "title" in answer.context["form"].errors
    assert not Conversation.unscoped.exists()
    assert "Voici." in answer.content.decode()


# Addresses


@pytest.mark.spec("C10")
def test_a_list_of_two_hundred_from_a_mail_program_is_taken_whole_and_each_once(writer, house):
    lines = [
        line
        for n in range(50)
        for line in (
            f"Zoé Tremblay {n} <zoe{n}@example.org>",
            f'"Roy, Jean-Éric {n}" <jean{n}@example.org>;',
            f"ANNE{n}@Example.ORG , anne{n}@example.org",
            f"Lévesque, Ève <eve{n}@example.org>",
        )
    ]
    assert invite(writer, house, "\r\n".join(lines)).status_code == 302
    named = {f"{name}{n}@example.org" for n in range(50) for name in ("zoe", "jean", "anne", "eve")}
    assert addresses_in(house) == named | {"bob@example.org"}


@pytest.mark.spec("C10")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Zoé <zoe@example.org>", ["zoe@example.org"]),
        ('"Roy, Zoé" <zoe@example.org>, b@example.org', ["zoe@example.org", "b@example.org"]),
        ("Roy, Zoé <zoe@example.org>; Cyr, Al <al@example.org>", ["zoe@example.org", "al@example.org"]),
        ("a@example.org; Roy, Zoé <zoe@example.org>", ["a@example.org", "zoe@example.org"]),
        ('"zoe@example.org" <zoe@example.org>', ["zoe@example.org"]),
        ("zoe.example.org, Al <al@example.org>", ["zoe.example.org", "al@example.org"]),
        ("a@example.org, Roy, Zoé <zoe@example.org>", ["a@example.org", "Roy", "zoe@example.org"]),
        ("<a@example.org> <b@example.org>", ["a@example.org", "b@example.org"]),
        ("mailto:zoe@example.org", ["zoe@example.org"]),
        (
            "a@example.org\u2028b@example.org\u00a0c@example.org\ufeff",
            ["a@example.org", "b@example.org", "c@example.org"],
        ),
        ("a@example.org\u200b", ["a@example.org"]),
        ("a@example.org.", ["a@example.org"]),
        (";;,\r\n ,", []),
        ("Zoé Roy\tzoe@example.org\r\nCyr, Al\tal@example.org\tMe", ["zoe@example.org", "al@example.org"]),
        ("Zoé\tRoy <zoe@example.org>", ["zoe@example.org"]),
        ("a@example.org\tb@example.org", ["a@example.org", "b@example.org"]),
        ("a@example.org\tb.example.org\tZoé", ["a@example.org", "b.example.org"]),  # mistyped, and said so
        ("Nom\tCourriel", ["Nom\tCourriel"]),
    ],
)
def test_addresses_as_people_paste_them(typed, found):
    assert written_in(typed) == found


@pytest.mark.spec("C10")
def test_a_bad_one_among_two_hundred_is_named_and_nobody_is_invited(writer, house):
    good = "\r\n".join(f"a{n}@example.org" for n in range(199))
    answer = invite(writer, house, f"{good}\r\nzoe.example.org")
    assert answer.status_code == 422
    assert "zoe.example.org" in str(answer.context["form"].errors["addresses"])
    assert addresses_in(house) == {"bob@example.org"}


@pytest.mark.spec("C10", "B1")
def test_an_address_of_254_characters_is_invited_and_shown(writer, house):
    assert len(LONGEST) == 254
    assert invite(writer, house, LONGEST).status_code == 302
    assert LONGEST in addresses_in(house)
    page = writer.get(reverse("connexion:readers", args=[house.pk])).content.decode()
    assert LONGEST in page


@pytest.mark.spec("C10", "I3")
@pytest.mark.parametrize(
    "address",
    [
        # Longer once the mail servers know it.
        f"{LONG_LOCAL}@{'.'.join(['éàèùïêôûç' * 3] * 5)}.example",
        f"a@{'éàèùïêôûç' * 7}.example",
        "a@" + "b" * 300 + ".example",
        "İ" * 64 + "@" + ".".join(["b" * 60] * 3) + ".ca",
        "a\x00b@example.org",
        "a@exam ple.org@",
        "é" * 254,
    ],
)
def test_an_address_that_cannot_be_kept_is_a_sentence(writer, house, address):
    answer = invite(writer, house, address)
    assert answer.status_code == 422
    assert "addresses" in answer.context["form"].errors
    assert begin(writer, addresses=address).status_code == 422
    assert not personas.is_address(address)
    assert not Persona.unscoped.filter(address__startswith="a" * 64).exists()


# Texts


@pytest.mark.spec("C7", "C8")
def test_a_megabyte_of_text_is_refused_with_its_limit_and_comes_back(writer, house, settings):
    text = "é" * 500_000
    url = reverse("connexion:post_message", args=[house.pk, uuid4()])
    answer = writer.post(url, {"text": text, "expires_in_days": 30})
    assert answer.status_code == 422
    assert text[:1000] in answer.content.decode()
    assert Message.unscoped.count() == 1


@pytest.mark.spec("C8")
def test_a_draft_of_a_megabyte_is_kept_or_refused_in_words(writer, house):
    url = reverse("connexion:reply_draft", args=[house.pk, uuid4()])
    for text in ("é" * 200_000, "a" * 1_100_000):
        body = f"text={quote(text)}&draft_revision="
        answer = writer.post(url, body, content_type="application/x-www-form-urlencoded")
        assert answer["Content-Type"].startswith("application/json"), answer.status_code
        assert json.loads(answer.content)["sentence"]
        assert answer.status_code in {200, 409}


@pytest.mark.spec("C7")
@pytest.mark.parametrize("body", [b"text=a%00b&expires_in_days=30", b"text=a%ED%A0%80b&expires_in_days=30"])
def test_a_text_that_holds_what_no_text_does_is_no_fault(writer, house, body):
    url = reverse("connexion:post_message", args=[house.pk, uuid4()])
    answer = writer.post(url, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {302, 422}
    for message in Message.unscoped.all():
        assert "\x00" not in read_text(message)
    draft = reverse("connexion:reply_draft", args=[house.pk, uuid4()])
    assert writer.post(draft, body, content_type="application/x-www-form-urlencoded").status_code in {
        200,
        409,
    }


@pytest.mark.spec("B7", "C9", "A1")
@pytest.mark.parametrize(
    "words", ["%00", "a%00b", "%ED%A0%80", "%F0%9F%98%80", "%25_%5C", "x" * 5000, "%E2%80%AE"]
)
def test_no_search_fails(writer, house, alice, words):
    persona = seat_of(alice, house).persona_id
    for address in (
        f"{reverse('connexion:inbox', args=[persona])}?search={words}",
        f"{reverse('connexion:activity', args=[house.pk])}?q={words}",
        f"{reverse('connexion:print_activity', args=[house.pk])}?q={words}",
        f"{reverse('connexion:readers', args=[house.pk])}?q={words}",
        f"{reverse('connexion:address_book')}?q={words}",
        f"{reverse('connexion:inbox', args=[persona])}?page={words}&order={words}&show={words}&after={words}&size={words}",
        f"{reverse('connexion:conversation', args=[house.pk])}?show={words}&persona={words}&from={words}",
    ):
        assert writer.get(address).status_code in {200, 302}, address


@pytest.mark.spec("C10")
def test_a_list_of_blanks_is_read_in_one_pass():
    """A hundred thousand of them took three minutes."""
    assert written_in(" " * 100_000 + "1") == ["1"]
