"""Every door of the portal × every method × every role, with a second factor and without (access.md).

Fails on a route that it does not know. Whoever has no seat gets 404 on every page of a conversation, and the
sign-in page when not signed in; nobody but those inside meets a word of the content, or writes a row.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from connexion_plugin import access
from connexion_plugin.actions.contacts import Entry, add_contact
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.participants import remove
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.models import (
    Activity,
    Attachment,
    Contact,
    Draft,
    Message,
    Notice,
    Opening,
    Participation,
    Upload,
)
from connexion_plugin.views.policy import Policy
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, seat_of, start

CANARIES = ["Canari-titre-7781", "Canari-texte-7782", "Canari-fichier-7783"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

# Doors of one conversation: open to its seats alone. Their arguments are made by `the_house`.
CONTENT = {
    "connexion:conversation",
    "connexion:post_message",
    "connexion:reply_draft",
    "connexion:reply_uploads",
    "connexion:open_message",
    "connexion:withdraw_message",
    "connexion:openings",
    "connexion:change_expiry",
    "connexion:ask_for_time",
    "connexion:grant_time",
    "connexion:decline_time",
    "connexion:readers",
    "connexion:invite",
    "connexion:remove_participant",
    "connexion:readmit_participant",
    "connexion:change_reply",
    "connexion:correct_address",
    "connexion:settle_move",
    "connexion:leave",
    "connexion:close",
    "connexion:reopen",
    "connexion:delete",
    "connexion:activity",
    "connexion:print_conversation",
    "connexion:print_activity",
    "connexion:download",
    "connexion:download_conversation",
    "connexion:message",
}
# Doors of a conversation that are its owner's alone; and those that only answer a POST.
OWNERS = {
    "connexion:grant_time",
    "connexion:decline_time",
    "connexion:invite",
    "connexion:remove_participant",
    "connexion:readmit_participant",
    "connexion:change_reply",
    "connexion:close",
    "connexion:reopen",
    "connexion:delete",
    "connexion:correct_address",
    "connexion:settle_move",
}
ONLY_POST = {
    "connexion:reply_uploads",
    "connexion:ask_for_time",
    "connexion:grant_time",
    "connexion:decline_time",
    "connexion:open_message",
    "connexion:readmit_participant",
    "connexion:change_reply",
    "connexion:reopen",
    "connexion:settle_move",
}
# One's own: each person sees their own things there, and a stranger's persona is 404.
OWN = {
    "connexion:inbox",
    "connexion:delete_selection",
    "connexion:restore_selection",
    "connexion:unread_counts",
    "connexion:start_conversation",
    "connexion:start_conversation_draft",
    "connexion:invitations",
    "connexion:move_seat",
    "connexion:address_book",
    "connexion:add_contact",
    "connexion:change_contact",
    "connexion:delete_contacts",
    "connexion:restore_contacts",
    "connexion:write_to_contacts",
    "connexion:contact_suggestions",
    "connexion:import_contacts",
    "connexion:export_contacts",
    "connexion:start_draft",
    "connexion:discard_draft",
    "connexion:start_uploads",
    "connexion:upload",
    "connexion:second_factor",
    "connexion:second_factor_setup",
    "connexion:second_factor_remove",
    "connexion:second_factor_needed",
    "connexion:recovery_codes",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
}
PUBLIC = {
    "connexion:switch_language",
    "connexion:mailbox",
    "connexion:mailbox_mail",
    "connexion:forgotten_user_name",
    "connexion:forgotten_user_name_done",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
INSIDE = {"owner", "participant"}
NEED_A_SECOND_FACTOR = {
    "owner",
    "colleague",
    "of another organization",
    "administrator",
    "editor",
    "superuser",
}


def portal_doors() -> Iterator[tuple[str, Any]]:
    """Name and view of every route that the plugin's portal brings, as the resolver has them."""

    def walk(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, Any]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                inner = ":".join(filter(None, [namespace, entry.namespace]))
                yield from walk(entry, inner)
            elif isinstance(entry, URLPattern):
                name = ":".join(filter(None, [namespace, entry.name or ""]))
                yield name, entry.callback

    yield from walk(get_resolver("connexion_plugin.urls.portal"), "")


