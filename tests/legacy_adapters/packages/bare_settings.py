"""A site of nothing but Django, any version from 4.2 on: its URLs, its static files."""

SECRET_KEY = "a secret of the bare site"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "tests.legacy_adapters.packages.urls"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
