"""Django itself, answering questions in a process of its own: one JSON object per line in, one per line out.

It runs under any Django from 4.2 on, with the reference site's settings or, without DATABASE_URL, with none but its own.
A question is `{"ask": name, "with": {…}, "settings": {…}, "now": seconds}`; an answer `{"value": …}`, or
`{"refused": "ClassName", "says": "…"}` where Django raised.
"""

import contextlib
import inspect
import json
import os
import sys
import traceback
from unittest import mock

QUESTIONS = {}
BARE = {
    "SECRET_KEY": "a secret of the bare oracle",
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "ALLOWED_HOSTS": ["*"],
    "DATABASES": {},
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
}


def question(ask):
    QUESTIONS[ask.__name__] = ask
    return ask


@question
def version():
    import django

    return django.get_version()


@question
def tables_made():
    """The tables of django.contrib on the database of DATABASE_URL."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with_table = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache_table"}
    from django.test import override_settings

    with override_settings(CACHES={"default": with_table}):
        call_command("createcachetable", verbosity=0)


@question
def sign(value, salt):
    from django.core.signing import Signer

    return Signer(salt=salt).sign(value)


@question
def unsign(value, salt):
    from django.core.signing import Signer

    return Signer(salt=salt).unsign(value)


@question
def stamp(value, salt):
    from django.core.signing import TimestampSigner

    return TimestampSigner(salt=salt).sign(value)


@question
def unstamp(value, salt, max_age=None):
    from django.core.signing import TimestampSigner

    return TimestampSigner(salt=salt).unsign(value, max_age)


@question
def dumps(value, salt, compress=False):
    from django.core import signing

    return signing.dumps(value, salt=salt, compress=compress)


@question
def loads(value, salt, max_age=None):
    from django.core import signing

    return signing.loads(value, salt=salt, max_age=max_age)


@question
def signed_cookie(name, value, salt):
    from django.http import HttpResponse

    answer = HttpResponse()
    answer.set_signed_cookie(name, value, salt)
    return answer.cookies[name].value


@question
def read_signed_cookie(name, value, salt, max_age=None):
    request = asked()
    request.COOKIES[name] = value
    return request.get_signed_cookie(name, salt=salt, max_age=max_age)


@question
def cookies_of(header):
    from django.http import parse_cookie

    return parse_cookie(header)


@question
def cookie_header(name, value, **attributes):
    from django.http import HttpResponse

    answer = HttpResponse()
    answer.set_cookie(name, value, **attributes)
    return answer.cookies[name].OutputString()


@question
def forget_header(name, **attributes):
    from django.http import HttpResponse

    answer = HttpResponse()
    answer.delete_cookie(name, **attributes)
    return answer.cookies[name].OutputString()


@question
def vary(before, names):
    from django.http import HttpResponse
    from django.utils.cache import patch_vary_headers

    answer = HttpResponse()
    if before is not None:
        answer.headers["Vary"] = before
    patch_vary_headers(answer, names)
    return answer.headers["Vary"]


def store(key=None):
    from importlib import import_module

    from django.conf import settings

    return import_module(settings.SESSION_ENGINE).SessionStore(key)


@question
def session_text(data):
    return store().encode(data)


@question
def session_data(text):
    return store().decode(text)


@question
def session_made(data):
    made = store()
    made.update(data)
    made.save()
    return made.session_key


@question
def session_read(key):
    found = store(key)
    return {"data": dict(found.items()), "known": found.session_key is not None}


@question
def session_changed(key, data, gone=()):
    """A request of Django's own that read the session, and writes it back."""
    found = store(key)
    found.update(data)
    for name in gone:
        found.pop(name, None)
    found.save()


HELD = {}


@question
def session_held(key):
    """A request of Django's own that has read its session and goes on."""
    HELD[key] = store(key)
    return dict(HELD[key].items())


@question
def session_held_saved(key, data):
    found = HELD.pop(key)
    found.update(data)
    found.save()


@question
def session_counted(key, secret):
    """A view that counts its visitor, and would notice somebody else's session."""
    found = store(key)
    if found.get("secret", secret) != secret:
        raise AssertionError("somebody else's session")
    found["secret"], found["n"] = secret, found.get("n", 0) + 1
    found.save()


@question
def session_ended(key):
    store(key).flush()


@question
def session_expiry(data):
    found = store()
    found.update(data)
    return [found.get_expiry_age(), found.get_expiry_date().isoformat(), found.get_expire_at_browser_close()]


@question
def session_answer(key, change=None, status=200, flush=False, read=True):
    """The middleware's cookies and `Vary` after a view that did this with its session."""
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.http import HttpResponse

    def view(request):
        if read:
            request.session.get("x")
        if change:
            request.session.update(change)
        if flush:
            request.session.flush()
        return HttpResponse(status=status)

    request = asked(cookies={} if key is None else {"sessionid": key})
    answer = SessionMiddleware(view)(request)
    return said(answer)


