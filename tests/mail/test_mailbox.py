"""The demo's mailbox: there in development, nowhere else."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from connexion_plugin.second_factor.demo import codes_now, give_app


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.DEBUG = True
    settings.CONNEXION = {**settings.CONNEXION, "SHOW_MAILBOX": True}
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    with get_connection() as connection:
        for number, to in enumerate(["bob@example.org", "charlie@example.org"], start=1):
            letter = EmailMessage(
                f"Objet n° {number} é",
                f"<b>Bonjour</b>\n\nhttp://127.0.0.1:8000/m/{number}/?for=x",
                "Connexion <c@example.org>",
                [to],
                headers={"Message-ID": f"<{number}@x>", "Date": f"Tue, 24 Nov 2026 0{number}:00:00 +0000"},
            )
            connection.send_messages([letter])
    return tmp_path


def test_it_lists_what_was_sent_newest_first(client, db, mailbox):
    page = client.get(reverse("connexion:mailbox")).content.decode()
    assert page.index("Objet n° 2 é") < page.index("Objet n° 1 é")


def test_it_narrows_to_one_recipient(client, db, mailbox):
    page = client.get(reverse("connexion:mailbox"), {"to": "bob@example.org"}).content.decode()
    assert "Objet n° 1 é" in page
    assert "Objet n° 2 é" not in page


def test_a_mail_is_shown_as_escaped_text_with_its_link(client, db, mailbox):
    listed = client.get(reverse("connexion:mailbox"))
    mail = listed.context["mails"][0]
    page = client.get(reverse("connexion:mailbox_mail", kwargs={"mail_id": mail.id})).content.decode()
    assert "&lt;b&gt;Bonjour&lt;/b&gt;" in page
    assert 'href="http://127.0.0.1:8000/m/2/?for=x"' in page


def test_a_mail_that_is_not_there_is_not_found(client, db, mailbox):
    assert client.get(reverse("connexion:mailbox_mail", kwargs={"mail_id": "none"})).status_code == 404


def test_it_shows_the_codes_of_the_apps_even_when_an_smtp_server_takes_the_mail(
    client, db, mailbox, settings
):
    give_app(get_user_model()._default_manager.create_user(username="marie"))
    del settings.EMAIL_FILE_PATH
    before = dict(codes_now())["marie"]
    page = client.get(reverse("connexion:mailbox")).content.decode()
    shown = re.search(r"<dt>marie</dt><dd><code>(\d{6})</code>", page)
    assert shown
    assert shown.group(1) in {before, dict(codes_now())["marie"]}


@pytest.mark.parametrize("missing", ["DEBUG", "SHOW_MAILBOX"])
def test_it_is_nowhere_but_in_development(client, db, mailbox, settings, missing):
    if missing == "DEBUG":
        settings.DEBUG = False
    else:
        settings.CONNEXION = {**settings.CONNEXION, "SHOW_MAILBOX": False}
    assert client.get(reverse("connexion:mailbox")).status_code == 404
    assert client.get(reverse("connexion:mailbox_mail", kwargs={"mail_id": "x"})).status_code == 404
