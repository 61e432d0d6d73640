import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")
# What is loaded stays as long as the process: to look for garbage in it delays the start, and would make whoever's
# request met such a search wait a tenth of a second for nothing.
gc.disable()
application = get_wsgi_application()
_views = get_resolver().url_patterns  # read now, not by the first request
gc.freeze()
# A page makes some thousands of objects and drops nearly all by itself: one search in ten pages is enough.
gc.set_threshold(10_000)
gc.enable()
