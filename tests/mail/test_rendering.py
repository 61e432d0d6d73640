"""What the e-mails say, and what they must not (spec N1, N2)."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from django.utils import translation

from connexion_plugin.mail import gathering, outbox, rendering
from connexion_plugin.models import Mail, Message, Notice
from tests.factories.conversations import start

TITLE = "Canari-titre 44 rue des Érables"
TEXT = "Canari-texte: voici l’acte."
URL = re.compile(r"https?://[^\s\"'<>]+")
PAYLOADS = {
    Mail.Kind.INVITATION: {"organization": "Étude Tremblay", "telephone": "1 800 555-0142"},
    Mail.Kind.CODE: {"code": "K7QM-2XRT"},
    Mail.Kind.RESET: {"link": "http://127.0.0.1:8000/account/reset/abc/"},
    Mail.Kind.USER_NAME: {"user_name": "bob.gagnon"},
    Mail.Kind.ACCOUNT: {"subject": "Your password was changed", "text": "If it was not you, call us."},
}


def letter_of(mail: Mail):
    return rendering.Letters([mail]).write(mail)


def html_of(letter) -> str:
    return letter.alternatives[0][0]


def notice_to(address: str) -> Mail:
    gathering.gather()
    return Mail.unscoped.get(to=address)


def mail_of(kind: Mail.Kind, language: str = "fr", **payload: str) -> Mail:
    mail = outbox.enqueue(
        kind=kind, to="bob@example.org", language=language, payload={**PAYLOADS[kind], **payload}
    )
    return Mail.unscoped.get(pk=mail.pk)


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"], title=TITLE, text=TEXT)


@pytest.mark.spec("N1")
def test_a_notice_is_from_connexion_and_names_the_collaborator_the_organization_and_its_telephone(
    conversation,
):
    letter = letter_of(notice_to("bob@example.org"))
    assert letter.from_email.startswith("Connexion <")
    for body in (letter.body, html_of(letter)):
        assert "alice@etude-tremblay.example" in body
        assert "Étude Tremblay" in body
        assert "1 800 555-0142" in body
    assert 'href="tel:18005550142"' in html_of(letter)


@pytest.mark.spec("N1")
def test_a_notice_has_one_button_that_leads_to_its_message(conversation):
    message = Message.unscoped.get(conversation=conversation)
    letter = letter_of(notice_to("bob@example.org"))
    links = {urlsplit(link).path for link in URL.findall(letter.body) + URL.findall(html_of(letter))}
    assert len(links) == 1
    assert str(message.pk) in links.pop()
    assert html_of(letter).count("display:inline-block") == 1


@pytest.mark.spec("N2")
def test_a_notice_holds_nothing_of_the_message(conversation):
    raw = letter_of(notice_to("bob@example.org"))
    for part in (raw.subject, raw.body, html_of(raw), raw.message().as_string()):
        assert "anari" not in part
        assert "acte" not in part


@pytest.mark.spec("N2")
def test_a_notice_is_written_without_unsealing_anything(conversation, monkeypatch):
    mail = notice_to("bob@example.org")
    monkeypatch.setattr("connexion_plugin.sealing.keys.unwrap", None)
    assert letter_of(mail)


@pytest.mark.spec("N2")
def test_a_notice_is_in_the_readers_language_whatever_the_workers(conversation):
    with translation.override("fr"):
        letter = letter_of(notice_to("bob@example.org"))
    assert letter.subject == "A message is waiting for you in Connexion"
    assert '<html lang="en"' in html_of(letter)


def test_a_newcomer_is_told_that_an_account_can_be_opened_and_who_takes_part_is_not(conversation):
    with translation.override("en"):
        Mail.unscoped.update(language="en")
        newcomer, bob = notice_to("newcomer@example.net"), notice_to("bob@example.org")
    newcomer.language = "en"
    assert "you can open one there" in letter_of(newcomer).body
    assert "you can open one there" not in letter_of(bob).body


@pytest.mark.spec("N3")
def test_the_message_id_and_the_date_never_change_and_no_answer_is_asked_for(conversation):
    mail = notice_to("bob@example.org")
    first, again = letter_of(mail).message(), letter_of(Mail.unscoped.get(pk=mail.pk)).message()
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Date"] == again["Date"]
    assert str(mail.pk).replace("-", "") not in first["Message-ID"]
    assert abs((parsedate_to_datetime(first["Date"]) - mail.created_at).total_seconds()) < 1
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Reply-To"] is None
    assert first["List-Unsubscribe"] is None


def test_a_notice_whose_message_was_opened_meanwhile_is_not_written(conversation):
    mail = notice_to("bob@example.org")
    Notice.unscoped.filter(mail=mail).delete()
    assert letter_of(mail) is None


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(PAYLOADS))
def test_every_kind_has_both_bodies_nothing_remote_and_the_support_telephone(db, kind, language):
    letter = letter_of(mail_of(kind, language))
    html = html_of(letter)
    assert letter.subject
    assert f'<html lang="{language}"' in html
    assert 'href="tel:18005550199"' in html
    assert "1 800 555-0199" in html
    assert "1 800 555-0199" in letter.body
    assert "tel:" not in letter.body
    assert "<img" not in html
    assert "url(" not in html
    assert all(link.startswith("http://127.0.0.1:8000/") for link in URL.findall(html))
    for word in ("{{", "{%", "None"):
        assert word not in html + letter.body


@pytest.mark.parametrize("kind", [Mail.Kind.CODE, Mail.Kind.RESET, Mail.Kind.USER_NAME])
def test_what_is_secret_is_in_the_bodies_and_not_in_the_subject(db, kind):
    letter = letter_of(mail_of(kind))
    (secret,) = PAYLOADS[kind].values()
    assert secret in letter.body
    assert secret in html_of(letter)
    assert secret not in letter.subject


def test_names_are_escaped_in_html_and_plain_in_text(db):
    letter = letter_of(mail_of(Mail.Kind.INVITATION, organization="Roy & <b>Fils</b>"))
    assert "Roy &amp; &lt;b&gt;Fils&lt;/b&gt;" in html_of(letter)
    assert "Roy & <b>Fils</b>" in letter.body


def test_a_line_end_in_a_name_begins_no_header(db):
    letter = letter_of(mail_of(Mail.Kind.INVITATION, organization="Roy\r\nBcc: charlie@example.org"))
    assert letter.message()["Bcc"] is None
    assert letter.recipients() == ["bob@example.org"]


@pytest.mark.spec("N2")
def test_letters_of_fifty_notices_take_a_constant_number_of_statements(
    conversation, django_assert_max_num_queries
):
    gathering.gather()
    mails = list(Mail.unscoped.all())
    rendering.Letters([])  # makes the standing key of this test's database
    with django_assert_max_num_queries(2):
        letters = rendering.Letters(mails)
        for mail in mails:
            letters.write(mail)


@pytest.mark.spec("N1", "N2")
def test_notices_that_share_their_words_read_as_if_each_were_written_alone(
    alice, alice_enrolment, monkeypatch
):
    people = ["o'brien&co@example.org", "<b>@example.org", "link@example.org", "to@example.net"]
    start(alice_enrolment, to=people)
    gathering.gather()
    mails = list(Mail.unscoped.filter(kind=Mail.Kind.NOTICE, to__in=people))
    shared = rendering.Letters(mails)
    letters = [shared.write(mail) for mail in mails]
    monkeypatch.setattr(
        rendering.Pages, "read", lambda pages, kind, context: rendering._render(kind, context)
    )
    alone = [letter_of(mail) for mail in mails]
    assert [(letter.body, html_of(letter)) for letter in letters] == [
        (letter.body, html_of(letter)) for letter in alone
    ]
    assert len(letters) == len(people)


@pytest.mark.spec("N1")
def test_the_words_of_a_message_are_rendered_once_a_language(alice, alice_enrolment, monkeypatch):
    start(alice_enrolment, to=[f"person-{number}@example.org" for number in range(9)])
    gathering.gather()
    Mail.unscoped.filter(to__in=["person-1@example.org", "person-2@example.org"]).update(language="en")
    rendered = []
    render = rendering._render
    monkeypatch.setattr(rendering, "_render", lambda *given: rendered.append(given[0]) or render(*given))
    mails = list(Mail.unscoped.filter(kind=Mail.Kind.NOTICE))
    letters = rendering.Letters(mails)
    assert {letters.write(mail).to[0] for mail in mails} == {mail.to for mail in mails}
    assert rendered == ["notice", "notice"]
