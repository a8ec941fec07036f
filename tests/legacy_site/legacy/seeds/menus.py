"""What surrounds the pages: the site's own row, menus, redirects, feature flags, theme, scheduled tasks."""

from admin_interface.models import Theme
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from sitetree.models import Tree, TreeItem
from waffle.models import Flag, Sample, Switch

from apps.users.models import User

from . import moment

MENU = [
    # title, url, urlaspattern, alias, entries below: title, url, urlaspattern
    (
        "Python",
        "home",
        True,
        "python-meta",
        [
            ("About", "/about/", False),
            ("Downloads", "download:download", True),
            ("Blog", "blog", True),
            ("Soon", "comingsoon", True),
        ],
    ),
    (
        "PSF",
        "psf-landing",
        True,
        "psf-meta",
        [("Mission", "/psf/mission/", False), ("Sponsors", "/psf/sponsors/", False), ("Bylaws", "/psf/bylaws/", False)],
    ),
    ("Docs", "https://docs.python.org/", False, "docs-meta", []),
    ("PyPI", "https://pypi.org/", False, "pypi-meta", []),
    ("Jobs", "/jobs/", False, "jobs-meta", [("Submit", "/jobs/create/", False)]),
    ("Community", "/community/", False, "shop-meta", [("Mailing lists", "/community/lists/", False)]),
]
REDIRECTS = {
    "/old-news/": "/blogs/",
    "/old-news/?year=1999": "/blogs/?page=2",
    "/doc/faq": "https://docs.python.org/3/faq/",
    "/psf/mission/": "/psf/records/mission/",
    "/windows/": "/downloads/windows/",
    "/gone/": "",
    "/gone-too": "",
    "/ünïcode/": "/about/",
    "/loop/": "/loop/",
    "/download/releases/1.0/": "/downloads/",
}


def add() -> None:
    Site.objects.update_or_create(pk=1, defaults={"domain": "www.python.org", "name": "Python.org"})
    Redirect.objects.bulk_create(Redirect(site_id=1, old_path=old, new_path=new) for old, new in REDIRECTS.items())
    _add_menu()
    admin = User.objects.get(username="admin")
    _add_flags(admin)
    Theme.objects.update_or_create(pk=1, defaults={"name": "Plain", "active": True})
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    nightly = CrontabSchedule.objects.create(minute="15", hour="3")
    task = "legacy.run_management_command"
    PeriodicTask.objects.bulk_create(
        [
            PeriodicTask(name="Read the blogs", task=task, args='["update_blogs"]', interval=every_hour),
            PeriodicTask(name="Expire jobs", task=task, args='["expire_jobs"]', crontab=nightly),
        ]
    )
    PeriodicTask.objects.update(date_changed=moment())
    admin.logentry_set.create(
        content_type=ContentType.objects.get_for_model(Site),
        object_id="1",
        object_repr="www.python.org",
        action_flag=2,
        change_message="[]",
        action_time=moment(),
    )


def _add_menu() -> None:
    tree = Tree.objects.create(pk=1, title="Python.org", alias="main")
    number = 0
    for title, url, pattern, alias, below in MENU:
        number += 1
        root = TreeItem.objects.create(
            pk=number, tree=tree, title=title, url=url, urlaspattern=pattern, alias=alias, sort_order=number
        )
        for entry, entry_url, entry_pattern in below:
            number += 1
            TreeItem.objects.create(
                pk=number,
                tree=tree,
                parent=root,
                title=entry,
                url=entry_url,
                urlaspattern=entry_pattern,
                sort_order=number,
            )
    TreeItem.objects.filter(title="Mailing lists").update(access_loggedin=True)
    TreeItem.objects.filter(title="Bylaws").update(hidden=True)


def _add_flags(admin: User) -> None:
    when = {"created": moment(), "modified": moment()}
    membership = Flag(name="psf_membership", testing=True, superusers=True, **when)
    Flag.objects.bulk_create([membership, Flag(name="sponsorship-applications-open", everyone=True, **when)])
    membership.users.add(admin)
    Switch.objects.bulk_create([Switch(name="survey", active=True, **when)])
    Sample.objects.bulk_create([Sample(name="new-search", percent="12.5", **when)])
