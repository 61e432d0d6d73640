import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from site_content.models import HelpIndexPage, HomePage

pytestmark = pytest.mark.django_db


def every_address(guide):
    pages = [*HomePage.objects.all(), *HelpIndexPage.objects.all()]
    pages += [guide(language, key) for language in ("fr", "en") for key in ("participant", "collaborator")]
    return [page.url for page in pages]


@pytest.mark.spec("H1")
def test_every_page_shows_to_a_visitor_without_inline_script_or_style(guide, client):
    for address in every_address(guide):
        response = client.get(address)
        assert response.status_code == 200
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), address
        assert "<style" not in page
        assert not re.search(r"\sstyle=", page)
        assert not re.search(r"\son[a-z]+=", page)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


@pytest.mark.spec("H2")
def test_the_guide_lists_its_sections_and_each_is_there(guide, client):
    page = guide("fr")
    html = client.get(page.url).content.decode()
    for section in page.sections:
        assert f'href="#{section.anchor}">{section.heading}</a>' in html
        assert f'<h2 id="{section.anchor}">{section.heading}</h2>' in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.spec("H2")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_guide_gives_the_telephone_of_the_settings(guide, client, settings, language):
    settings.CONNEXION = {**settings.CONNEXION, "SUPPORT_TELEPHONE": "1 888 555-0123"}
    html = client.get(guide(language).url).content.decode()
    assert '<a href="tel:18885550123">1 888 555-0123</a>' in html


@pytest.mark.spec("H1")
def test_the_guide_prints_the_limits_of_the_settings(guide, client, settings):
    settings.CONNEXION = {
        **settings.CONNEXION,
        "MESSAGE_LIMIT_BYTES": 5 * 1024**2,
        "DEFAULT_EXPIRY_DAYS": 30,
    }
    assert "<dd>5\u00a0Mo</dd>" in client.get(guide("fr").url).content.decode()
    english = client.get(guide("en").url).content.decode()
    assert "<dd>5\u00a0MB</dd>" in english
    assert "<dd>30 days, unless the organization has set another term</dd>" in english


def test_a_sentence_that_was_published_shows_and_a_draft_does_not(guide, client):
    page = guide("fr")
    raw = list(page.body.raw_data)
    raw[0]["value"]["heading"] = "Un mot de bienvenue"
    page.body = raw
    revision = page.save_revision()
    assert "Un mot de bienvenue" not in client.get(page.url).content.decode()

    revision.publish()

    assert "Un mot de bienvenue" in client.get(page.url).content.decode()


def test_the_help_lists_the_guides_of_its_language(guide, client):
    html = client.get("/en/help/").content.decode()
    assert f'<a href="{guide("en").url}">Participant’s guide</a>' in html
    assert "Guide du participant" not in html


def test_a_visitor_is_offered_the_sign_in_page_and_the_guide(guide, client):
    html = client.get("/fr/").content.decode()
    assert 'class="button primary" href="/fr/' in html
    assert f'href="{guide("fr").url}"' in html


def test_a_person_who_is_signed_in_is_led_to_the_inbox(guide, sign_in, bob):
    html = sign_in(bob).get("/en/").content.decode()
    assert "Go to my inbox" in html
    assert "Sign in to Connexion" not in html


@pytest.mark.parametrize(
    ("address", "translation"),
    [
        ("/en/aide/", "/en/help/"),
        ("/en/aide/guide-du-participant/", "/en/help/participants-guide/"),
        ("/fr/help/collaborators-guide/", "/fr/aide/guide-du-collaborateur/"),
    ],
)
def test_changing_the_prefix_of_an_address_leads_to_the_translation(loaded, client, address, translation):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == translation
    assert client.get(translation).status_code == 200


@pytest.mark.parametrize("address", ["/en/aide/rien/", "/fr/nulle-part/", "/en/help/guide-du-participant/x/"])
def test_what_exists_in_no_language_is_not_found(loaded, client, address):
    assert client.get(address).status_code == 404


def test_an_unpublished_translation_is_not_found(guide, client):
    guide("en").unpublish()
    assert client.get("/en/aide/guide-du-participant/").status_code == 404


def test_the_front_door_speaks_french_to_who_has_no_preference(loaded):
    assert Client().get("/")["Location"] == "/fr/"


def test_help_on_a_page_of_the_site_leads_to_the_guides(guide, client):
    for address in every_address(guide):
        expected = "/fr/aide/" if address.startswith("/fr/") else "/en/help/"
        assert f'class="top-item" href="{expected}"' in client.get(address).content.decode()


def test_the_language_switch_stays_on_the_same_guide(guide, client):
    form = {"language": "en", "next": guide("fr").url}
    with translation.override("fr"):
        switch = reverse("connexion:switch_language")
    response = client.post(switch, form, follow=True)
    assert response.redirect_chain[-1][0] == guide("en").url
    assert response.status_code == 200
