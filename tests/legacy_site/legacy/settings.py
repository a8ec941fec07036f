"""Settings of the reference Django site. Where values matter to visitors they equal python.org's.

DATABASE_URL and DJANGO_SECRET_KEY, _MEDIA_ROOT, _EMAIL_FILE_PATH and _DEBUG are read from the environment.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.contrib.messages import constants

from legacy.markup import MARKUP_FIELD_TYPES as MARKUP_FIELD_TYPES

BASE = Path(__file__).resolve().parent.parent


def database(url: str) -> dict[str, object]:
    """`postgresql://user:password@host:port/name?host=/socket/folder` as a DATABASES entry."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
    }


DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "the-reference-site-has-nothing-to-hide")
ALLOWED_HOSTS = ["*"]
SITE_ID = 1
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///legacy"))}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache_table"}}

SITE_VARIABLES = {
    "site_name": "Python.org",
    "site_descript": "The official home of the Python Programming Language",
}

TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English"), ("de", "German")]
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y-m-d"

MEDIA_ROOT = os.environ.get("DJANGO_MEDIA_ROOT", str(BASE / "media"))
MEDIA_URL = "/media/"
STATIC_ROOT = str(BASE / "static-root")
STATIC_URL = "/static/"
STATICFILES_DIRS = [str(BASE / "static")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "pipeline.storage.PipelineStorage"},
}
PIPELINE = {
    "CSS_COMPRESSOR": None,
    "JS_COMPRESSOR": None,
    "DISABLE_WRAPPER": True,
    "STYLESHEETS": {
        "style": {
            "source_filenames": ["stylesheets/style.css"],
            "output_filename": "stylesheets/style.css",
            "extra_context": {"title": "default"},
        },
    },
    "JAVASCRIPT": {"main": {"source_filenames": ["js/script.js"], "output_filename": "js/main-min.js"}},
}

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = (
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
)
AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = []
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_VALIDATORS = "apps.users.validators.username_validators"

ROOT_URLCONF = "legacy.urls"
WSGI_APPLICATION = "legacy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(BASE / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.media",
                "django.template.context_processors.static",
                "django.template.context_processors.tz",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "legacy.context_processors.site_info",
                "legacy.context_processors.url_name",
                "legacy.context_processors.host_with_scheme",
                "legacy.context_processors.blog_url",
                "legacy.context_processors.user_nav_bar",
            ],
        },
    },
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "legacy.middleware.admin_is_private",
    "legacy.middleware.surrogate_key",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "waffle.middleware.WaffleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.pages.middleware.page_fallback",
    "django.contrib.redirects.middleware.RedirectFallbackMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.redirects",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
PACKAGE_APPS = [
    "admin_interface",
    "colorfield",
    "django.contrib.admin",
    "django.contrib.admindocs",
    "django_celery_beat",
    "pipeline",
    "sitetree",
    "imagekit",
    "haystack",
    "honeypot",
    "waffle",
    "ordered_model",
    "widget_tweaks",
    "django_countries",
    "sorl.thumbnail",
]
SITE_APPS = [
    f"apps.{name}"
    for name in [
        "banners",
        "blogs",
        "boxes",
        "cms",
        "codesamples",
        "community",
        "companies",
        "downloads",
        "events",
        "jobs",
        "mailing",
        "minutes",
        "nominations",
        "pages",
        "sponsors",
        "successstories",
        "users",
        "work_groups",
    ]
    if (BASE / "apps" / name / "__init__.py").exists()
]
LATE_APPS = [
    "allauth",
    "allauth.account",
    "tastypie",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "polymorphic",
]
INSTALLED_APPS = [*DJANGO_APPS, *PACKAGE_APPS, "legacy", *SITE_APPS, *LATE_APPS]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR"}},
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ("rest_framework.authentication.TokenAuthentication",),
    "DEFAULT_RENDERER_CLASSES": ("rest_framework.renderers.JSONRenderer",),
    "URL_FIELD_NAME": "resource_uri",
    "DEFAULT_FILTER_BACKENDS": ("django_filters.rest_framework.DjangoFilterBackend",),
    "DEFAULT_THROTTLE_CLASSES": (
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ),
    "DEFAULT_THROTTLE_RATES": {"anon": "100/day", "user": "3000/day"},
    "NUM_PROXIES": 3,
}

HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "legacy.search_engine.Engine"}}
HONEYPOT_FIELD_NAME = "email_body_text"
HONEYPOT_VALUE = "write your message"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
GLOBAL_SURROGATE_KEY = "pydotorg-app"
PYTHON_BLOG_URL = "https://blog.python.org"
RELEASE_CYCLE_URL = (BASE / "static" / "release-cycle.json").as_uri()
MESSAGE_TAGS = {constants.INFO: "general"}
JOB_THRESHOLD_DAYS = 90
DEFAULT_FROM_EMAIL = "noreply@python.org"
EMAIL_FILE_PATH = os.environ.get("DJANGO_EMAIL_FILE_PATH")
EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if EMAIL_FILE_PATH else 'locmem'}.EmailBackend"
CONTENT_SECURITY_POLICY_REPORT_ONLY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
        "form-action": ["'self'"],
    },
}
