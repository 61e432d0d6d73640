"""Production's settings, for measurements; the environment comes from `site.environment`.

Static files keep their hashed names, without the compression that takes a minute and changes no answer here.
"""

from cms.settings.production import *  # noqa: F403
from cms.settings.production import STORAGES

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
