"""What the host must give: a queue, a storage, a shared cache, languages, keys."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from connexion_plugin.checks.findings import Apps, error, warning
from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.exceptions import NotConfigured

CONTEXT_PROCESSORS = {
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "connexion_plugin.context_processors.connexion",
}
CACHE_ENTRIES = 10_000  # a table counts them at each write: a millisecond


@register()
def check_queue(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """django-q2's defaults deliver a slow task twice, and bring failed ones back for ever (house.md)."""
    line = (
        'Q_CLUSTER = {"name": "connexion", "orm": "default", "timeout": 300, "retry": 600, '
        '"max_attempts": 3, "ack_failures": True, "catch_up": False}'
    )
    queue = getattr(settings, "Q_CLUSTER", None)
    if not queue:
        return [error("E010", "Q_CLUSTER is missing: no e-mail would leave.", line)]
    timeout = queue.get("timeout")
    if not timeout or queue.get("retry", 60) <= timeout:
        return [error("E010", "Q_CLUSTER needs a timeout, and a retry above it.", line)]
    return []


@register()
def check_storage(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Sealed parts of documents live in a storage of their own, which nobody serves."""
    line = (
        'STORAGES["connexion"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", '
        '"OPTIONS": {"location": BASE_DIR / "var" / "parts", "file_permissions_mode": 0o600}}'
    )
    if "connexion" in settings.STORAGES:
        storage: Any = settings.STORAGES["connexion"]
        options = storage.get("OPTIONS", {})
        is_s3 = str(storage.get("BACKEND", "")).startswith("storages.backends.s3")
        return [*_storage_patience(options, is_s3=is_s3), *(_storage_overwrites(options) if is_s3 else [])]
    return [error("E011", 'STORAGES has no "connexion", where sealed documents are kept.', line)]


def _storage_overwrites(options: dict[str, Any]) -> list[CheckMessage]:
    """Unless told not to, django-storages replaces without asking; a part that stands is to be met knowingly."""
    if options.get("file_overwrite", True) is False:
        return []
    line = 'STORAGES["connexion"]["OPTIONS"]["file_overwrite"] = False'
    return [warning("W009", "The storage replaces parts of documents that are there already.", line)]


def _storage_patience(options: dict[str, Any], *, is_s3: bool) -> list[CheckMessage]:
    """A part that is still on its way to S3 when its lease has run out could land upon another request's."""
    config = options.get("client_config")
    waits = [getattr(config, name, None) for name in ("connect_timeout", "read_timeout")]
    if config is None and not is_s3:
        return []
    attempts = (getattr(config, "retries", None) or {}).get("total_max_attempts", 5)  # botocore's own number
    longest = sum(60 if wait is None else wait for wait in waits) * attempts
    if longest < connexion_settings.upload_lease_seconds:
        return []
    line = (
        f'CONNEXION["UPLOAD_LEASE_SECONDS"] = {int(longest) + 5}, or shorter timeouts and fewer attempts in '
        'STORAGES["connexion"]["OPTIONS"]["client_config"]'
    )
    return [warning("W006", "The storage may write a part for longer than an upload is held.", line)]


@register()
def check_form_files(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A browser without scripts sends the documents of a message in one form, of which Django takes 100 by itself."""
    most, wanted = settings.DATA_UPLOAD_MAX_NUMBER_FILES, connexion_settings.message_files_limit
    if most is None or most >= wanted:
        return []
    line = f"DATA_UPLOAD_MAX_NUMBER_FILES = {wanted}"
    return [warning("W007", f"A form takes {most} documents, a message {wanted}.", line)]


@register()
def check_cache(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A cache a process would double every rate limit; none at all would lift them (spec I6)."""
    line = (
        'CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", '
        f'"LOCATION": "connexion_cache", "OPTIONS": {{"MAX_ENTRIES": {CACHE_ENTRIES}}}}}}}, '
        "then once: python manage.py createcachetable"
    )
    backend = settings.CACHES.get("default", {}).get("BACKEND", "")
    if not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    return [error("E012", "Processes do not share the default cache: rate limits would not hold.", line)]


@register()
def check_cache_size(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Django's caches in a table or a folder keep 300 entries, and drop a third of those that are in force above that:
    rate limits among them (spec I6), and which documents are damaged (D6)."""
    cache: dict[str, Any] = settings.CACHES.get("default", {})
    most: int = cache.get("MAX_ENTRIES", cache.get("OPTIONS", {}).get("MAX_ENTRIES", 300))
    if not cache.get("BACKEND", "").endswith(("DatabaseCache", "FileBasedCache")) or most >= CACHE_ENTRIES:
        return []
    line = f'CACHES["default"]["OPTIONS"] = {{"MAX_ENTRIES": {CACHE_ENTRIES}}}'
    return [warning("W010", f"The default cache drops what is in force above {most} entries.", line)]


@register()
def check_languages(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The portal speaks both languages, whatever the host's own is."""
    line = 'USE_I18N = USE_TZ = True, and LANGUAGES = [("fr", "Français"), ("en", "English")]'
    missing = {"fr", "en"} - {code for code, _ in settings.LANGUAGES}
    if not missing and settings.USE_I18N and settings.USE_TZ:
        return []
    return [error("E013", "French, English, translation and time zones must all be on.", line)]


@register()
def check_templates(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The portal's layout asks for these on every page."""
    line = (
        'TEMPLATES[0]["APP_DIRS"] = True, and TEMPLATES[0]["OPTIONS"]["context_processors"] += '
        '["connexion_plugin.context_processors.connexion"]'
    )
    for engine in settings.TEMPLATES:
        options: Any = engine.get("OPTIONS", {})
        if engine.get("APP_DIRS") and set(options.get("context_processors", ())) >= CONTEXT_PROCESSORS:
            return []
    return [error("E014", "No template engine has what the portal's pages need.", line)]


@register()
def check_connexion(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """What of the plugin's own dictionary has no default that would be safe; the exception has the line."""
    found: list[CheckMessage] = []
    for name in ("master_key", "previous_master_keys", "key_store_folder", "site_url", "scanner"):
        try:
            getattr(connexion_settings, name)
        except NotConfigured as refusal:
            found.append(Error(str(refusal), id="connexion.E015"))  # it holds the line to paste
    return found


@register()
def check_sqlite(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Without IMMEDIATE transactions 42 posts of 100 failed beside a worker (house.md)."""
    line = (
        'DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, '
        '"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}'
    )
    database = settings.DATABASES["default"]
    immediate = database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE"
    if immediate or not database["ENGINE"].endswith("sqlite3"):
        return []
    return [warning("W001", "SQLite without IMMEDIATE transactions refuses posts beside a worker.", line)]


@register(Tags.security, deploy=True)
def check_password_hashers(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Argon2id at 19 MiB: by Django's own parameters nine sign-ins a second fill two cores (access.md)."""
    ours = "connexion_plugin.accounts.authentication.Argon2id"
    if settings.PASSWORD_HASHERS[0] == ours:
        return []
    line = f"PASSWORD_HASHERS = [{ours!r}, *those that older passwords were hashed by]"
    return [warning("W002", "New passwords are not hashed by the plugin's Argon2id.", line)]
