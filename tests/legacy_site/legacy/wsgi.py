"""The WSGI application: `granian --interface wsgi --working-dir tests/legacy_site legacy.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legacy.settings")
application = get_wsgi_application()
