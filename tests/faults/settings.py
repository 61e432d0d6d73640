"""For the processes that these tests start: the database of the test, its SMTP server, short patience."""

import os

from cms.settings.test import *  # noqa: F403
from cms.settings.test import CONNEXION, DATABASES

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["EMAIL_PORT"])
EMAIL_TIMEOUT = 1
DATABASES["default"]["CONN_MAX_AGE"] = 0
CONNEXION = {**CONNEXION, "UPLOAD_LEASE_SECONDS": 2}
Q_CLUSTER = {
    "name": "faults",
    "orm": "default",
    "workers": 2,
    "timeout": 60,
    "retry": 120,
    "ack_failures": True,
    "max_attempts": 1,
    "poll": 0.2,
}
