import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import GroupPagePermission, Locale, Page, Revision, Site

from connexion_plugin.help import help_url
from site_content import loader
from site_content.guides import fr
from site_content.loader import EDITORS, load
from site_content.models import GuidePage, HelpIndexPage, HomePage

pytestmark = [pytest.mark.django_db, pytest.mark.spec("H1")]


@pytest.fixture
def loaded(db):
    """In the test's own transaction: how it is loaded is what these are about."""
    return load()


def fates(results):
    return {fate for _, fate in results}


def test_every_page_exists_in_both_languages_and_each_is_the_others_translation(loaded):
    for model in (HomePage, HelpIndexPage, GuidePage):
        for page in model.objects.filter(locale__language_code="fr"):
            other = page.get_translation(Locale.objects.get(language_code="en"))
            assert other.live
            assert page.live
            assert other.loaded_as == page.loaded_as
    assert GuidePage.objects.count() == 4


def test_loading_twice_changes_nothing(loaded):
    before = {page.pk: page.last_published_at for page in Page.objects.all()}
    revisions = Revision.objects.count()

    assert fates(load()) == {"unchanged"}

    assert {page.pk: page.last_published_at for page in Page.objects.all()} == before
    assert Revision.objects.count() == revisions
    assert Group.objects.filter(name=EDITORS).count() == 1


def test_loading_leaves_no_redirect_and_no_welcome_page_behind(loaded, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        load()
    assert not Redirect.objects.exists()
    assert not Page.objects.filter(title__contains="Welcome").exists()


def test_what_an_editor_published_is_kept(guide):
    page = guide("fr")
    page.title = "Le guide, revu par nous"
    page.save_revision().publish()

    assert ("kept", page.pk) in {(fate, kept.pk) for kept, fate in load()}

    assert guide("fr").title == "Le guide, revu par nous"


def test_a_draft_that_an_editor_has_begun_is_kept(guide, monkeypatch):
    page = guide("fr")
    page.title = "Un brouillon"
    page.save_revision()
    monkeypatch.setattr(fr, "HELP_TITLE", "Aide")

    assert ("kept", page.pk) in {(fate, kept.pk) for kept, fate in load()}
    assert guide("fr").get_latest_revision_as_object().title == "Un brouillon"


def test_a_changed_section_is_kept(guide):
    page = guide("en")
    raw = list(page.body.raw_data)
    raw[0]["value"]["heading"] = "What this is"
    page.body = raw
    page.save_revision().publish()

    load()

    assert guide("en").sections[0].heading == "What this is"


def test_a_new_release_of_the_text_replaces_the_old_one_that_nobody_changed(loaded, monkeypatch):
    monkeypatch.setattr(fr, "HOME_HEADLINE", "Vos échanges, entre vous")

    assert "updated" in fates(load())

    assert HomePage.objects.get(locale__language_code="fr").headline == "Vos échanges, entre vous"
    assert fates(load()) == {"unchanged"}


def test_a_site_that_has_a_front_of_its_own_keeps_it(loaded):
    home = HomePage.objects.get(locale__language_code="en")
    Site.objects.update(root_page=home)
    load()
    assert Site.objects.get().root_page_id == home.pk


def test_the_home_page_offers_the_participants_guide_of_its_language(loaded, guide):
    for home in HomePage.objects.all():
        assert home.guide == guide(home.locale.language_code)


def test_editors_may_write_and_publish_under_both_homes_and_enter_the_admin(loaded):
    group = Group.objects.get(name=EDITORS)
    assert group.permissions.filter(codename="access_admin").exists()
    for home in HomePage.objects.all():
        allowed = GroupPagePermission.objects.filter(group=group, page=home)
        assert set(allowed.values_list("permission__codename", flat=True)) == {
            "add_page",
            "change_page",
            "publish_page",
        }


def test_a_later_load_leaves_the_editors_permissions_alone(loaded):
    group = Group.objects.get(name=EDITORS)
    GroupPagePermission.objects.filter(group=group).delete()
    load()
    assert not GroupPagePermission.objects.filter(group=group).exists()


def test_the_command_says_what_became_of_each_page(db, capsys):
    call_command("site_content_load")
    call_command("site_content_load")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 16
    assert all("created" in line for line in lines[:8])
    assert all("unchanged" in line for line in lines[8:])


@pytest.mark.spec("H3")
def test_without_pages_there_is_no_help(db):
    Locale.objects.get_or_create(language_code="fr")
    assert help_url("inbox", "fr") is None


def test_nothing_is_loaded_when_one_page_fails(db, monkeypatch):
    def fail(homes):
        raise RuntimeError

    monkeypatch.setattr(loader, "_make_editors", fail)
    with pytest.raises(RuntimeError):
        load()
    assert not HomePage.objects.exists()