def test_every_door_is_known_here():
    assert {name for name, _ in portal_doors()} == CONTENT | OWN | PUBLIC


def test_every_door_declares_its_policy():
    for name, view in portal_doors():
        declared = getattr(view, "connexion_policy", None) or getattr(
            getattr(view, "view_class", None), "connexion_policy", None
        )
        assert declared == (Policy.PUBLIC if name in PUBLIC else Policy.SIGNED_IN), name


@pytest.fixture
def the_house(
    settled_standing_key,
    alice,
    bob,
    alice_enrolment,
    organization,
    other_organization,
    dora,
    superuser,
    charlie,
):
    """A conversation with canaries in it, and one person of every role."""
    bob_address, former_address = "bob@example.org", "frank@example.org"
    former = make_person("Frank Former", former_address)
    document = sealed_upload(
        name=f"{CANARIES[2]}.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    conversation = start(
        alice_enrolment,
        to=[bob_address, former_address],
        title=CANARIES[0],
        text=CANARIES[1],
        documents=[document],
    )
    answer = post_message(
        participation=seat_of(bob, conversation),
        text=CANARIES[1],
        expires_at=in_days(90),
        idempotency_key=uuid4(),
    )
    remove(by=seat_of(alice, conversation), participation=seat_of(former, conversation))
    enrol(organization, "colleague@etude-tremblay.example")
    enrol(other_organization, "oliver@harbour.example")
    editor = make_person("Edith Editor", "edith@example.org")
    group = Group.objects.create(name="Rédaction")
    group.permissions.add(
        Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin")
    )
    editor.groups.add(group)
    message = Message.unscoped.get(conversation=conversation, sequence=1)
    people = {
        "anonymous": None,
        "stranger": charlie,
        "participant": bob,
        "former participant": former,
        "owner": alice,
        "colleague": make_person("Colette Colleague", "colleague@etude-tremblay.example"),
        "of another organization": make_person("Oliver MacNeil", "oliver@harbour.example"),
        "administrator": dora,
        "editor": editor,
        "superuser": superuser,
    }
    arguments = {
        "connexion:conversation": {"conversation_id": conversation.pk},
        "connexion:post_message": {"conversation_id": conversation.pk, "draft_id": uuid4()},
        "connexion:reply_uploads": {"conversation_id": conversation.pk, "draft_id": uuid4()},
        "connexion:reply_draft": {"conversation_id": conversation.pk, "draft_id": uuid4()},
        "connexion:open_message": {"conversation_id": conversation.pk, "message_id": message.pk},
        "connexion:openings": {"conversation_id": conversation.pk, "message_id": answer.pk},
        "connexion:withdraw_message": {"conversation_id": conversation.pk, "message_id": answer.pk},
        **{
            f"connexion:{name}": {"conversation_id": conversation.pk, "message_id": message.pk}
            for name in ("ask_for_time", "grant_time", "decline_time")
        },
        "connexion:change_expiry": {"conversation_id": conversation.pk, "message_id": answer.pk},
        **{
            f"connexion:{name}": {"conversation_id": conversation.pk}
            for name in ("readers", "invite", "leave", "close", "reopen", "delete")
        },
        **{
            f"connexion:{name}": {
                "conversation_id": conversation.pk,
                "participation_id": seat_of(bob, conversation).pk,
            }
            for name in (
                *("remove_participant", "readmit_participant", "change_reply"),
                *("correct_address", "settle_move"),
            )
        },
        "connexion:activity": {"conversation_id": conversation.pk},
        "connexion:print_conversation": {"conversation_id": conversation.pk},
        "connexion:print_activity": {"conversation_id": conversation.pk},
        "connexion:download_conversation": {"conversation_id": conversation.pk},
        "connexion:download": {"attachment_id": Attachment.unscoped.get().pk},
        "connexion:message": {"message_id": message.pk},
    }
    persona = seat_of(bob, conversation).persona_id
    return people, arguments, persona