@question
def user_made(username, password, groups=(), permissions=(), group_permissions=(), **fields):
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group, Permission

    def of(names):
        return [Permission.objects.get(content_type__app_label=a, codename=c) for a, c in (n.split(".") for n in names)]

    user = get_user_model().objects.create_user(username, password=password, **fields)
    for name in groups:
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(of(group_permissions))
        user.groups.add(group)
    user.user_permissions.set(of(permissions))
    return user.pk


@question
def user_seen(pk):
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=pk)
    return {
        "text": str(user),
        "username": user.get_username(),
        "full": user.get_full_name(),
        "short": user.get_short_name(),
        "all": sorted(user.get_all_permissions()),
        "own": sorted(user.get_user_permissions()),
        "groups": sorted(user.get_group_permissions()),
        "last_login": user.last_login and user.last_login.isoformat(),
        "hash": user.get_session_auth_hash(),
        "group ids": sorted(user.groups.values_list("pk", flat=True)),
        "password": user.password,
    }


@question
def user_may(pk, permissions, apps):
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=pk)
    return {
        **{name: user.has_perm(name) for name in permissions},
        **{name: user.has_module_perms(name) for name in apps},
    }


@question
def logged_in(pk, backend, key=None, password=None):
    """`login()` in a request with this session; the new session's key and its data."""
    from django.contrib.auth import get_user_model, login

    request = asked()
    request.session = store(key)
    user = get_user_model().objects.get(pk=pk)
    login(request, user, backend)
    request.session.save()
    return {"key": request.session.session_key, "data": dict(request.session.items())}


@question
def known_as(key):
    """`get_user()` on a session: the name, and what became of the session."""
    from django.contrib.auth import get_user

    request = asked()
    request.session = store(key)
    user = get_user(request)
    if request.session.modified and not request.session.is_empty():
        request.session.save()
    return {"name": str(user), "key": request.session.session_key, "data": dict(request.session.items())}


@question
def csrf(method, cookies, headers, field, secure=False, draw=False, rotate=False, exempt=False, session=None):
    """One request through CsrfViewMiddleware: why it was refused, what the view's form would carry, what is set."""
    from django.http import HttpResponse
    from django.middleware import csrf as module

    class Middleware(module.CsrfViewMiddleware):
        def _reject(self, request, reason):
            return HttpResponse(reason, status=403)

    drawn = []

    def view(request):
        if draw:
            drawn.append(module.get_token(request))
        if rotate:
            module.rotate_token(request)
        return HttpResponse()

    view.csrf_exempt = exempt
    middleware = Middleware(view)
    request = asked(method, cookies=cookies, headers=headers, field=field, secure=secure)
    request.session = filled(session or {})
    middleware.process_request(request)
    answer = middleware.process_view(request, view, (), {}) or view(request)
    middleware.process_response(request, answer)
    return {
        **said(answer),
        "reason": answer.content.decode() if answer.status_code == 403 else None,
        "token": drawn[0] if drawn else None,
        "session": dict(request.session.items()),
    }


@question
def messages(cookies, session, add=(), show=False, level=None):
    """One request that adds messages, and then perhaps shows all: what was shown, what is kept and where."""
    from django.contrib.messages.storage import default_storage
    from django.http import HttpResponse
    from django.utils.safestring import SafeData, mark_safe

    request = asked(cookies=cookies)
    request.session = filled(session)
    storage = default_storage(request)
    if level is not None:
        storage.level = level
    for number, text, tags, safe in add:
        storage.add(number, mark_safe(text) if safe else text, tags)
    shown = None
    if show:
        shown = [[m.level, str(m), m.extra_tags, m.tags, m.level_tag, isinstance(m.message, SafeData)] for m in storage]
    answer = HttpResponse()
    storage.update(answer)
    return {**said(answer), "shown": shown, "session": dict(request.session.items())}


def filled(data):
    from django.contrib.sessions.backends.signed_cookies import SessionStore

    session = SessionStore()
    session._session_cache = dict(data)
    return session


@question
def password_made(password, kind, salt, cheap=True):
    """A stored password of this hasher, as cheap as its form allows."""
    import bcrypt
    from django.contrib.auth import hashers

    hasher = getattr(hashers, kind + "PasswordHasher")()
    if not cheap:
        return hasher.encode(password, salt or hasher.salt())
    if kind.startswith("PBKDF2"):
        return hasher.encode(password, salt, 3)
    if kind == "Scrypt":
        return hasher.encode(password, salt, 16, 1, 1)
    if kind.startswith("BCrypt"):
        return hasher.encode(password, bcrypt.gensalt(4))
    if kind == "Argon2":
        hasher.time_cost, hasher.memory_cost, hasher.parallelism = 1, 64, 1
    return hasher.encode(password, salt)


@question
def password_checked(password, encoded):
    """Whether it is right, and whether Django would store it anew."""
    from django.contrib.auth.hashers import check_password

    again = []
    return [check_password(password, encoded, setter=again.append), bool(again)]


