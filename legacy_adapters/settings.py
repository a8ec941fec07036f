"""The Django settings that both sides must agree on, with Django's own defaults.

A setting that a manifest does not name has the value that Django gives it. Names are Django's, in lower case. Secrets
are not here: the new side is given SECRET_KEY by its own environment, and compares fingerprints.
"""

import hashlib

import msgspec

FINGERPRINT_SALT, FINGERPRINT_ROUNDS = b"bridge.manifest.secret", 200_000


class LegacySettings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """Defaults: django/conf/global_settings.py, 5.2."""

    auth_user_model: str = "auth.User"
    authentication_backends: tuple[str, ...] = ("django.contrib.auth.backends.ModelBackend",)
    auth_password_validators: tuple[str, ...] = ()
    """The names of the rules for new passwords; their options stay in the site's settings."""
    password_hashers: tuple[str, ...] = tuple(
        f"django.contrib.auth.hashers.{name}PasswordHasher"
        for name in ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "Scrypt")
    )
    password_reset_timeout: int = 60 * 60 * 24 * 3
    signing_backend: str = "django.core.signing.TimestampSigner"

    session_engine: str = "django.contrib.sessions.backends.db"
    session_serializer: str = "django.contrib.sessions.serializers.JSONSerializer"
    session_cache_alias: str = "default"
    session_cookie_name: str = "sessionid"
    session_cookie_age: int = 60 * 60 * 24 * 7 * 2
    session_cookie_domain: str | None = None
    session_cookie_path: str = "/"
    session_cookie_secure: bool = False
    session_cookie_httponly: bool = True
    session_cookie_samesite: str | bool | None = "Lax"
    session_save_every_request: bool = False
    session_expire_at_browser_close: bool = False
    session_file_path: str | None = None
    signed_cookie_legacy_salt_fallback: bool = True

    csrf_cookie_name: str = "csrftoken"
    csrf_cookie_age: int | None = 60 * 60 * 24 * 7 * 52
    csrf_cookie_domain: str | None = None
    csrf_cookie_path: str = "/"
    csrf_cookie_secure: bool = False
    csrf_cookie_httponly: bool = False
    csrf_cookie_samesite: str | bool | None = "Lax"
    csrf_header_name: str = "HTTP_X_CSRFTOKEN"
    csrf_trusted_origins: tuple[str, ...] = ()
    csrf_use_sessions: bool = False

    message_storage: str = "django.contrib.messages.storage.fallback.FallbackStorage"
    message_level: int = 20
    message_tags: dict[int, str] = {}

    allowed_hosts: tuple[str, ...] = ()
    append_slash: bool = True
    prepend_www: bool = False
    force_script_name: str | None = None
    use_x_forwarded_host: bool = False
    use_x_forwarded_port: bool = False
    secure_proxy_ssl_header: tuple[str, str] | None = None
    secure_ssl_redirect: bool = False
    x_frame_options: str = "DENY"
    middleware: tuple[str, ...] = ()
    data_upload_max_memory_size: int | None = 2621440

    default_from_email: str = "webmaster@localhost"
    email_backend: str = "django.core.mail.backends.smtp.EmailBackend"
    email_file_path: str | None = None
    email_host: str = "localhost"
    email_port: int = 25
    email_timeout: float | None = None
    email_use_ssl: bool = False
    email_use_tls: bool = False

    debug: bool = False
    root_urlconf: str = ""
    installed_apps: tuple[str, ...] = ()
    default_charset: str = "utf-8"
    language_code: str = "en-us"
    time_zone: str | None = "America/Chicago"
    use_tz: bool = True
    use_i18n: bool = True
    use_thousand_separator: bool = False
    site_id: int | None = None
    static_url: str | None = None
    media_url: str = "/"
    login_url: str = "/accounts/login/"
    login_redirect_url: str = "/accounts/profile/"
    logout_redirect_url: str | None = None


def fingerprint(secret: str) -> str:
    """What introspect.py writes instead of SECRET_KEY: equal for equal keys, and slow to guess from."""
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), FINGERPRINT_SALT, FINGERPRINT_ROUNDS).hex()[:32]
