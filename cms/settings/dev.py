"""For one's own machine: `make run`. Keys are made on first start and kept in var/."""

import os

from cms.settings.base import *  # noqa: F403
from cms.settings.base import CONNEXION, VAR_DIR
from cms.settings.demo_keys import demo_keys

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
INTERNAL_IPS = ["127.0.0.1"]
SECRET_KEY, _master_key = demo_keys(VAR_DIR)
CONNEXION = {
    **CONNEXION,
    "MASTER_KEY": CONNEXION["MASTER_KEY"] or _master_key,
    "SUPPORT_TELEPHONE": CONNEXION["SUPPORT_TELEPHONE"] or "1 800 555-0199",
    "SHOW_MAILBOX": True,
}
if "EMAIL_HOST" not in os.environ:
    # Readable at the demo's mailbox page, with no SMTP server.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mailbox"