def rows() -> list[int]:
    return [
        model.unscoped.count()
        for model in (Message, Activity, Opening, Participation, Notice, Attachment, Draft, Upload)
    ]


def content_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(answer.headers)


def assert_no_canary(answer: Any, *where: object) -> None:
    text = content_of(answer)
    for canary in CANARIES:
        assert canary not in text, where


def knock(client: Client, method: str, url: str) -> Any:
    return client.generic(method, url, "text=Bonjour&expires_in_days=30", "application/x-www-form-urlencoded")


@pytest.mark.spec("I6", "M3")
@pytest.mark.parametrize("second_factor", [True, False], ids=["with a second factor", "without"])
def test_a_conversation_opens_to_its_seats_alone(the_house, second_factor):
    people, arguments, _persona = the_house
    for role, person in people.items():
        if role in INSIDE:
            continue
        client = Client(raise_request_exception=True)
        if person is not None:
            sign_in(client, person, second_factor=second_factor)
        before = rows()
        for name, kwargs in arguments.items():
            for method in METHODS:
                answer = knock(client, method, reverse(name, kwargs=kwargs))
                where = (role, name, method, answer.status_code)
                assert_no_canary(answer, *where)
                if role == "anonymous":
                    assert answer.status_code == 302, where
                    assert "/sign-in/" in answer["Location"], where
                elif not second_factor and role in NEED_A_SECOND_FACTOR:
                    assert answer.status_code in {302, 403, 405}, where
                    if answer.status_code == 302:
                        assert "/second-factor/" in answer["Location"], where
                else:
                    assert answer.status_code in {404, 405}, where
                    if method in {"GET", "HEAD"} and name not in ONLY_POST:
                        assert answer.status_code == 404, where
        assert rows() == before, role


@pytest.mark.parametrize("role", sorted(INSIDE))
def test_those_inside_come_in(the_house, role):
    people, arguments, _persona = the_house
    client = sign_in(Client(), people[role])
    opened = knock(
        client, "POST", reverse("connexion:open_message", kwargs=arguments["connexion:open_message"])
    )
    assert opened.status_code == 302
    expected = dict.fromkeys(ONLY_POST, 405) | {"connexion:message": 302}
    if role == "owner":
        expected["connexion:leave"] = 302  # the owner stays
        expected["connexion:correct_address"] = 302  # somebody has come there
    for name, kwargs in arguments.items():
        answer = client.get(reverse(name, kwargs=kwargs))
        if role != "owner" and name in OWNERS - ONLY_POST:
            expected[name] = 404
        assert answer.status_code == expected.get(name, 200), name
        assert answer["Cache-Control"] in {"no-store", "no-store, private"}, name
        assert "default-src 'none'" in answer["Content-Security-Policy"], name
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            assert knock(client, method, reverse(name, kwargs=kwargs)).status_code == 405, (name, method)


@pytest.mark.spec("C10", "C12")
def test_the_owners_doors_do_not_exist_for_a_participant(the_house):
    people, arguments, _persona = the_house
    client = sign_in(Client(), people["participant"])
    before = rows()
    for name in OWNERS:
        assert knock(client, "POST", reverse(name, kwargs=arguments[name])).status_code == 404, name
    assert rows() == before


def test_a_required_second_factor_stands_before_those_inside_too(the_house):
    people, arguments, _persona = the_house
    client = sign_in(Client(), people["owner"], second_factor=False)
    before = rows()
    for name, kwargs in arguments.items():
        for method in METHODS:
            answer = knock(client, method, reverse(name, kwargs=kwargs))
            assert answer.status_code in ({405} if method == "TRACE" else {302, 403}), (name, method)
            assert_no_canary(answer, name, method)
    assert rows() == before


def test_what_exists_and_what_does_not_answer_the_same(the_house, sign_in):
    people, arguments, _persona = the_house
    client = sign_in(people["stranger"])
    for name, kwargs in arguments.items():
        real = client.get(reverse(name, kwargs=kwargs))
        unreal = client.get(reverse(name, kwargs={key: uuid4() for key in kwargs}))
        assert real.status_code == unreal.status_code
        assert without_reference(real) == without_reference(unreal), name


