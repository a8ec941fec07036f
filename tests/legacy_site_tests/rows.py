"""Rows that the tests of the reference site ask about. Run inside it: `manage.py shell < rows.py`."""

from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.redirects.models import Redirect
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey

from apps.boxes.models import Box
from apps.downloads.models import OS, Release, ReleaseFile
from apps.pages.models import Page
from apps.users.models import User

for name, staff, active in (("editor", True, True), ("reader", False, True), ("gone", True, False)):
    user = User.objects.create_user(name, f"{name}@example.com", "pass word", is_staff=staff, is_active=active)
    user.is_superuser = staff
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ApiKey.objects.filter(user=user).update(key=f"key-of-{name}")
    Token.objects.filter(user=user).delete()
    Token.objects.create(user=user, key=f"token-of-{name}")

User.objects.create_user("unconfirmed", "unconfirmed@example.com", "pass word")

for path, title, more in (
    ("guide/start", "Start", {"keywords": "first, steps"}),
    ("guide/draft", "Draft", {"is_published": False}),
    ("guide/plain", "Plain", {"content_type": "text/plain", "template_name": "pages/raw.html"}),
    ("download/releases/3.3.0", "Old 3.3.0", {}),
    ("download/releases/3.4.0", "Old 3.4.0", {}),
    ("moved", "Moved", {}),
):
    Page.objects.create(path=path, title=title, content=f"{title} & *more*", **more)
Redirect.objects.create(site_id=1, old_path="/moved/", new_path="/guide/start/")
Redirect.objects.create(site_id=1, old_path="/dropped/", new_path="")
Redirect.objects.create(site_id=1, old_path="/asked/?for=it", new_path="/about/")
Box.objects.create(label="greeting", content="Hi *there*")
Box.objects.create(label="bare", content="x")
Box.objects.filter(label="bare").update(_content_rendered='<p style="color: red">{{ kept }}</p>')

first = datetime(2020, 1, 1, 12, 30, 15, 250000, tzinfo=UTC)
systems = [OS.objects.create(name=name, slug=slug) for slug, name in (("windows", "Windows"), ("source", "Source"))]
for number, (name, version, more) in enumerate(
    (
        ("Python 2.7.16", 2, {}),
        ("Python 3.2.0", 3, {}),
        ("Python 2.7.17", 2, {}),
        ("Python 2.7.18", 2, {"is_latest": True}),
        ("Python 3.3.0", 3, {}),
        ("Python 3.4.0", 3, {"release_page": Page.objects.get(path="download/releases/3.4.0")}),
        ("Python 3.9.0", 3, {"content": "Notes"}),
        ("Python 3.9.1", 3, {}),
        ("Python 3.10.0", 3, {"is_latest": True}),
        ("Python 3.11.0a1", 3, {"pre_release": True}),
        ("Python 3.11.0a2", 3, {"pre_release": True, "is_published": False}),
        ("Python install manager 25.0", 100, {"is_latest": True}),
    )
):
    values = {"is_published": True, "slug": name.lower().replace(" ", "-").replace(".", "")} | more
    release = Release.objects.create(name=name, version=version, release_date=first + timedelta(days=number), **values)
    for system in systems:
        ReleaseFile.objects.create(
            name=f"{system.name} file",
            slug=f"{release.slug}-{system.slug}",
            os=system,
            release=release,
            is_source=system.slug == "source",
            url=f"https://www.python.org/ftp/{release.slug}.{system.slug}",
            download_button=True,
        )
