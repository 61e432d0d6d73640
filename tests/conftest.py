"""The cast: Alice owns, Bob takes part, Charlie is a stranger, Dora administers."""

import gc
import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test import client as test_client
from django.utils import timezone, translation
from django_otp import DEVICE_ID_SESSION_KEY

from connexion_plugin import access
from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import AuthenticatorDevice, Collaborator, Organization
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.sealing import destruction, keys
from connexion_plugin.sealing.folder import FolderKeyStore
from site_content import help_links
from tests import distribution, template_database
from tests.factories import enrol, make_organization, make_person

SignIn = Callable[..., Client]
SMALL_PARTS = re.compile("^django/forms/|/(shared|widgets|panels|icons|tables|userbar)/")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="Leave out the tests that use no database: they ran on the other one.",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    distribution.put_in_order(items)
    if config.getoption("database_only"):
        left_out = [item for item in items if distribution.use_of_database(item) == 2]
        items[:] = [item for item in items if distribution.use_of_database(item) != 2]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """As cms.wsgi does: what is loaded by now stays, and is not searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return distribution.OneProcessASite(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI installs what is needed, a test that misses a program has failed: skipped, it would vanish unseen."""
    report = yield
    if report.skipped and os.environ.get("CONNEXION_CI") and "is missing:" in str(report.longrepr):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """pytest-django's own, and that the database is copied instead of migrated."""
    if os.environ.get("CONNEXION_FRESH_DATABASE"):
        yield
        return
    with django_db_blocker.unblock():
        release = template_database.copy_for_the_tests(Path(request.config.cache.mkdir("template-database")))
    yield
    release()


@pytest.fixture(scope="session", autouse=True)
def key_store() -> FolderKeyStore:
    """The test settings' key store, made once."""
    return FolderKeyStore.initialize(connexion_settings.key_store_folder, connexion_settings.master_key)


@pytest.fixture(scope="session", autouse=True)
def storage_of_documents() -> None:
    """The test settings' folder of documents is there, whatever rows a test has made by hand."""
    mounts.make(sealed_storage())


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    """No test pulls the plug, and what a killed process wrote is there all the same; that it is a file is still seen."""
    with mock.patch("os.fsync", os.fstat):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_context_of_small_parts() -> Iterator[None]:
    """The client copies the context of every template, of which a page of Wagtail's has hundreds: a sixth of its time.
    Those of its fields, icons and buttons nobody looks at."""
    keep = test_client.store_rendered_templates

    def keep_of_pages(store: dict[str, Any], signal: Any, sender: Any, template: Any, **named: Any) -> None:
        if not SMALL_PARTS.search(template.name or ""):
            keep(store, signal, sender, template, **named)

    with mock.patch.object(test_client, "store_rendered_templates", keep_of_pages):
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_row_by_row() -> Iterator[None]:
    """PostgreSQL truncates by new files for ninety tables, and waits for the disk: seconds, for a handful of rows.

    The constraints are looked at when all is gone; whoever still writes is waited for, as TRUNCATE does.
    """

    def statements(ops: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        names = [ops.quote_name(table) for table in tables]
        return [
            f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE",
            *(f"DELETE FROM {name}" for name in names),
        ]

    if connection.vendor != "postgresql":
        yield
        return
    with mock.patch.object(type(connection.ops), "sql_flush", statements):
        yield


@pytest.fixture(scope="session", autouse=True)
def help_is_remembered() -> Iterator[None]:
    """For ever, so that no half minute ends between two counts of statements."""
    with mock.patch.object(help_links, "REMEMBERED_SECONDS", 10**9):
        yield


@pytest.fixture(autouse=True, scope="session")
def addresses_in_one_piece() -> Iterator[None]:
    """A page lets an address go on in the next line (`<wbr>`, plain_text.breakable). What looks for one in a page, and
    what makes sure that there is none, looks at what is read."""
    asked = Client.request

    def request(client: Client, **environ: Any) -> Any:
        response = asked(client, **environ)
        if not response.streaming and b"<wbr>" in response.content:
            response.content = response.content.replace(b"<wbr>", b"")
        return response

    with mock.patch.object(Client, "request", request):
        yield


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    """Each test's database forgets its rows; so does the process their keys."""
    keys.forget()


@pytest.fixture
def settled_standing_key(db: None) -> None:
    """As in service, where it was committed long ago and is read once a process: for walks of thousands of pages."""
    keys.standing_key()
    long_ago = timezone.now() - 2 * keys.LONGEST_TRANSACTION
    EpochKey.objects.filter(organization=None, day=None, hold=None).update(created_at=long_ago)


@pytest.fixture
def trusted_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a day under a living worker: what is past its hour may be taken back."""
    monkeypatch.setattr(destruction, "trusts_clock", lambda now: True)


@pytest.fixture(autouse=True)
def language_of_the_site() -> None:
    """LocaleMiddleware leaves the language of the last request active in the thread."""
    translation.activate("fr")


@pytest.fixture
def organization(db: None) -> Organization:
    return make_organization("Étude Tremblay")


@pytest.fixture
def other_organization(db: None) -> Organization:
    """Another one, in English, whose people must see nothing of the first."""
    return make_organization("Harbour Legal", language="en", time_zone="America/Halifax")


@pytest.fixture
def alice(organization: Organization) -> Any:
    """A collaborator of the first organization."""
    enrol(organization, "alice@etude-tremblay.example", name="Alice Tremblay")
    return make_person("Alice Tremblay", "alice@etude-tremblay.example")


@pytest.fixture
def alice_enrolment(alice: Any, organization: Organization) -> Collaborator:
    return Collaborator.unscoped.get(organization=organization, address="alice@etude-tremblay.example")


@pytest.fixture
def bob(db: None) -> Any:
    """A participant with two personas, who reads English."""
    return make_person("Bob Gagnon", "bob@example.org", "bob.gagnon@work.example", language="en")


@pytest.fixture
def charlie(db: None) -> Any:
    """A stranger: an account like any other, and no seat in anything."""
    return make_person("Charlie Roy", "charlie@example.org")


@pytest.fixture
def dora(organization: Organization) -> Any:
    """Administers the first organization, and may never read a title, a text or a file name."""
    user = make_person("Dora Lavoie", "dora@etude-tremblay.example")
    access.make_administrator(user=user, organization=organization)
    return user


@pytest.fixture
def superuser(db: None) -> Any:
    return make_person("Simone Operator", "simone@example.org", is_staff=True, is_superuser=True)


def sign_in(client: Client, user: Any, *, second_factor: bool = True) -> Client:
    """Opens a session for the person; with `second_factor`, as if a code had been entered in it."""
    client.force_login(user)
    if second_factor:
        device, _ = AuthenticatorDevice.objects.get_or_create(user=user, name="telephone", confirmed=True)
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


@pytest.fixture(name="sign_in")
def sign_in_fixture(client: Client) -> SignIn:
    """`sign_in(user)` on the test's client, `sign_in(user, client=Client())` on another."""

    def enter(user: Any, *, client: Client = client, second_factor: bool = True) -> Client:
        return sign_in(client, user, second_factor=second_factor)

    return enter
