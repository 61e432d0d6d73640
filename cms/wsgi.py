import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")
application = get_wsgi_application()
# What is loaded by now stays as long as the process: whoever's request met a search for garbage through all of it
# waited a tenth of a second for nothing.
gc.collect()
gc.freeze()
# A page makes some thousands of objects and drops nearly all by itself: one search in ten pages is enough.
gc.set_threshold(10_000)
