"""The plugin in a site that knows nothing of it: `wagtail start`, then docs/install.md to the letter."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.plugin_install.host_site import HostSite, build_wheel, follow_the_page, start

pytestmark = pytest.mark.install

# The long-term release, and the newest that the registry has within what the plugin says it supports.
VERSIONS = {"7.4": "wagtail>=7.4,<7.5", "newest": "wagtail>=7.4,<9"}


@pytest.fixture(scope="module", params=VERSIONS.values(), ids=VERSIONS.keys())
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> HostSite:
    """A host site with the plugin in it, migrated and checked."""
    wagtail = request.param
    wheel = build_wheel(tmp_path_factory.mktemp("dist"))
    host = start(tmp_path_factory.mktemp("host") / "site", wagtail=wagtail)
    follow_the_page(host, wheel, wagtail=wagtail)
    return host


@pytest.fixture(scope="module")
def address(site: HostSite) -> Iterator[str]:
    """Where the host site answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Path(f"{site.folder}.log").open("w") as log:
        server = subprocess.Popen(
            [site.programs / "python", "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=site.folder,
            env={**site.variables(), "SITE_URL": f"http://127.0.0.1:{port}"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        wait_for(server, port)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(10)


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
