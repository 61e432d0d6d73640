"""The pages drawn with what their views give them: words beside every sign, forms that can be followed by ear."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from connexion_plugin.models import Attachment
from connexion_plugin.views.inbox import Row

MOMENT = datetime(2015, 2, 2, 20, 14, 18, tzinfo=UTC)
PERSONA = {
    "key": "1", "address": "bob@exemple.ca", "is_long": False, "unread_count": 140,
    "is_current": True, "url": "/i/1/",
}  # fmt: skip
CONVERSATION = {
    "id": 1, "title": "Demandes budgétaires", "owner_address": "alice@notaires.ca",
    "organization_name": "Notaires réunis", "is_frozen": False, "is_closed": False, "contact": "418 555-0142",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _here_and_now() -> Any:
    with translation.override("en"), timezone.override("America/Toronto"):
        yield


def draw(template: str, **context: Any) -> str:
    request = RequestFactory().get("/en/connexion/")
    request.user = AnonymousUser()
    return render_to_string(f"connexion_plugin/{template}", {"help_url": None, **context}, request)


def words(html: str) -> str:
    """What a screen reader would say: the tags gone, what is hidden from it too."""
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", html.replace("<wbr>", ""), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def row(**changes: Any) -> Row:
    usual = {
        "choice": "7", "owner_address": "marie-andree.tremblay-lafontaine@notaires.ca",
        "owner_short": "mari…ine@notaires.ca", "is_owner_whole": False, "title": "Acte de vente", "states": "", "contact_words": "",
        "select_words": "Select “Acte de vente”", "activity_words": "View the activity of “Acte de vente”",
        "is_new": False, "has_unopened": False, "is_frozen": False, "is_closed": False, "has_draft": False,
        "expires_in_days": None, "modified_on": "Feb 2, 2015", "url": "/c/7/", "activity_url": "/c/7/activity/",
    }  # fmt: skip
    return Row(**{**usual, **changes})


def inbox(*rows: Row, **context: Any) -> str:
    filters = [{"name": "all", "label": "All", "url": "/i/1/", "is_current": True}]
    page = {"number": 1, "count": 1, "size": 10, "size_choices": []}
    usual = {"personas": [PERSONA], "persona": PERSONA, "filters": filters, "page": page, "order": "newest"}
    usual["order_url"] = "/i/1/?order=oldest"
    return draw("inbox/inbox.html", **{**usual, "rows": rows, **context})


def message(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": 5, "is_mine": False, "organization_name": "Notaires réunis", "sender_address": "alice@notaires.ca",
        "posted_at": MOMENT, "expires_at": MOMENT, "state": "open", "text": "Bonjour", "documents": [],
        "open_url": "/open/5/", "anchor": "message-5",
    }  # fmt: skip
    return {**usual, **changes}


def window(*thread: dict[str, Any], **context: Any) -> str:
    usual = {
        "conversation": CONVERSATION, "messages_shown": 5, "messages_total": 5, "back_url": "/i/1/",
        "compose_url": "/post/", "thread": thread,
    }  # fmt: skip
    return draw("conversation/conversation.html", **{**usual, **context})


@pytest.mark.spec("B1")
def test_a_shortened_owner_is_whole_to_screen_readers() -> None:
    page = inbox(row())
    assert "marie-andree.tremblay-lafontaine@notaires.ca" in words(page)
    assert '<span aria-hidden="true">mar' in page
    assert "mari…ine@notaires.ca" not in words(page)


@pytest.mark.spec("B1", "B2")
def test_the_head_of_the_table_says_its_columns_and_the_order() -> None:
    page = inbox(row(), order="oldest", order_url="/i/1/?order=newest")
    assert 'aria-sort="ascending"' in page
    assert all(f">{column}" in page for column in ("Owner", "Title", "Activity"))
    assert "oldest first; show newest first" in words(page)


@pytest.mark.parametrize("table", ["inbox", "address_book"])
def test_every_column_has_a_name_before_a_module_has_run_or_where_none_does(table: str) -> None:
    head = draw(f"{table}/table_head.html", order="newest")
    names = re.findall(r"<th .*?</th>", re.sub(r"<label hidden>.*?</label>", "", head), re.DOTALL)
    assert all(words(name) for name in names)
    assert words(names[0]) == "Selection"


@pytest.mark.spec("B3")
def test_bubble_and_bold_exist_as_words() -> None:
    page = words(inbox(row(is_new=True, has_unopened=True)))
    assert "New conversation: Acte de vente" in page
    assert "Unopened message" in page


@pytest.mark.spec("B4")
def test_a_frozen_row_says_so_in_words() -> None:
    assert "Read only" in words(inbox(row(is_frozen=True)))


@pytest.mark.spec("E3")
def test_a_row_without_title_says_that_it_expired() -> None:
    page = inbox(row(title="Expired title", states="gone"))
    assert "Expired title" in words(page)
    assert re.search(r'<tr [^>]*class="gone"', page)


@pytest.mark.spec("I2")
def test_more_than_99_unread_conversations_are_not_counted_further() -> None:
    other = {**PERSONA, "key": "2", "is_current": False}
    page = inbox(row(), personas=[PERSONA, other])
    assert "99+" in page
    assert "more than 99 unread conversations" in words(page)


@pytest.mark.spec("B6")
def test_an_empty_inbox_says_who_may_start() -> None:
    assert "Only the organization can start one." in words(inbox(may_start=False))
    assert "Start a conversation" in words(inbox(may_start=True, start_url="/start/"))


@pytest.mark.spec("C11")
def test_the_browser_never_shows_the_title_of_a_conversation() -> None:
    head = window(message()).split("</title>")[0]
    assert "Conversation — Connexion" in head
    assert "Demandes" not in head


@pytest.mark.spec("C2")
@pytest.mark.parametrize(("total", "expected"), [(5, False), (7, True)])
def test_the_bar_of_batches_is_there_only_when_something_is_hidden(total: int, expected: bool) -> None:
    page = window(message(), messages_total=total, more_count=2, more_url="/more/", all_url="/all/")
    assert (f"5 messages out of {total}" in page) is expected
    assert ("Show the 2 previous messages" in page) is expected


@pytest.mark.spec("C3", "C4")
def test_over_a_message_stand_organization_sender_and_both_moments() -> None:
    page = words(window(message(is_mine=True)))
    assert "Notaires réunis Message from you, alice@notaires.ca" in page
    assert "Sent: Feb 02, 2015 - 15:14:18 EST" in page
    assert "Expires: Feb 02, 2015 - 15:14:18 EST" in page


@pytest.mark.spec("C9")
def test_who_can_read_says_each_persons_part_in_words() -> None:
    reader = {
        "address": "bob@exemple.ca",
        "role_label": "Participant",
        "is_waiting": True,
        "may_reply": False,
    }
    page = draw("conversation/readers.html", conversation=CONVERSATION, readers=[reader], readers_count=1)
    assert "1 person can read this conversation" in words(page)
    assert "bob@exemple.ca Participant invited, has not come yet may read, not reply" in words(page)


@pytest.mark.spec("C9")
def test_an_announcement_says_that_it_hides_its_participants() -> None:
    page = words(draw("conversation/readers.html", conversation=CONVERSATION, readers=[], is_hidden=True))
    assert "its participants are not shown to each other" in page


@pytest.mark.spec("C5")
def test_a_sealed_message_is_a_form_that_posts_and_nothing_else() -> None:
    page = draw("conversation/message.html", message=message(state="sealed", text="secret"))
    assert "secret" not in page
    assert re.search(r'<form class="envelope" method="post" action="/open/5/"', page)
    assert 'href="/open/5/"' not in page


@pytest.mark.spec("C7")
def test_posting_is_offered_only_where_it_is_possible() -> None:
    assert "Post a message" in words(window(message()))
    refused = words(window(message(), compose_url=None, cannot_post_reason="It is closed."))
    assert "Post a message" not in refused
    assert "It is closed." in refused


@pytest.mark.spec("B4")
def test_a_frozen_window_says_whom_to_call() -> None:
    page = words(window(message(), conversation={**CONVERSATION, "is_frozen": True}))
    assert "Read only. alice@notaires.ca no longer has an active account" in page
    assert "call Notaires réunis at 418 555-0142" in page


@pytest.mark.spec("D1", "D4")
@pytest.mark.parametrize(
    ("state", "said"),
    [("not_scanned", "Not scanned"), ("clean", "Checked"), ("infected", "Infected: withheld")],
)
def test_a_document_says_its_size_and_whether_it_was_scanned(state: str, said: str) -> None:
    document = {"name": "devis_2015.xlsx", "size": 17_818, "url": "/d/1/", "scan_state": state, "sha256": ""}
    page = words(window(message(documents=[document])))
    assert "devis_2015.xlsx (17.4\u00a0KB)".replace("\u00a0", " ") in page.replace("\u00a0", " ")
    assert said in page


@pytest.mark.spec("D4")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_state_of_the_scan_has_an_icon_and_words_of_its_own_for_sender_and_readers(
    language: str,
) -> None:
    found = {}
    with translation.override(language):
        for state in [*Attachment.Scan.values, "damaged"]:
            for is_mine in (True, False):
                page = draw("conversation/scan_state.html", state=state, is_mine=is_mine)
                (icon,) = re.findall(r'href="[^"]*#([\w-]+)"', page)
                found[state, is_mine] = (icon, words(page))
    icons = {state: icon for (state, _mine), (icon, _words) in found.items()}
    assert len(set(icons.values())) == len(icons)
    said = {state: {found[state, True][1], found[state, False][1]} for state in icons}
    assert all(len(sentence) > 10 for sentences in said.values() for sentence in sentences)
    assert {state for state, sentences in said.items() if len(sentences) == 2} == {"waiting", "failed"}
    assert len(set().union(*said.values())) == len(icons) + 2


class Wrong(forms.Form):
    title = forms.CharField(label="Title", help_text="At most 100 characters.")
    agreed = forms.BooleanField(label="Agreed")


def test_a_forms_errors_are_summed_up_with_links_and_said_at_the_field() -> None:
    page = draw("elements/form.html", form=Wrong({"title": ""}))
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) == {"id_title", "id_agreed"} <= ids
    for described in re.findall(r'aria-describedby="([^"]+)"', page):
        assert set(described.split()) <= ids
    assert page.count('aria-invalid="true"') == 2


def test_a_form_keeps_its_words_and_shows_no_placeholder() -> None:
    form = Wrong({"title": "Acte"})
    form.fields["title"].widget.attrs["placeholder"] = "Title"
    page = draw("elements/form.html", form=form)
    assert 'value="Acte"' in page
    assert "placeholder" not in page


def test_an_errors_page_gives_its_reference_and_asks_nothing_of_the_database() -> None:
    """No mark gives this test a database: a query would raise, as it does when the database is what failed."""
    request = RequestFactory().get("/en/connexion/")
    context = {
        "what": "It failed",
        "safe": "Kept.",
        "todo": "Try again.",
        "reference": "7F3A91C2",
        "status": 500,
    }
    page = words(render_to_string("connexion_plugin/elements/error.html", context, request))
    assert "It failed Kept. Try again." in page
    assert "Reference: 7F3A91C2" in page
