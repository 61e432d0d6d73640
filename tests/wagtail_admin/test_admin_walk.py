"""Nothing of another organization, and no conversation, at any address of the admin (spec M3, access.md).

The walk takes every address that the URL patterns know, with the ids of both organizations' rows and with
guesses, by GET and by POST, as each kind of person. What it looks for are words that stand nowhere else.
"""

from contextlib import contextmanager, suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from connexion_plugin.exceptions import UnscopedRead
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Collaborator,
    Conversation,
    HandOver,
    Message,
    Organization,
    StatusChange,
)
from tests.wagtail_admin.walk import addresses

# Raises by design, so that an operator can see what an error looks like.
MEANT_TO_FAIL = {"wagtailadmin_error_test"}


def guesses(*sides):
    rows = [row for side in sides for row in (side.organization, side.collaborator, side.conversation)]
    return {
        "app_label": ["connexion_plugin"],
        "app_name": ["connexion_plugin"],
        "model_name": ["collaborator", "organization", "conversation"],
        "action": ["delete", "deactivate", "reactivate"],
        "pk": ["2", *(str(row.pk) for row in rows)],  # 2: Wagtail's first page below the root
    }


def stolen(side):
    """A form that would be accepted, were it let through: fields of both models, ids of the side's rows."""
    return {
        "organization": str(side.organization.pk),
        "address": "stolen@example.org",
        "name": "Stolen",
        "telephone": "Stolen",
        "language": "en",
        "time_zone": "America/Toronto",
        "default_expiry_days": "3",
        "shortest_expiry_days": "1",
        "longest_expiry_days": "5",
        "message_limit_bytes": "2048",
        "id": str(side.collaborator.pk),
        "successor": side.collaborator.address,
        "number": "1",
    }


def state(side):
    """All that a POST could have changed of the side's."""
    owned = {
        Organization: {"pk": side.organization.pk},
        Collaborator: {"organization": side.organization},
        StatusChange: {"collaborator__organization": side.organization},
        AdministrativeAct: {"organization": side.organization},
        HandOver: {"collaborator__organization": side.organization},
        Conversation: {"organization": side.organization},
        Message: {"conversation__organization": side.organization},
        Activity: {"conversation__organization": side.organization},
    }
    return [sorted(map(repr, model.unscoped.filter(**which).values())) for model, which in owned.items()]


class Undo(Exception):
    pass


def post_and_undo(client, path, side, before):
    """Posts what would change the side's rows. Returns the answer and whether it did; puts everything back.

    `before` is their state, the same before every post.
    """
    answer, changed = None, None
    with staying_signed_in(client), suppress(Undo), transaction.atomic():
        answer = client.post(path, stolen(side))
        changed = state(side) != before
        raise Undo
    return answer, changed


@contextmanager
def staying_signed_in(client):
    """The walk passes by the way out, too; its answer takes the cookie back."""
    session = client.cookies.get("sessionid")
    yield
    if session:
        client.cookies["sessionid"] = session.value


def complaints(address, response, forbidden):
    """What is wrong with this answer."""
    found = []
    error = getattr(response, "exc_info", None)
    if response.status_code >= 500 and address.name not in MEANT_TO_FAIL and not is_clumsy(address, error):
        found.append(f"{address.path}: {error[0].__name__}: {error[1]}")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + response.headers.get("Location", "")
    found += [f"{address.path}: shows {word}" for word in forbidden if word in text]
    return found


def queries_for(address, side):
    """Bulk actions take their ids from the query, the others from the path and the form."""
    if address.name != "wagtail_bulk_action":
        return [""]
    return [f"?id={side.collaborator.pk}", f"?id={side.organization.pk}", "?id=all"]


def is_clumsy(address, error):
    """Wagtail's own views answer some ids that are none with an error of the server; ours never may.

    Where an address names any model, the managers of conversations refuse; loudly, which is what they are for.
    """
    if "/conversation/" in address.path and issubclass(error[0], UnscopedRead):
        return True
    clumsy = (ValueError, KeyError, AttributeError, ValidationError)
    return "connexion_plugin" not in address.name and issubclass(error[0], clumsy)


def walk(client, found_addresses, forbidden, queries=(), entered=None):
    """GETs each address; with each of the queries too where the visitor was let in.

    `entered` collects the names of those that showed a page.
    """
    found = []
    for address in found_addresses:
        with staying_signed_in(client):
            response = client.get(address.path)
        found += complaints(address, response, forbidden)
        if entered is not None and response.status_code == 200:
            entered.add(address.name)
        if response.status_code != 302:
            for query in queries:
                found += complaints(address, client.get(address.path + query), forbidden)
    return found


@pytest.mark.spec("M3")
@pytest.mark.parametrize("own", ["a", "b"])
def test_an_administrator_reads_nothing_of_the_other_organization_at_any_address(sides, visit, own):
    mine, theirs = sides if own == "a" else reversed(sides)
    forbidden = [*theirs.canaries, *theirs.secrets, *mine.secrets]
    queries = (
        f"?id={theirs.collaborator.pk}&id={theirs.organization.pk}&export=csv",
        f"?id={theirs.organization.pk}&q=kanarie",
        f"?id=all&organization={theirs.organization.pk}",
    )
    assert walk(visit(mine.administrator), addresses(guesses(*sides)), forbidden, queries) == []


