import pytest
from django.test import override_settings

from connexion_plugin import context_processors
from connexion_plugin.help import SCREENS, help_url
from site_content import help_links
from tests.test_doors import portal_doors

pytestmark = [pytest.mark.django_db, pytest.mark.spec("H3")]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_leads_to_a_section_in_the_readers_language(guide, screen, language):
    address = help_url(screen, language)
    assert address is not None
    path, anchor = address.split("#")
    pages = [guide(language), guide(language, "collaborator")]
    page = next(page for page in pages if page.url == path)
    section = next(section for section in page.sections if section.anchor == anchor)
    assert screen in section.screens


def test_a_regional_variant_reads_its_language(loaded):
    assert help_url("inbox", "fr-ca") == help_url("inbox", "fr")


def test_a_language_that_the_site_does_not_have_has_no_help(loaded):
    assert help_url("inbox", "de") is None


def test_an_editor_moves_a_screen_to_another_section(guide):
    page = guide("fr")
    raw = list(page.body.raw_data)
    for section in raw:
        section["value"]["screens"] = ["inbox"] if section["value"]["anchor"] == "activites" else []
    page.body = raw
    page.save_revision().publish()

    assert help_url("inbox", "fr") == f"{page.url}#activites"
    assert help_url("conversation", "fr") is None
    assert help_url("inbox", "en").endswith("#inbox")


def test_a_draft_changes_nothing(guide):
    page = guide("fr")
    raw = list(page.body.raw_data)
    for section in raw:
        section["value"]["screens"] = []
    page.body = raw
    page.save_revision()
    assert help_url("inbox", "fr") is not None


def test_an_unpublished_guide_explains_nothing(guide):
    guide("en").unpublish()
    assert help_url("inbox", "en") is None
    assert help_url("start", "en") is not None


def test_a_section_without_an_anchor_is_found_by_its_id(guide):
    page = guide("fr")
    raw = list(page.body.raw_data)
    raw[-1]["value"] |= {"anchor": "", "screens": ["inbox"]}
    page.body = [raw[-1]]
    page.save_revision().publish()
    assert help_url("inbox", "fr") == f"{page.url}#section-{raw[-1]['id'][:8]}"


def test_the_addresses_cost_two_queries_once_and_then_none(loaded, django_assert_num_queries):
    help_url("inbox", "fr")
    help_links.forget()
    with django_assert_num_queries(2):  # the private pages, and the guides
        help_url("inbox", "fr")
    with django_assert_num_queries(0):
        for screen in SCREENS:
            help_url(screen, "fr")


def test_what_another_process_published_is_seen_within_half_a_minute(guide, monkeypatch):
    moment = 1_000_000.0
    monkeypatch.setattr(help_links.time, "monotonic", lambda: moment)
    before = help_url("inbox", "fr")
    type(guide("fr")).objects.filter(loaded_as="participant").update(live=False)
    assert help_url("inbox", "fr") == before
    moment += help_links.REMEMBERED_SECONDS
    assert help_url("inbox", "fr") is None


@override_settings(CONNEXION={})
def test_a_site_without_a_resolver_has_no_help():
    assert help_url("inbox", "fr") is None


def test_a_screen_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="'inbx' is not a screen"):
        help_url("inbx", "fr")


# Doors that draw no page but the inbox's, or none at all: what explains the inbox does for their errors.
OF_THE_INBOX = {
    *("delete_selection", "restore_selection", "unread_counts", "switch_language"),
    *("mailbox", "mailbox_mail", "contact_suggestions", "reply_uploads", "start_uploads", "upload"),
}


def test_every_door_of_the_portal_says_which_screen_explains_it():
    """A page that names none is explained by the inbox, which no form about a message or a password is."""
    names = {name for name, _ in portal_doors()}
    named = set(context_processors.SCREENS)

    assert names - named == {f"connexion:{name}" for name in OF_THE_INBOX}
    assert named - names == set()
    assert set(context_processors.SCREENS.values()) == set(SCREENS)


@pytest.mark.parametrize("screen", ["expiry", "people"])
def test_a_screen_that_came_later_is_explained_as_before_until_an_editor_ticks_it(guide, screen):
    for name in ("participant", "collaborator"):
        page = guide("fr", name)
        raw = list(page.body.raw_data)
        for section in raw:
            section["value"]["screens"] = [each for each in section["value"]["screens"] if each != screen]
        page.body = raw
        page.save_revision().publish()

    assert help_url(screen, "fr") == help_url("conversation", "fr") != help_url("inbox", "fr")
