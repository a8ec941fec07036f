"""Settings for Django's own tests, in force as soon as this is imported."""

import os
import time

import django
from django.conf import settings

APPS = ("contenttypes", "auth", "sites", "sessions", "messages", "admin", "staticfiles", "humanize")
if not settings.configured:
    # Naive times are the process's, as Django's own runner has them.
    os.environ["TZ"] = "America/Chicago"
    time.tzset()
    settings.configure(
        INSTALLED_APPS=[f"django.contrib.{app}" for app in APPS],
        USE_TZ=False, LANGUAGE_CODE="en", TIME_ZONE="America/Chicago", SECRET_KEY="suite",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        STATIC_URL="/static/", MEDIA_URL="/media/",
    )  # fmt: skip
    django.setup()
