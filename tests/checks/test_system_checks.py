"""Each required setting left out is named by a system check with the line to paste (house.md)."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import include, path

from cms.settings import base
from connexion_plugin.apps import REQUIRED_APPS
from connexion_plugin.checks import doors, environment, exact, people
from tests.factories import make_person

Check = Callable[..., list[CheckMessage]]

WITHOUT_US = (("admin/", "wagtail.admin.urls"), ("", "wagtail.urls"))
BELOW_THE_CATCH_ALL = (("", "tests.checks.catch_all"), ("connexion/", "connexion_plugin.urls.portal"))


class Urls:
    """Stands for the URL configuration of a host."""

    def __init__(self, included: tuple[tuple[str, str], ...]) -> None:
        self.urlpatterns = [path(prefix, include(module)) for prefix, module in included]


def only(found: list[CheckMessage]) -> CheckMessage:
    assert len(found) == 1, found
    return found[0]


def assert_named(found: list[CheckMessage], number: str, line: str) -> None:
    assert [message.id for message in found] == [f"connexion.{number}"]
    assert line in (found[0].hint or "")


ALL = [
    *(doors.check_order_of_apps, doors.check_middleware, doors.check_authentication_backends),
    *(doors.check_portal_urls, doors.check_admin_doors, doors.check_django_admin_door),
    *(environment.check_queue, environment.check_storage, environment.check_languages),
    *(environment.check_templates, environment.check_connexion, environment.check_sqlite),
    exact.check_exact_settings,
]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_the_sites_own_settings_leave_nothing_to_say(check: Check) -> None:
    assert check(None) == []


@pytest.mark.parametrize("name", REQUIRED_APPS)
def test_a_missing_application_stops_the_start_with_the_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set beneath Django's signal: only the plugin's question is asked here, no registry is rebuilt.
    others = [app for app in settings.INSTALLED_APPS if app != name]
    monkeypatch.setattr(settings, "INSTALLED_APPS", others)

    with pytest.raises(ImproperlyConfigured, match=rf"E001.*'connexion_plugin', '{re.escape(name)}'"):
        apps.get_app_config("connexion_plugin").import_models()


@pytest.mark.parametrize("wanted", exact.EXACT, ids=lambda wanted: wanted.name)
def test_a_setting_left_out_is_named_with_its_line(wanted: exact.Exact, settings: Any) -> None:
    if hasattr(settings, wanted.name):
        delattr(settings, wanted.name)

    found = [
        message for message in exact.check_exact_settings(None) if message.msg.startswith(f"{wanted.name} ")
    ]

    assert_named(found, wanted.number, f"{wanted.name} = {wanted.value!r}")


@pytest.mark.parametrize("path_of_middleware", doors.MIDDLEWARE)
def test_a_middleware_left_out_is_named(path_of_middleware: str, settings: Any) -> None:
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if path != path_of_middleware]

    assert_named(doors.check_middleware(None), "E003", f"MIDDLEWARE += ['{path_of_middleware}']")


def test_middlewares_in_another_order_are_named(settings: Any) -> None:
    settings.MIDDLEWARE = list(reversed(settings.MIDDLEWARE))

    assert_named(doors.check_middleware(None), "E003", "SecondFactorMiddleware")


def test_the_plugin_below_wagtails_admin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    below = [app for app in settings.INSTALLED_APPS if app != "connexion_plugin"] + ["connexion_plugin"]
    monkeypatch.setattr(settings, "INSTALLED_APPS", below)

    assert_named(doors.check_order_of_apps(None), "E002", '"connexion_plugin", …, *INSTALLED_APPS')


def test_another_back_end_alone_is_named(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

    assert_named(doors.check_authentication_backends(None), "E004", doors.BACKEND)


def test_a_second_back_end_is_a_second_door(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [doors.BACKEND, "django.contrib.auth.backends.ModelBackend"]

    assert_named(
        doors.check_authentication_backends(None), "E004", f"AUTHENTICATION_BACKENDS = ['{doors.BACKEND}']"
    )


@pytest.mark.parametrize(
    "queue", [None, {}, {"retry": 600}, {"timeout": 300}, {"timeout": 300, "retry": 300}], ids=repr
)
def test_a_queue_that_would_deliver_twice_is_named(queue: Any, settings: Any) -> None:
    settings.Q_CLUSTER = queue

    assert_named(environment.check_queue(None), "E010", '"timeout": 300, "retry": 600')


def test_a_missing_storage_is_named(settings: Any) -> None:
    settings.STORAGES = {name: storage for name, storage in settings.STORAGES.items() if name != "connexion"}

    assert_named(environment.check_storage(None), "E011", 'STORAGES["connexion"] = ')


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_that_processes_do_not_share_is_named(backend: str, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}

    assert_named(environment.check_cache(None), "E012", "DatabaseCache")


@pytest.mark.parametrize(
    ("shared", "found"),
    [
        ({"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "t"}, ["connexion.W010"]),
        (
            {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/f"},
            ["connexion.W010"],
        ),
        ({"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://r"}, []),
        (
            {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "t",
                "OPTIONS": {"MAX_ENTRIES": 10_000},
            },
            [],
        ),
    ],
)
def test_a_cache_that_drops_rate_limits_is_named(
    shared: dict[str, Any], found: list[str], settings: Any
) -> None:
    settings.CACHES = {"default": shared}

    assert [each.id for each in environment.check_cache_size(None)] == found


@pytest.mark.spec("I6", "D6")
@pytest.mark.django_db
def test_the_sites_own_cache_keeps_what_is_in_force_beside_much_else(settings: Any) -> None:
    settings.CACHES = base.CACHES
    call_command("createcachetable")
    # Django drops the first third by name, and those of the rate limits begin with an a.
    cache.set("allauth:rl:login", 5, 600)
    for number in range(400):
        cache.set(f"connexion:{number}", True, 600)

    assert cache.get("allauth:rl:login") == 5


@pytest.mark.parametrize("backend", ["db.DatabaseCache", "redis.RedisCache", "filebased.FileBasedCache"])
def test_a_shared_cache_is_fine(backend: str, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "/nowhere"}
    }

    assert environment.check_cache(None) == []


@pytest.mark.parametrize(
    ("name", "value"), [("LANGUAGES", [("en", "English")]), ("USE_I18N", False), ("USE_TZ", False)]
)
def test_a_language_or_zone_switched_off_is_named(name: str, value: Any, settings: Any) -> None:
    setattr(settings, name, value)

    assert_named(environment.check_languages(None), "E013", "USE_I18N = USE_TZ = True")


@pytest.mark.parametrize("processor", sorted(environment.CONTEXT_PROCESSORS))
def test_a_missing_context_processor_is_named(processor: str, settings: Any) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].remove(processor)
    settings.TEMPLATES = templates

    assert_named(environment.check_templates(None), "E014", "context_processors.connexion")


@pytest.mark.parametrize(
    ("name", "value"), [("MASTER_KEY", ""), ("MASTER_KEY", "c2hvcnQ="), ("KEY_STORE", ""), ("SITE_URL", "")]
)
def test_what_the_plugins_dictionary_lacks_is_named(name: str, value: str, settings: Any) -> None:
    settings.CONNEXION = {**settings.CONNEXION, name: value}

    message = only(environment.check_connexion(None))

    assert message.id == "connexion.E015"
    assert f'CONNEXION["{name}"]' in message.msg
    assert "CONNEXION = {" in message.msg or "connexion_keys create-master" in message.msg


def test_a_dictionary_that_is_missing_whole_is_named(settings: Any) -> None:
    del settings.CONNEXION

    assert {message.id for message in environment.check_connexion(None)} == {"connexion.E015"}


@pytest.mark.parametrize("urls", [WITHOUT_US, BELOW_THE_CATCH_ALL], ids=["missing", "below the catch-all"])
def test_a_portal_that_cannot_be_reached_is_named(urls: tuple[tuple[str, str], ...], settings: Any) -> None:
    settings.ROOT_URLCONF = Urls(urls)

    assert_named(doors.check_portal_urls(None), "E016", 'include("connexion_plugin.urls.portal")')


def test_wagtails_own_sign_in_page_is_named(settings: Any) -> None:
    settings.ROOT_URLCONF = Urls(WITHOUT_US)

    assert_named(doors.check_admin_doors(None), "E017", 'include("connexion_plugin.urls.admin_doors")')


def test_the_sign_in_page_of_djangos_admin_is_named(settings: Any) -> None:
    settings.ROOT_URLCONF = Urls((("django-admin/", "tests.checks.django_admin"),))

    assert_named(doors.check_django_admin_door(None), "E018", "admin.site.urls")


def test_sqlite_that_would_refuse_posts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}})

    assert_named(environment.check_sqlite(None), "W001", '"transaction_mode": "IMMEDIATE"')


def test_another_hasher_is_named_before_a_deployment(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    assert_named(
        environment.check_password_hashers(None), "W002", "connexion_plugin.accounts.authentication.Argon2id"
    )


@pytest.mark.django_db
def test_a_superuser_without_a_verified_address_is_named(django_user_model: Any) -> None:
    make_person("Simone Operator", is_superuser=True)
    django_user_model.objects.create_superuser("theo")
    django_user_model.objects.create_superuser("gone", is_active=False)

    assert_named(people.check_superusers(None, databases=["default"]), "W003", "connexion_setup")
    assert "theo" in people.check_superusers(None, databases=["default"])[0].msg


def test_the_check_of_people_waits_until_it_is_asked_about_the_database() -> None:
    assert people.check_superusers(None) == []


@pytest.mark.parametrize(("attempts", "found"), [(2, []), (3, ["connexion.W006"])])
def test_a_storage_far_away_gives_up_before_an_upload_is_held_for_somebody_else(settings, attempts, found):
    from botocore.config import Config

    config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": attempts})
    options = {"client_config": config, "file_overwrite": False}
    there = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "connexion": there}
    assert [message.id for message in environment.check_storage(None)] == found


def test_one_that_waits_as_long_as_its_client_does_by_itself_and_replaces_what_is_there_is_named_twice(
    settings,
):
    there = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "sealed"}}
    settings.STORAGES = {**settings.STORAGES, "connexion": there}
    assert [message.id for message in environment.check_storage(None)] == ["connexion.W006", "connexion.W009"]


@pytest.mark.parametrize(("taken", "found"), [(100, ["connexion.W007"]), (1000, []), (None, [])])
def test_a_form_without_scripts_may_bring_as_many_documents_as_a_message_carries(settings, taken, found):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = taken
    assert [message.id for message in environment.check_form_files(None)] == found
