"""The whole story, end to end: enrolled, invited, signed up, opened, answered.

Nothing but the browser, the SMTP server's mailbox, computed codes, and the commands that a site operator runs.
The steps build on each other, so they are one test a language; each step says what it showed.
"""

import hashlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PASSWORD, Visitor, follow
from tests.browser.running import Running, html_of, link_in, text_of

SECRET = {
    "title": "Renouvellement du bail des Érables",
    "text": "Voici le texte que personne d’autre ne lit.",
}
CHOSEN = "un mot de passe choisi par quelqu'un d'autre"
ANSWER = "Merci, la pièce signée est jointe."


def document(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def digest(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.spec(
    "I1",
    "I3",
    "I4",
    "I5",
    "B1",
    "B3",
    "B4",
    "B6",
    "C1",
    "C3",
    "C4",
    "C5",
    "C7",
    "D1",
    "D3",
    "E1",
    "A1",
    "N1",
    "N2",
    "H2",
    "H3",
    "M1",
    "M2",
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_whole_story(product: Running, chromium: Browser, tmp_path: Path, language: str) -> None:
    def visitor(name: str, *, speaks: str = language) -> Visitor:
        return Visitor(chromium, product, f"{name}.{language}@story.example", language=speaks)

    administrator, collaborator, newcomer = visitor("dora"), visitor("alice"), visitor("nouvelle")
    known = visitor("bob", speaks="en" if language == "fr" else "fr")
    stranger, superuser, editor = visitor("charlie"), visitor("simone"), visitor("edith")
    everybody = [administrator, collaborator, newcomer, known, stranger, superuser, editor]

    # 1. An organization, its first administrator, and a collaborator enrolled in the Wagtail admin
    set_up_organization(product, administrator, superuser, language)
    enrol(administrator, collaborator)

    # 2. The invitation, an account, an authenticator app, a conversation
    open_account_from_nowhere(known)
    invitation = product.post_office.wait_for(collaborator.address)
    collaborator.go(link_in(invitation))
    collaborator.sign_up()
    collaborator.set_up_app()
    sent = document(tmp_path, "Bail été – déjà signé.pdf", 150_000)
    collaborator.start_conversation(
        **SECRET, to=[known.address, newcomer.address], language=language, document=sent
    )
    window = collaborator.page.url

    # 3. A notice for both, in their own language, with nothing of the content
    notices = {
        newcomer: (product.post_office.wait_for(newcomer.address, 1), language),
        known: (product.post_office.wait_for(known.address, 2), known.language),
    }
    for person, (notice, speaks) in notices.items():
        whole = str(notice["Subject"]) + text_of(notice) + html_of(notice) + str(notice)
        assert collaborator.address in text_of(notice)
        for secret in (*SECRET.values(), "Bail", "signé"):
            assert secret not in whole
        wanted = {"fr": "Accéder au message", "en": "Access the message"}[speaks]
        assert wanted in text_of(notice)
        assert wanted in html_of(notice)
        assert str(notice["From"]).startswith("Connexion")
        del person

    # 4. The newcomer signs up, lands on the message, opens it, downloads, reads the help, answers
    newcomer.go(link_in(notices[newcomer][0]))
    newcomer.sign_up()
    expect(newcomer.page.locator("h1")).to_have_text(SECRET["title"])
    assert SECRET["text"] not in newcomer.page.content()
    assert SECRET["title"] not in newcomer.page.title()
    newcomer.open_envelope()
    expect(newcomer.page.locator("main")).to_contain_text(SECRET["text"])
    with newcomer.page.expect_download() as started:
        newcomer.page.get_by_role("link", name=sent.name).click()
    assert started.value.suggested_filename == sent.name
    assert digest(started.value.path()) == digest(sent)
    conversation_url = bare(newcomer.page.url)
    follow(newcomer.page.get_by_role("banner").get_by_role("link", name=newcomer.word("help"), exact=True))
    assert "#" in newcomer.page.url
    guide_url = newcomer.page.url
    expect(newcomer.page.locator("main")).to_contain_text(newcomer.word("submit"))
    newcomer.go(conversation_url)
    returned = document(tmp_path, "Réponse signée.pdf", 70_001)
    newcomer.answer(ANSWER, returned)

    # Somebody who had an account signs in with the button of the notice
    known.go(link_in(notices[known][0]))
    expect(known.page.locator("h1")).to_have_text(SECRET["title"])

    # 5. The collaborator is told, sees bubble and count, opens the answer; the activity tells who did what
    product.post_office.wait_for(collaborator.address, 3)
    row = collaborator.row(SECRET["title"])
    expect(row).to_contain_text(collaborator.word("unread"))
    follow(row.get_by_role("link", name=SECRET["title"]).first)
    collaborator.open_envelope()
    expect(collaborator.page.locator("main")).to_contain_text(ANSWER)
    follow(collaborator.page.locator("a", has_text={"fr": "Activité", "en": "Activity"}[language]).first)
    history = collaborator.page.locator("main")
    for verb in {
        "fr": ["Conversation lancée", "Message affiché", "Message ouvert", "Document téléchargé"],
        "en": ["Conversation started", "Message posted", "Message opened", "Document downloaded"],
    }[language]:
        expect(history).to_contain_text(verb)
    expect(history).to_contain_text(newcomer.address)

    # 6. A content editor changes a sentence of the guide; the participant sees it
    sentence = f"Phrase ajoutée par la rédaction ({language})."
    change_guide(superuser, editor, sentence)
    newcomer.go(guide_url)
    expect(newcomer.page.locator("main")).to_contain_text(sentence)

    # 7. Deactivated: red, read only, a post that was being typed is refused politely and kept
    newcomer.go(conversation_url)
    newcomer.click("post", role="link")
    newcomer.page.fill("[name=text]", "Une phrase que je tapais")
    change_status(administrator, collaborator, language)
    follow(newcomer.page.get_by_role("button", name=newcomer.word("submit"), exact=True))
    expect(newcomer.page.locator("[name=text]")).to_have_value("Une phrase que je tapais")
    row = newcomer.row(SECRET["title"])
    expect(row).to_contain_text(newcomer.word("read only"))
    newcomer.go(conversation_url)
    expect(newcomer.page.get_by_role("link", name=newcomer.word("post"), exact=True)).to_have_count(0)
    change_status(administrator, collaborator, language)
    newcomer.page.reload()
    newcomer.answer("Tout est comme avant")

    # 8. Nobody else finds anything
    addresses = [bare(window), conversation_url, bare(window) + "activity/", bare(window) + "readers/"]
    open_account_from_nowhere(stranger)
    for person in (stranger, administrator, superuser):
        for address in addresses:
            answer = person.page.goto(address)
            assert answer is not None
            assert answer.status == 404, (person.address, address)
            assert SECRET["title"] not in person.page.content()
    try_to_become(superuser, newcomer)
    for address in addresses:
        answer = superuser.page.goto(address)
        assert answer is not None
        assert answer.status == 404, address
    again = visitor("nouvelle")
    again.go(again.portal())
    again.sign_in(password=CHOSEN)
    expect(again.page.locator("[name=password]")).to_be_visible()
    again.sign_in()
    expect(again.page.locator("h1")).to_have_text("Conversations")
    anonymous = visitor("nobody")
    for address in [
        *addresses,
        f"{product.url}/{language}/connexion/conversations/{'0' * 8}-0000-4000-8000-{'0' * 12}/",
    ]:
        anonymous.go(address)
        assert "/sign-in/" in anonymous.page.url

    assert {person.address: person.faults for person in everybody if person.faults} == {}


def bare(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def set_up_organization(product: Running, administrator: Visitor, superuser: Visitor, language: str) -> None:
    product.manage(
        "connexion_setup",
        "--superuser", superuser.address,
        "--organization", f"Étude du récit {language}",
        "--administrator", administrator.address,
        "--language", language,
        "--no-input",
        CONNEXION_SETUP_PASSWORD=PASSWORD,
    )  # fmt: skip
    for person in (administrator, superuser):
        person.go("/admin/")
        person.sign_in()
        person.set_up_app()


def open_account_from_nowhere(person: Visitor) -> None:
    person.go(person.portal())
    person.sign_up()
    expect(person.page.locator("h1")).to_have_text("Conversations")


def enrol(administrator: Visitor, collaborator: Visitor) -> None:
    page = administrator.page
    administrator.go("/admin/")
    collaborators = {"fr": "Collaborateurs", "en": "Collaborators"}[administrator.language]
    follow(page.get_by_role("link", name=collaborators).first)
    follow(page.locator("a[href$='/add/']").first)
    page.fill("[name=address]", collaborator.address)
    page.fill("[name=name]", "Alice Tremblay")
    page.select_option("select[name=language]", collaborator.language)
    follow(page.locator("main form[method=post] button[type=submit]").last)
    expect(page.locator("main")).to_contain_text(collaborator.address)


def change_status(administrator: Visitor, collaborator: Visitor, language: str) -> None:
    """Deactivates or reactivates, whichever is offered, after reading what it touches."""
    page = administrator.page
    administrator.go("/admin/")
    collaborators = {"fr": "Collaborateurs", "en": "Collaborators"}[administrator.language]
    follow(page.get_by_role("link", name=collaborators).first)
    follow(page.get_by_role("link", name=collaborator.address).first)
    page.locator("header [data-w-dropdown-target=toggle]").last.click()
    follow(page.locator("a[href*='/deactivate/'], a[href*='/reactivate/']").first)
    touched = {"fr": "2 autres personnes", "en": "2 other people"}[administrator.language]
    expect(page.locator("main")).to_contain_text("1 conversation")
    expect(page.locator("main")).to_contain_text(touched)
    follow(page.locator("main form[method=post] button").first)
    expect(page.locator("[role=status], .messages").first).to_contain_text(collaborator.address)


def change_guide(superuser: Visitor, editor: Visitor, sentence: str) -> None:
    """The superuser makes somebody with an account an editor; the editor changes the guide and publishes it."""
    open_account_from_nowhere(editor)
    admin = superuser.page
    superuser.go(f"/admin/users/?q={editor.address.partition('@')[0]}")
    follow(admin.locator("table a[href*='/admin/users/edit/']").first)
    for name, value in {"email": editor.address, "first_name": "Édith", "last_name": "Morin"}.items():
        admin.fill(f"[name={name}]", value)
    admin.get_by_role("tab").nth(1).click()
    admin.get_by_label("Éditeurs de contenu / Content editors").check()
    follow(admin.locator("main form button[type=submit]").first)

    page = editor.page
    editor.go("/admin/")
    editor.set_up_app()
    editor.go("/admin/pages/search/?q=participant")
    title = {"fr": "Guide du participant", "en": "Participant’s guide"}[editor.language]
    follow(page.locator("main table a[href*='/edit/']", has_text=title).first)
    box = page.locator(".public-DraftEditor-content").first
    box.click()
    page.keyboard.press("End")
    page.keyboard.type(" " + sentence)
    page.wait_for_timeout(600)
    page.locator("footer [data-w-dropdown-target=toggle], footer .w-dropdown button").first.click()
    follow(page.locator("[name=action-publish]").first)


def try_to_become(superuser: Visitor, participant: Visitor) -> None:
    """What a superuser can send: an address and a password into the account, a new password by e-mail, the
    participant's address and an app into their own account."""
    admin, letters = superuser.page, superuser.product.post_office
    name, kept = participant.address.partition("@")[0], len(letters.to(superuser.address))
    superuser.go(f"/admin/users/?q={name}")
    follow(admin.locator("table a[href*='/admin/users/edit/']").first)
    account = {"username": name, "first_name": "Nouvelle", "last_name": "Venue", "is_active": "on"}
    theirs = {"email": superuser.address, "password1": CHOSEN, "password2": CHOSEN, "password": CHOSEN}
    submit(admin, admin.url, {**account, **theirs})
    admin.reload()
    expect(admin.locator("[name=last_name]")).to_have_value("Venue")  # the form itself was taken

    addresses = superuser.product.url + superuser.portal("account/addresses/")
    for action in ("action_add", "action_send", "action_primary"):
        submit(admin, addresses, {"email": participant.address, action: "1"})
    submit(
        admin,
        superuser.product.url + superuser.portal("second-factor/set-up/"),
        {"user": name, "code": "123456"},
    )
    submit(
        admin,
        superuser.product.url + superuser.portal("account/password/reset/"),
        {"email": participant.address},
    )

    # Whatever left for it left for the participant, whose account still has the one address.
    superuser.product.post_office.wait_for(participant.address, 3)
    assert all(CHOSEN not in text_of(mail) for mail in letters.to(participant.address))
    assert not [mail for mail in letters.to(superuser.address)[kept:] if participant.address in text_of(mail)]
    participant.go(participant.portal("account/addresses/"))
    expect(participant.page.locator("main .panel h2 .address")).to_have_text(participant.address)


def submit(page: Page, url: str, fields: dict[str, str]) -> None:
    """A POST by hand from a signed-in browser: with its cookies and its token, and whatever fields one likes."""
    token = next(cookie["value"] for cookie in page.context.cookies() if "csrf" in cookie.get("name", ""))
    page.request.post(url, form={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": url})