@pytest.mark.spec("M3")
def test_nothing_that_an_administrator_posts_changes_the_other_organization(sides, visit):
    mine, theirs = sides
    client = visit(mine.administrator)
    before = state(theirs)
    wrong = []
    for address in addresses(guesses(theirs)):
        for query in queries_for(address, theirs):
            response, changed = post_and_undo(client, address.path + query, theirs, before)
            wrong += complaints(address, response, [*theirs.canaries, *theirs.secrets])
            if changed:
                wrong.append(f"{address.path}{query}: went through")
    assert wrong == []


@pytest.mark.spec("M3")
def test_the_operator_sees_every_organization_and_no_conversation(sides, superuser, visit):
    forbidden = [word for side in sides for word in side.secrets]
    client = visit(superuser)
    assert walk(client, addresses(guesses(*sides)), forbidden, ["?q=secret&export=csv"]) == []
    assert all(side.canaries[0] in client.get(ORGANIZATIONS).content.decode() for side in sides)


@pytest.mark.spec("M3")
def test_nothing_that_the_operator_posts_removes_a_row(sides, superuser, visit):
    mine, theirs = sides
    client = visit(superuser)
    for address in addresses(guesses(theirs)):
        for query in queries_for(address, theirs):
            with staying_signed_in(client), suppress(Undo), transaction.atomic():
                response = client.post(address.path + query, {"id": str(theirs.collaborator.pk)})
                assert complaints(address, response, [*theirs.secrets, *mine.secrets]) == []
                assert Organization.unscoped.filter(pk=theirs.organization.pk).exists(), address
                assert Collaborator.unscoped.filter(pk=theirs.collaborator.pk).exists(), address
                raise Undo


@pytest.mark.spec("M3")
def test_a_content_editor_sees_no_organization(sides, editor, visit):
    forbidden = [word for side in sides for word in (*side.canaries, *side.secrets)]
    client = visit(editor)
    query = "?id=" + "&id=".join(str(side.collaborator.pk) for side in sides)
    assert walk(client, addresses(guesses(*sides)), forbidden, [query]) == []
    before = state(sides[0])
    wrong = []
    for address in addresses(guesses(sides[0])):
        response, changed = post_and_undo(client, address.path, sides[0], before)
        wrong += [*complaints(address, response, forbidden), *([address] if changed else [])]
    assert wrong == []


@pytest.mark.spec("M3")
@pytest.mark.parametrize("who", ["collaborator", "participant", "nobody"])
def test_who_is_no_administrator_does_not_enter(sides, bob, visit, who):
    owner = sides[0].collaborator.address
    people = {"collaborator": lambda: user_of(owner), "participant": lambda: bob, "nobody": lambda: None}
    client = visit(people[who]())
    # A page that does not exist greets the person who asked for it: the collaborator's name is their own.
    strangers = sides[1:] if who == "collaborator" else sides
    forbidden = [
        *(word for side in strangers for word in side.canaries),
        *(word for side in sides for word in side.secrets),
    ]
    entered = set()
    assert walk(client, addresses(guesses(*sides)), forbidden, entered=entered) == []
    # The sprite of icons and the words of Wagtail's scripts: the same for everybody.
    assert entered <= {"wagtailadmin_sprite", "wagtailadmin_javascript_catalog"}


def user_of(address):
    from connexion_plugin.models import Persona

    return Persona.unscoped.get(address=address).user


ENROL = "/admin/snippets/connexion_plugin/collaborator/add/"
ORGANIZATIONS = "/admin/snippets/connexion_plugin/organization/"
ORDERS = ["oab", "oba", "aob", "abo", "boa", "bao"]


@pytest.mark.spec("M3")
@pytest.mark.parametrize("order", ORDERS)
def test_no_form_keeps_the_choices_of_an_earlier_visitor(sides, superuser, visit, order):
    """Wagtail builds a form's class once a process; `check` may be the first to ask for it."""
    call_command("check")
    for letter in order:
        if letter == "o":
            page = visit(superuser).get(ENROL).content.decode()
            assert all(side.canaries[0] in page for side in sides)
            continue
        mine, theirs = sides if letter == "a" else reversed(sides)
        client = visit(mine.administrator)
        page = client.get(ENROL).content.decode()
        assert (mine.canaries[0] in page, theirs.canaries[0] in page) == (True, False)
        for side, accepted in ((theirs, False), (mine, True)):
            _, changed = post_and_undo(client, ENROL, side, state(side))
            assert changed == accepted


@pytest.mark.spec("I5", "M3")
def test_an_administrator_without_the_second_factor_reaches_nothing(sides, sign_in, client):
    mine, _ = sides
    sign_in(mine.administrator, second_factor=False)
    assert walk(client, addresses(guesses(mine)), [*mine.canaries, *mine.secrets]) == []
