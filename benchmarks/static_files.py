"""Production's static files without the compression that takes a minute and changes no answer here."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from cms.static_files import RememberedAddresses


class StaticFiles(RememberedAddresses, ManifestStaticFilesStorage):
    pass
