"""Default deny: whoever must show a second factor reaches nothing before (spec I5)."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.models import AuthenticatorDevice, Collaborator
from connexion_plugin.second_factor.requirements import standing_of
from tests.factories import make_person
from tests.factories.conversations import start

pytestmark = [pytest.mark.spec("I5"), pytest.mark.django_db]


@pytest.fixture
def editor(db):
    """Writes help pages: has access to Wagtail's admin, and nothing else."""
    user = make_person("Édith Editor", "edith@example.org")
    group = Group.objects.create(name="Editors of help")
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    user.groups.add(group)
    return user


def test_it_is_required_of_collaborators_administrators_editors_and_operators(alice, dora, editor, superuser):
    for user in (alice, dora, editor, superuser):
        assert standing_of(user).is_required, user


def test_it_is_offered_to_participants(bob, charlie):
    for user in (bob, charlie):
        assert not standing_of(user).is_required, user


def test_it_is_required_at_once_of_whoever_is_enrolled(client, bob, organization):
    client.force_login(bob)
    assert client.get(reverse("connexion:inbox")).status_code == 200
    Collaborator.unscoped.create(organization=organization, address="bob@example.org")
    assert client.get(reverse("connexion:inbox")).url.startswith(reverse("connexion:second_factor_setup"))


def test_a_deactivated_collaborator_is_a_participant_like_any_other(alice, alice_enrolment):
    alice_enrolment.status = Collaborator.Status.DEACTIVATED
    alice_enrolment.save()
    assert not standing_of(alice).is_required


def test_an_organization_can_require_it_of_its_participants(bob, alice, alice_enrolment, organization):
    start(alice_enrolment, to=["bob@example.org"])
    assert not standing_of(bob).is_required
    organization.requires_second_factor = True
    organization.save()
    assert standing_of(bob).is_required


@pytest.mark.parametrize(
    "page",
    [
        "connexion:inbox",
        "connexion:start_conversation",
        "account_email",
        "account_change_password",
        "wagtailadmin_home",
        "wagtailusers_users:index",
    ],
)
def test_every_door_leads_to_the_second_factor_and_back(client, superuser, page):
    client.force_login(superuser)
    response = client.get(reverse(page))
    assert response.status_code == 302
    assert (
        response.url == f"{reverse('connexion:second_factor_setup')}?next={reverse(page).replace('/', '%2F')}"
    )


def test_who_has_one_is_asked_for_it_whoever_they_are(client, bob):
    AuthenticatorDevice.objects.create(user=bob, name="app", confirmed=True, seed_sealed=b"")
    client.force_login(bob)
    assert client.get(reverse("connexion:inbox")).url.startswith(reverse("connexion:second_factor"))


def test_what_is_sent_is_refused_and_not_redirected(client, alice):
    client.force_login(alice)
    response = client.post(reverse("account_email"), {"action_add": "1", "email": "new@example.org"})
    assert response.status_code == 403
    assert reverse("connexion:second_factor_setup") in response.content.decode()
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_part_of_a_page_sends_the_whole_page_there(client, alice):
    client.force_login(alice)
    response = client.get(
        reverse("connexion:unread_counts"),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/fr/connexion/?page=2"},
    )
    assert response.headers["HX-Redirect"].endswith("?next=%2Ffr%2Fconnexion%2F%3Fpage%3D2")


def test_one_may_always_sign_out_and_change_the_language(client, alice):
    client.force_login(alice)
    assert (
        client.post(reverse("connexion:switch_language"), {"language": "en", "next": "/fr/"}).status_code
        == 302
    )
    assert client.post(reverse("account_logout")).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_public_pages_are_served_as_to_nobody(client, alice, rf):
    from connexion_plugin.middleware import SecondFactorMiddleware

    client.force_login(alice)
    seen = {}

    def serve(request):
        seen["user"] = request.user

    request = client.get("/fr/").wsgi_request
    request.connexion_standing = standing_of(alice)
    request.user = alice
    assert request.resolver_match.view_name == "wagtail_serve"
    assert SecondFactorMiddleware(serve).process_view(request, serve, (), {}) is None
    assert request.user.is_anonymous


@pytest.mark.django_db(transaction=True)  # the standing key is remembered once its row is committed
def test_a_verified_session_pays_no_statement_and_another_one_pays_one(client, alice, bob, sign_in):
    sign_in(alice)
    client.get(reverse("account_change_password"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("account_change_password"))
    reads = [query["sql"] for query in queries if "SELECT" in query["sql"]]
    assert len(reads) == 3, reads  # the session, the person, the device with the preferences
    sign_in(bob, second_factor=False)
    client.get(reverse("account_change_password"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("account_change_password"))
    reads = [query["sql"] for query in queries if "SELECT" in query["sql"]]
    assert len(reads) == 3, reads  # the session, the person, their standing with the preferences
