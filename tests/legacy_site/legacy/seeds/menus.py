"""What surrounds the pages: the site's own row, menus, redirects, feature flags, theme, scheduled tasks."""

from admin_interface.models import Theme
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from sitetree.models import Tree, TreeItem
from waffle.models import Flag, Sample, Switch

from apps.users.models import User

from . import moment

# An item: title, url (a pattern's name with arguments if it holds no slash), columns, items below.
MENUS = {
    "main": [
        (
            "Python",
            "home",
            {"alias": "python-meta", "hint": "The language"},
            [
                (
                    "About",
                    "/about/",
                    {"alias": "about", "hint": "What & why"},
                    [
                        ("Applications", "/about/apps/", {}, []),
                        ("Governance", "/governance/", {}, [("History", "/history/", {}, [])]),
                        ("Shell", "shell", {"insitetree": False}, []),
                    ],
                ),
                (
                    "Downloads",
                    "download:download",
                    {"alias": "downloads"},
                    [
                        ("All releases", "download:download", {}, []),
                        ("Source code", "download:download_os_list source", {}, []),
                        ("For Windows", "download:download_os_list 'windows'", {}, []),
                        ("Systems", "download:download_full_os_list", {"hint": "Every “system”"}, []),
                        ("Newest", "download:download_release_detail latest_python3.slug", {}, []),
                        ("Drafts", "/admin/downloads/release/", {"may": ["change_release", "add_release"]}, []),
                    ],
                ),
                (
                    "Documentation",
                    "documentation",
                    {"alias": "documentation"},
                    [("By version", "docs-versions", {}, []), ("Inner page", "inner", {"inmenu": False}, [])],
                ),
                (
                    "Community",
                    "community:post_list",
                    {"alias": "community"},
                    [
                        ("Mailing lists", "/community/lists/", {"access_loggedin": True}, []),
                        ("Join us", "account_signup", {"access_guest": True}, []),
                        ("Small boards", "microbit", {"inbreadcrumbs": False}, []),
                    ],
                ),
                ("Success Stories", "success_story_list", {"alias": "success-stories"}, []),
                ("Blog", "blog", {"alias": "blog"}, []),
                (
                    "Events",
                    "events:calendar_list",
                    {"alias": "events"},
                    [("Python events", "events:event_list 'python-events-calendar'", {}, [])],
                ),
                ("Soon", "comingsoon", {}, []),
            ],
        ),
        (
            "PSF",
            "psf-landing",
            {"alias": "psf-meta", "hint": "The foundation"},
            [
                ("Mission", "/psf/mission/", {}, []),
                ("Sponsors", "psf-sponsors", {}, [("Apply", "select_sponsorship_application_benefits", {}, [])]),
                ("Bylaws", "/psf/bylaws/", {"hidden": True}, []),
                ("Board only", "/psf/board/", {"may": ["sponsor_publisher", "change_minutes"], "any": True}, []),
            ],
        ),
        ("Docs", "https://docs.python.org/", {"alias": "docs-meta"}, [("Landing", "docs-landing", {}, [])]),
        ("PyPI", "https://pypi.org/", {"alias": "pypi-meta"}, [("Landing", "pypl-landing", {}, [])]),
        ("Jobs", "/jobs/", {"alias": "jobs-meta"}, [("Submit", "jobs:job_create", {}, [])]),
        ("Community", "/community/", {"alias": "shop-meta"}, [("Shop", "shop-landing", {}, [])]),
    ],
    "download": [
        ("Releases", "download:download", {"alias": "releases"}, [("Feed", "download:feed", {}, [])]),
        ("Systems", "download:download_full_os_list", {"alias": "systems"}, []),
    ],
    "docs-versions": [("Documentation", "documentation", {}, [("By version", "docs-versions", {"hint": "Old"}, [])])],
    "inner": [
        ("The gallery", "inner", {"alias": "gallery"}, [("Top", "/inner/#top", {}, [])]),
        ("For {{ request.user }}", "/authenticated", {"access_loggedin": True}, []),
        ("{% now 'Y' %} is not now", "/inner/?year", {}, []),
    ],
    "psf-sponsors": [("Sponsors", "psf-sponsors", {}, [])],
}
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
    _add_menus()
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


def _add_menus() -> None:
    for number, (alias, items) in enumerate(MENUS.items(), start=1):
        title = "Python.org" if alias == "main" else alias.capitalize()
        tree = Tree.objects.create(pk=number, title=title, alias=alias)
        for item in items:
            _add_item(tree, None, *item)


def _add_item(
    tree: Tree, parent: TreeItem | None, title: str, url: str, columns: dict[str, object], below: list
) -> None:
    more = dict(columns)
    wanted, enough = more.pop("may", []), more.pop("any", False)
    if wanted:
        more |= {"access_restricted": True, "access_perm_type": 1 if enough else 2}
    number = TreeItem.objects.count() + 1
    item = TreeItem.objects.create(
        pk=number,
        tree=tree,
        parent=parent,
        title=title,
        url=url,
        urlaspattern="/" not in url,
        sort_order=number,
        **more,
    )
    item.access_permissions.set(Permission.objects.filter(codename__in=wanted))
    for child in below:
        _add_item(tree, item, *child)


def _add_flags(admin: User) -> None:
    when = {"created": moment(), "modified": moment()}
    membership = Flag(name="psf_membership", testing=True, superusers=True, **when)
    Flag.objects.bulk_create([membership, Flag(name="sponsorship-applications-open", everyone=True, **when)])
    membership.users.add(admin)
    board = Flag.objects.create(name="board-page", note="For one group", **when)
    board.groups.add(Group.objects.get(name="Job Board Admin"))
    Flag.objects.update(**when)
    Switch.objects.bulk_create([Switch(name="survey", active=True, **when)])
    Sample.objects.bulk_create([Sample(name="new-search", percent="12.5", **when)])