@question
def authenticated(username, password):
    from django.contrib.auth import authenticate

    user = authenticate(None, username=username, password=password)
    return user and user.pk


@question
def allauth_token(pk):
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=pk)
    return {"token": default_token_generator.make_token(user), "uid": user_pk_to_url_str(user)}


@question
def reset_token(pk):
    from django.contrib.auth import get_user_model
    from django.contrib.auth.tokens import default_token_generator
    from django.utils.encoding import force_bytes
    from django.utils.http import urlsafe_base64_encode

    user = get_user_model().objects.get(pk=pk)
    return {
        "token": default_token_generator.make_token(user),
        "uid": urlsafe_base64_encode(force_bytes(pk)),
    }


@question
def reset_checked(pk, token, allauth=False):
    from django.contrib.auth import get_user_model

    if allauth:
        from allauth.account.forms import default_token_generator
    else:
        from django.contrib.auth.tokens import default_token_generator
    return default_token_generator.check_token(get_user_model().objects.get(pk=pk), token)


@question
def address_made(user, email, verified=False):
    from allauth.account.models import EmailAddress

    return EmailAddress.objects.create(user_id=user, email=email, verified=verified).pk


@question
def confirmation_key(pk):
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC

    return EmailConfirmationHMAC(EmailAddress.objects.get(pk=pk)).key


@question
def confirmed(key):
    from allauth.account.models import EmailConfirmationHMAC

    found = EmailConfirmationHMAC.from_key(key)
    return found and found.email_address.pk


@question
def language_of(cookie, languages):
    from django.utils import translation
    from django.utils.translation import trans_real

    request = asked(cookies={"django_language": cookie})
    trans_real.get_languages.cache_clear()
    for name in ("_get_supported_language_variant", "get_supported_language_variant"):
        getattr(getattr(trans_real, name, None), "cache_clear", int)()
    code = request.COOKIES["django_language"]
    if code in trans_real.get_languages() and trans_real.check_for_language(code):
        return code
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return None


@question
def uid_read(uid):
    from django.utils.http import urlsafe_base64_decode

    return urlsafe_base64_decode(uid).decode()


@question
def token_owner(header):
    """Whom REST framework's token authentication takes the request for."""
    from rest_framework.authentication import TokenAuthentication
    from rest_framework.request import Request

    found = TokenAuthentication().authenticate(Request(asked(headers={"authorization": header})))
    return found and found[0].pk


@question
def api_key_owner(header):
    """Whom tastypie's API key authentication takes the request for."""
    from tastypie.authentication import ApiKeyAuthentication

    request = asked(headers={"authorization": header})
    good = ApiKeyAuthentication().is_authenticated(request)
    return request.user.pk if good is True else None


@question
def keys_of(pk):
    from rest_framework.authtoken.models import Token
    from tastypie.models import ApiKey

    return {
        "token": Token.objects.get_or_create(user_id=pk)[0].key,
        "api key": ApiKey.objects.get_or_create(user_id=pk)[0].key,
    }


def asked(method="GET", path="/", cookies=None, headers=None, field=None, secure=False):
    from urllib.parse import urlencode

    from django.test import RequestFactory

    body = urlencode({"csrfmiddlewaretoken": field}) if field is not None else ""
    request = RequestFactory(headers=headers or {}).generic(
        method, path, body, content_type="application/x-www-form-urlencoded", secure=secure
    )
    request.COOKIES.update(cookies or {})
    return request


def said(answer):
    return {
        "cookies": [morsel.OutputString() for morsel in answer.cookies.values()],
        "vary": answer.headers.get("Vary"),
        "status": answer.status_code,
    }


def answer_to(line):
    from django.test import override_settings

    asked_for = json.loads(line)
    settings = asked_for.get("settings")
    now = asked_for.get("now")
    try:
        with contextlib.ExitStack() as around:
            if settings:
                around.enter_context(override_settings(**settings))
            if now is not None:
                around.enter_context(mock.patch("time.time", return_value=now))
            value = QUESTIONS[asked_for["ask"]](**asked_for.get("with", {}))
    except Exception as error:
        return {"refused": type(error).__name__, "says": str(error), "where": traceback.format_exc()[-800:]}
    return {"value": value}


def database(url):
    """`postgresql://user:password@host:port/name?host=/socket/folder` as DATABASES."""
    if url is None:
        return {}
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(url)
    told = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }
    return {"default": told}


def main():
    if not hasattr(inspect, "markcoroutinefunction"):  # Django 6.1 wants Python 3.12 for this name and little else
        inspect.markcoroutinefunction = lambda function: function
    import django
    from django.conf import settings

    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        settings.configure(**{**BARE, "DATABASES": database(os.environ.get("DATABASE_URL"))})
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer_to(line)), flush=True)


if __name__ == "__main__":
    main()
