"""The pages on which an administrator enrols, deactivates, reactivates and deletes (spec M1, M2, M6)."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from connexion_plugin import personas
from connexion_plugin.models import Collaborator, Mail, StatusChange
from tests.factories import enrol
from tests.factories.conversations import start

NAMESPACE = "wagtailsnippets_connexion_plugin_collaborator"


def at(view, *args):
    return reverse(f"{NAMESPACE}:{view}", args=args)


@pytest.fixture
def browser(dora, sign_in):
    return sign_in(dora)


@pytest.fixture
def owned(alice, bob, alice_enrolment):
    start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])
    return alice_enrolment


def status_of(collaborator):
    return Collaborator.unscoped.get(pk=collaborator.pk).status


@pytest.mark.spec("M1")
def test_enrolling_calls_the_verb_which_invites(browser, organization):
    form = {
        "organization": organization.pk,
        "address": "Nadia@Example.org",
        "name": "Nadia",
        "language": "en",
    }
    assert browser.post(at("add"), form).status_code == 302
    assert Collaborator.unscoped.get().address == "nadia@example.org"
    assert Mail.unscoped.get(kind=Mail.Kind.INVITATION).language == "en"


@pytest.mark.spec("M1")
def test_an_address_that_is_enrolled_already_is_said_at_its_field(browser, organization):
    enrol(organization, "nadia@example.org")
    form = {"organization": organization.pk, "address": "nadia@example.org", "name": "", "language": "fr"}
    answer = browser.post(at("add"), form)
    assert answer.status_code == 200
    assert "address" in answer.context["form"].errors


@pytest.mark.spec("M2")
@pytest.mark.parametrize("view", ["deactivate", "delete"])
def test_the_preview_comes_first_and_changes_nothing(browser, owned, view):
    answer = browser.get(at(view, owned.pk))
    assert (answer.context["preview"].conversations, answer.context["preview"].participants) == (1, 2)
    assert status_of(owned) == "active"


@pytest.mark.spec("M2")
def test_deactivate_reactivate_and_delete_each_take_a_post(browser, owned):
    found = []
    for view in ("deactivate", "reactivate", "delete"):
        assert browser.post(at(view, owned.pk), {"address": owned.address}).status_code == 302
        found.append(status_of(owned))
    assert found == ["deactivated", "active", "deleted"]


@pytest.mark.spec("M2")
def test_what_was_deleted_cannot_be_brought_back_from_a_page(browser, owned):
    browser.post(at("delete", owned.pk), {"address": owned.address})
    browser.post(at("reactivate", owned.pk))
    assert status_of(owned) == "deleted"


@pytest.mark.spec("M1", "M2")
@pytest.mark.parametrize(("action", "status"), [("deactivate", "deactivated"), ("delete", "deleted")])
def test_several_at_once_go_through_the_verbs_too(browser, owned, organization, action, status):
    other = enrol(organization, "emile@etude-tremblay.example")
    path = reverse("wagtail_bulk_action", args=["connexion_plugin", "collaborator", action])
    query = f"?id={owned.pk}&id={other.pk}"
    assert browser.get(path + query).context["preview"].conversations == 1
    assert browser.post(path + query, {"number": "2"}).status_code == 302
    assert (status_of(owned), status_of(other)) == (status, status)
    assert StatusChange.unscoped.filter(after=status).count() == 2


@pytest.mark.spec("M2")
def test_a_correction_never_writes_the_status_it_was_read_with(browser, owned):
    Collaborator.unscoped.filter(pk=owned.pk).update(status="deactivated")
    form = {"name": "Alice T.", "language": "en", "address": "thief@example.org", "status": "active"}
    browser.post(at("edit", owned.pk), form)
    row = Collaborator.unscoped.get(pk=owned.pk)
    assert (row.name, row.address, row.status) == ("Alice T.", "alice@etude-tremblay.example", "deactivated")


@pytest.mark.spec("M6")
def test_the_history_says_who_did_what(browser, dora, owned):
    browser.post(at("deactivate", owned.pk))
    assert ModelLogEntry.objects.get(action="connexion.deactivate").user == dora
    assert "Dora Lavoie" in browser.get(at("history", owned.pk)).content.decode()


@pytest.mark.spec("M1")
def test_the_list_is_searched_and_filtered_in_the_database(browser, owned, organization):
    enrol(organization, "emile@etude-tremblay.example", name="Émile Roy")

    def found(query):
        return [row.address for row in browser.get(at("list") + query).context["object_list"]]

    assert found("?q=Roy") == ["emile@etude-tremblay.example"]
    assert found("?status=deleted") == []
    assert len(found("")) == 2


@pytest.mark.spec("M1")
def test_the_list_takes_the_same_statements_whatever_is_in_it(
    browser, organization, django_assert_max_num_queries, django_assert_num_queries
):
    enrol(organization, "a0@example.org")
    browser.get(at("list"))
    with django_assert_max_num_queries(40) as few:
        browser.get(at("list"))
    for number in range(1, 15):
        enrol(organization, f"a{number}@example.org")
    with django_assert_num_queries(len(few)):
        browser.get(at("list"))


@pytest.mark.spec("M3")
def test_the_policies_of_ones_own_organization_are_set_and_recorded(browser, organization):
    path = reverse("wagtailsnippets_connexion_plugin_organization:edit", args=[organization.pk])
    form = {
        "name": organization.name,
        "telephone": organization.telephone,
        "language": "fr",
        "time_zone": "America/Toronto",
        "default_expiry_days": "30",
        "shortest_expiry_days": "1",
        "longest_expiry_days": "60",
        "message_limit_bytes": organization.message_limit_bytes,
    }
    assert browser.post(path, form).status_code == 302
    organization.refresh_from_db()
    assert organization.default_expiry_days == 30
    recorded = ModelLogEntry.objects.get(action="connexion.set_policies").data["changes"]
    assert recorded == {"default_expiry_days": ["364", "30"], "longest_expiry_days": ["730", "60"]}


@pytest.mark.spec("M3")
def test_only_the_operator_makes_an_organization(browser, superuser, visit):
    path = reverse("wagtailsnippets_connexion_plugin_organization:add")
    assert browser.get(path).status_code == 302
    assert visit(superuser).get(path).status_code == 200


@pytest.mark.spec("M3")
@pytest.mark.parametrize("path", ["/admin/reports/site-history/", "/admin/reports/site-history/results/"])
def test_the_site_history_is_the_operators(browser, superuser, visit, path):
    assert browser.get(path).status_code == 302
    assert visit(superuser).get(path).status_code == 200


@pytest.mark.parametrize(("language", "word"), [("fr", "Tableau de bord"), ("en", "Dashboard")])
def test_the_admin_speaks_the_accounts_language_whatever_the_browser_asks_for(browser, dora, language, word):
    personas.remember_language(dora, language)
    assert word in browser.get("/admin/", headers={"Accept-Language": "fr, en"}).content.decode()
