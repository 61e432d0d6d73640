"""For the processes that these tests start: the database of the test, its SMTP server, short patience."""

import os

from cms.settings.test import *  # noqa: F403
from cms.settings.test import CONNEXION, DATABASES, STORAGES

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["EMAIL_PORT"])
EMAIL_TIMEOUT = 1
DATABASES["default"]["CONN_MAX_AGE"] = 0
CONNEXION = {**CONNEXION, "UPLOAD_LEASE_SECONDS": 2}
if floor := os.environ.get("FREE_SPACE_FLOOR_BYTES"):
    CONNEXION["FREE_SPACE_FLOOR_BYTES"] = int(floor)
if folder := os.environ.get("PARTS_FOLDER"):
    options = {**STORAGES["connexion"]["OPTIONS"], "location": folder}  # type: ignore[dict-item]
    STORAGES = {**STORAGES, "connexion": {**STORAGES["connexion"], "OPTIONS": options}}
if port := os.environ.get("S3_PORT"):
    from tests.documents.s3_server import s3_options

    STORAGES = {
        **STORAGES,
        "connexion": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3_options(int(port))},
    }
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
