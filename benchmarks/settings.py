"""Production's settings, for measurements; the environment comes from `site.environment`."""

from cms.settings.production import *  # noqa: F403
from cms.settings.production import STORAGES

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "benchmarks.static_files.StaticFiles"},
}
