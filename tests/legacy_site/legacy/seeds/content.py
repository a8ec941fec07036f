"""Boxes under the labels that templates ask for, banners, code samples.

Like old rows of the real site, some boxes hold HTML that was stored without the sanitiser: what is shown is `_rendered`,
whatever a save would make of it today. Some hold what looks like template syntax, and is not.
"""

from django.db.models import F

from apps.banners.models import Banner
from apps.boxes.models import Box
from apps.codesamples.models import CodeSample

from . import moment

LABELS = [
    "aboutpython-applications",
    "aboutpython-banner",
    "aboutpython-easytolearn",
    "aboutpython-getstarted",
    "aboutpython-opensource",
    "blogs-copyright",
    "blogs-subscriptions",
    "community-banner",
    "community-irc-channels",
    "community-widget1",
    "community-widget2",
    "community-widget3",
    "documentation-advanced",
    "documentation-banner",
    "documentation-beginners",
    "documentation-general",
    "documentation-moderate",
    "donor-honor-roll",
    "download-banner",
    "download-dev",
    "download-otherreleases",
    "download-pgp",
    "download-sources",
    "download-sponsors",
    "download-widget1",
    "download-widget3",
    "download-widget4",
    "downloads-active-releases",
    "events-subscriptions",
    "homepage-documentation",
    "homepage-downloads",
    "homepage-get-started",
    "homepage-introduction",
    "homepage-jobs",
    "jobs-getfeatured",
    "jobs-sponsors",
    "jobs-subscribe",
    "psf-banner",
    "psf-codeofconduct",
    "psf-grants",
    "psf-news",
    "psf-widget0",
    "psf-widget1",
    "psf-widget2",
    "psf-widget3",
    "psf-widget4",
    "sponsorship-application",
    "sponsorship-application-closed",
    "successstory-submityours",
    "supernav-python-about",
    "supernav-python-blog",
    "supernav-python-community",
    "supernav-python-documentation",
    "supernav-python-downloads",
    "supernav-python-events",
    "supernav-python-success-stories",
    "usermessage-helplink",
    "usermessage-releaseschedule",
    "widget-about-psf",
    "widget-sidebar-aboutpsf",
    "widget-use-python-for",
    "widget-weneedyou",
]
BODIES = {
    "html": '<h2 class="widget-title">{title}</h2>\n<p style="display: none" data-box="{label}">Hidden &amp; <small>small</small></p>\n'
    '<!-- {label} --><p><a href="/{label}/">Read “more”</a> <time datetime="2026">2026</time></p>',
    "restructuredtext": "{title}\n========================================\n\nA box about **{label}**, see `the site <https://www.python.org/>`_.\n\n- one\n- two\n",
    "markdown": "## {title}\n\nA box about *{label}*: <b>bold</b>, `code`, [a link](https://www.python.org/).\n\n    import {module}\n",
    "plain": "{title} & more\nhttps://www.python.org/{label}\n\n<not a tag>",
}
SYNTAX = "<p>{{ not.a.variable }} {% not a tag %} {# not a comment #} {{{{ }}}} 100 % ünïcode</p>"
LINKS = {
    "supernav-python-downloads": '<h4>Get it for</h4><p><a class="button" href="/downloads/windows/">Windows</a></p>',
    "download-sources": '<p><a href="https://www.python.org/ftp/python/python-3142/Python-3.14.2.tar.xz">Source</a></p>',
    "homepage-downloads": '<p>Newest: <a href="/downloads/release/python-3142/">Python 3.14.2</a></p>',
}


def add() -> None:
    Box.objects.bulk_create([_box(number, label) for number, label in enumerate(LABELS, start=1)])
    stored_raw = Box.objects.filter(content_markup_type="html", pk__lt=40).exclude(label__in=LINKS)
    stored_raw.update(_content_rendered=F("content"))
    Banner.objects.bulk_create(
        Banner(
            title=title, message=f"<b>{title}</b> now!", link="https://example.org/", active=active, psf_pages_only=psf
        )
        for title, active, psf in (("Old news", False, False), ("Survey", True, True), ("Conference", True, False))
    )
    CodeSample.objects.bulk_create(
        CodeSample(
            code=f"<pre><code>>>> {number} + {number}\n{number * 2}</code></pre>",
            copy=f"<h1>Sum {number}</h1><p>Add <em>things</em>.</p>",
            is_published=number != 3,
            created=moment(number),
            updated=moment(number),
        )
        for number in range(1, 8)
    )


def _box(number: int, label: str) -> Box:
    kind = ("html", "restructuredtext", "html", "markdown", "html", "plain")[number % 6]
    title = label.replace("-", " ").capitalize()
    content = BODIES[kind].format(label=label, title=title, module=label.partition("-")[0])
    if number % 12 == 4:
        kind, content = "html", SYNTAX
    if label in LINKS:
        kind, content = "html", LINKS[label]
    return Box(
        pk=number,
        label=label,
        content=content,
        content_markup_type=kind,
        created=moment(number - 100),
        updated=moment(number - 50),
        creator_id=None if label in LINKS else 2,
    )
