"""The plugin in a site that knows nothing of it: `wagtail start`, then docs/install.md to the letter."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from aiosmtpd.controller import Controller

from tests.browser.running import PostOffice, free_port, html_of, link_in, text_of
from tests.plugin_install.host_site import HostSite, blocks, build_wheel, follow_the_page, start
from tests.plugin_install.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.install

# The long-term release, and the newest that the registry has within what the plugin says it supports.
VERSIONS = {"7.4": "wagtail>=7.4,<7.5", "newest": "wagtail>=7.4,<9"}


@pytest.fixture(
    scope="module", params=VERSIONS.values(), ids=VERSIONS
)  # one process a site: tests/distribution.py
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> HostSite:
    """A host site with the plugin in it, migrated and checked."""
    wagtail = request.param
    wheel = build_wheel(tmp_path_factory.mktemp("dist"))
    host = start(tmp_path_factory.mktemp("host") / "site", wagtail=wagtail)
    follow_the_page(host, wheel, wagtail=wagtail)
    return host


@pytest.fixture(scope="module")
def post_office(site: HostSite) -> Iterator[PostOffice]:
    """Receives what the host site sends; where it sends is the one thing that the host itself sets."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    (site.folder / "mysite" / "settings" / "local.py").write_text(
        'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"\n'
        f'EMAIL_HOST, EMAIL_PORT = "127.0.0.1", {controller.port}\n'
    )
    yield office
    controller.stop()


@pytest.fixture(scope="module")
def address(site: HostSite, post_office: PostOffice) -> Iterator[str]:
    """Where the host site answers, its worker beside it."""
    port = free_port()
    site.environment |= {"SITE_URL": f"http://127.0.0.1:{port}", "CONNEXION_SETUP_PASSWORD": PASSWORD}
    site.shell(blocks()["setup"])
    lines = [f"python manage.py runserver --noreload 127.0.0.1:{port}", blocks()["worker"].strip()]
    with Path(f"{site.folder}.log").open("w") as log:
        processes = [
            subprocess.Popen(
                ["bash", "-c", f"exec {line}"],
                cwd=site.folder,
                env=site.variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for line in lines
        ]
        wait_for(processes[0], port)
        yield f"http://127.0.0.1:{port}"
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def test_nothing_is_left_to_say(site: HostSite) -> None:
    answer = site.shell("python manage.py check --database default")

    assert "no issues" in answer.stdout


def test_no_migration_is_missing(site: HostSite) -> None:
    assert (
        "No changes"
        in site.shell("python manage.py makemigrations --check --dry-run connexion_plugin").stdout
    )


@pytest.mark.parametrize(
    "door", ["/connexion/", "/admin/", "/admin/pages/", "/admin/login/", "/admin/password_reset/"]
)
def test_every_door_leads_to_the_portals_sign_in_page(door: str, address: str) -> None:
    answer = requests.get(f"{address}{door}", timeout=20)

    assert answer.status_code == 200
    assert answer.url.startswith(f"{address}/connexion/")


def test_djangos_admin_has_no_door_of_its_own(address: str) -> None:
    assert requests.get(f"{address}/django-admin/", timeout=20).url.startswith(f"{address}/connexion/")


@pytest.mark.parametrize(("language", "words"), [("fr", "Ouvrir une session"), ("en", "Sign in")])
def test_the_sign_in_page_speaks_both_languages_on_a_site_in_english(
    language: str, words: str, address: str
) -> None:
    page = requests.get(f"{address}/connexion/", headers={"Accept-Language": language}, timeout=20)

    assert f'lang="{language}' in page.text
    assert words in page.text


def test_the_sites_own_pages_are_as_before(address: str) -> None:
    assert requests.get(f"{address}/", timeout=20).status_code == 200


def test_the_portals_pages_find_their_style(address: str) -> None:
    page = requests.get(f"{address}/connexion/", timeout=20).text
    style = page.split('rel="stylesheet"')[1].split('href="')[1].split('"')[0]

    assert requests.get(f"{address}{style}", timeout=20).status_code == 200


TITLE, TEXT, ANSWER = "Renouvellement du bail", "Le texte que personne d’autre ne lit.", "Merci, c’est signé."
DOCUMENT = ("Bail été – signé.pdf", os.urandom(50_000), "application/pdf")


def test_the_story_works_in_a_site_of_somebody_else(address: str, post_office: PostOffice) -> None:
    dora = Visitor(address, post_office, "dora@example.ca", language="en")
    alice = Visitor(address, post_office, "alice@example.org")
    bob = Visitor(address, post_office, "bob@example.org", language="en")

    # An administrator enrols a collaborator in the host's own Wagtail admin.
    dora.go("/admin/")
    dora.sign_in()
    dora.set_up_app()
    dora.follow("collaborator")
    dora.follow("/add/")
    dora.submit(address=alice.address, name="Alice Tremblay", language="fr")

    # The collaborator signs up from the invitation, and starts a conversation with somebody unknown.
    alice.go(link_in(post_office.wait_for(alice.address)))
    alice.sign_up()
    alice.set_up_app()
    alice.go("/connexion/start/")
    alice.submit(title=TITLE, addresses=bob.address, text=TEXT, language="en", files={"documents": DOCUMENT})
    assert TITLE in alice.read()

    # The newcomer gets a notice that gives nothing away, and ends on the message.
    notice = post_office.wait_for(bob.address)
    assert alice.address in text_of(notice)
    assert not [word for word in (TITLE, TEXT, "Bail") if word in text_of(notice) + html_of(notice)]
    bob.go(link_in(notice))
    bob.sign_up()
    assert TITLE in bob.read()
    assert TEXT not in bob.read()
    bob.open_envelope()
    assert TEXT in bob.read()
    link = bob.page.select_one("a.document")
    assert link
    assert bob.session.get(f"{address}{link['href']}", timeout=30).content == DOCUMENT[1]
    bob.follow("/post/")
    bob.submit(text=ANSWER)

    # The collaborator is told, opens the answer, and reads who did what.
    post_office.wait_for(alice.address, 3)
    alice.go("/connexion/")
    alice.follow("/conversations/")
    alice.open_envelope()
    assert ANSWER in alice.read()
    alice.follow("/activity/")
    assert bob.address in alice.read()