def without_reference(answer: Any) -> str:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", answer.content.decode())
    text = re.sub(r"\b[0-9A-F]{8}\b", "", text)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_another_persons_inbox_is_not_there(the_house):
    people, _arguments, persona = the_house
    for role, person in people.items():
        if person is None or role == "participant":
            continue
        client = sign_in(Client(), person)
        before = rows()
        for name in ("connexion:inbox", "connexion:delete_selection", "connexion:restore_selection"):
            for method in METHODS:
                answer = knock(client, method, reverse(name, args=[persona]))
                assert answer.status_code in {404, 405}, (role, name, method)
                assert_no_canary(answer, role, name, method)
        assert rows() == before


def test_the_inbox_of_nobody_is_not_there(the_house):
    """Of an id that no address has: what is asked for beside the tabs finds not even zero."""
    people, _arguments, _persona = the_house
    for role in INSIDE:
        client = sign_in(Client(), people[role])
        assert client.get(reverse("connexion:inbox", args=[uuid4()])).status_code == 404


@pytest.mark.spec("C8")
def test_another_persons_draft_is_not_there(the_house):
    people, arguments, _persona = the_house
    writer = sign_in(Client(), people["participant"])
    begun = "Canari-brouillon-7784"
    where = arguments["connexion:reply_draft"]
    saved = writer.post(reverse("connexion:reply_draft", kwargs=where), {"text": begun})
    assert saved.json()["revision"] == 1
    for role, person in people.items():
        if person is None or role == "participant":
            continue
        client = sign_in(Client(), person)
        before = rows()
        for method in METHODS:
            answer = knock(client, method, reverse("connexion:discard_draft", args=[where["draft_id"]]))
            assert answer.status_code in {404, 405}, (role, method)
            assert begun not in content_of(answer), (role, method)
        form = client.get(reverse("connexion:post_message", kwargs=where))
        assert form.status_code == (200 if role == "owner" else 404), role
        assert begun not in content_of(form), role
        assert rows() == before
    assert begun in content_of(writer.get(reverse("connexion:post_message", kwargs=where)))


def test_only_collaborators_start_conversations(the_house):
    people, _arguments, _persona = the_house
    for role, person in people.items():
        client = Client()
        if person is not None:
            sign_in(client, person)
        answer = client.get(reverse("connexion:start_conversation_draft", args=[uuid4()]))
        collaborates = role in {"owner", "colleague", "of another organization"}
        assert answer.status_code == (200 if collaborates else 302 if person is None else 404), role


def test_another_persons_address_book_is_not_there(the_house, alice_enrolment):
    people, _arguments, _persona = the_house
    holder = people["owner"]
    book = access.address_book_of(holder, alice_enrolment.pk)
    contact = add_contact(
        book=book, entry=Entry("canari@example.net", "fr", name=CANARIES[0], note=CANARIES[1])
    )
    doors = {
        "address_book": {},
        "add_contact": {},
        "change_contact": {"contact_id": contact.pk},
        "delete_contacts": {},
        "restore_contacts": {},
        "write_to_contacts": {},
        "contact_suggestions": {},
        "import_contacts": {},
        "export_contacts": {"kind": "csv"},
    }
    for role, person in people.items():
        if role == "owner":
            continue
        client = Client()
        if person is not None:
            sign_in(client, person)
        for name, more in doors.items():
            url = reverse(f"connexion:{name}", kwargs={"collaborator_id": alice_enrolment.pk, **more})
            for method in METHODS:
                answer = knock(client, method, f"{url}?q=canari")
                assert answer.status_code in ({302} if person is None else {404, 405}), (role, name, method)
                assert_no_canary(answer, role, name, method)
        assert Contact.unscoped.filter(deleted_at=None).count() == 1


def test_a_superuser_has_no_ability_anywhere(the_house, superuser):
    assert access.organizations_administered_by(superuser) == []
    for seat in Participation.unscoped.all():
        assert access.permissions_of(superuser, seat.conversation) == set()
