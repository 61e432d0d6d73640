"""For the tests: SQLite unless DATABASE_URL names a PostgreSQL; keys and files in a temporary folder."""

import atexit
import os
import shutil
import tempfile

# One folder a test process; a process that a test starts inherits its parent's.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("CONNEXION_VAR_OF") != _worker:
    _folder = tempfile.mkdtemp(prefix="connexion-test-")
    os.environ.update(CONNEXION_VAR=_folder, CONNEXION_VAR_OF=_worker)
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)

from cms.settings.base import *  # noqa: E402, F403
from cms.settings.base import CONNEXION, DATABASES, SILENCED_SYSTEM_CHECKS, STORAGES, VAR_DIR  # noqa: E402

DEBUG = False
SECRET_KEY = "for-tests-only-and-long-enough-to-be-no-warning-0123456789abcdef"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CONNEXION = {
    **CONNEXION,
    "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "KEY_STORE": str(VAR_DIR / "keys"),
    "SUPPORT_TELEPHONE": "1 800 555-0199",
}
SILENCED_SYSTEM_CHECKS = [
    *SILENCED_SYSTEM_CHECKS,
    "connexion.E012",
]  # one process: its cache need not be shared
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {**STORAGES}
STATIC_ROOT = VAR_DIR / "static"  # empty: nothing is collected for the tests
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # No test pulls the plug: what was committed is there for all who look, on disk or not yet.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
_suffix = os.environ.get("TEST_DB_SUFFIX", "")
if _suffix:
    if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{_suffix}.sqlite3")}
    else:
        DATABASES["default"]["TEST"] = {"NAME": f"test_connexion_{_suffix}"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
Q_CLUSTER = {"name": "tests", "orm": "default", "workers": 1, "timeout": 60, "retry": 120, "sync": False}
LOGGING = {"version": 1, "disable_existing_loggers": False}
