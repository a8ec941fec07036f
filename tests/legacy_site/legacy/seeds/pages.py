"""CMS pages: every markup type, template and depth; drafts; pages that views, redirects or releases compete with."""

from apps.pages.models import DocumentFile, Image, Page

from . import moment

SUBJECTS = "about governance history trademarks diversity grants membership volunteer press legal".split()
TYPES = ["restructuredtext", "html", "markdown", "plain", "markdown_unsafe"]
TEMPLATES = ["", "pages/default.html", "psf/default.html", "psf/full-width.html", "pages/raw.html"]
BODIES = {
    "restructuredtext": "{title}\n========================================\n\nSome *words* about ``{path}``.\n\n.. code:: python\n\n    import this\n\n* one\n* two\n",
    "html": '<p style="color: teal">About <em>{title}</em> &mdash; <time>2026</time></p>\n<script>var page = "{path}";</script>',
    "markdown": "# {title}\n\nA ~~long~~ story, <b>told</b> here: https://docs.python.org/\n\n| a | b |\n|---|---|\n| 1 | {path} |\n",
    "plain": "{title}\n\nSee https://www.python.org/{path}/ & <others>.",
    "markdown_unsafe": '# {title}\n\n<div class="wide" onclick="go()">kept</div>\n\n- [x] {path}\n- [ ] more\n',
}
SPECIAL = [
    # path, title, columns
    ("download/releases/2.7.3", "Old page of 2.7.3", {}),
    ("download/releases/3.2.5", "Old page of 3.2.5", {}),
    ("download/releases/3.3.0", "Old page of 3.3.0", {"content_markup_type": "html"}),
    ("download/releases/9.9.9", "A release that never was", {}),
    ("downloads/no-such-release", "Below a prefix that views own", {}),
    ("psf/mission", "Our mission", {"template_name": "psf/default.html", "keywords": "psf, mission"}),
    ("psf/bylaws", "Bylaws", {"template_name": "psf/full-width.html"}),
    ("psf/board", "The board", {"template_name": "pages/no-such-template.html", "content_markup_type": "html"}),
    (
        "data.json",
        "Data",
        {
            "content_type": "application/json",
            "template_name": "pages/raw.html",
            "content": '{"a": 1}',
            "content_markup_type": "html",
        },
    ),
    (
        "notes.txt",
        "Notes",
        {
            "content_type": "text/plain",
            "template_name": "pages/raw.html",
            "content_markup_type": "html",
            "is_published": True,
        },
    ),
    ("a/very/deep/path/to.a-page", "Deep & “quoted” <title> – ünïcode", {"description": "Words for search engines"}),
]


def add() -> None:
    rows = [
        ("/".join(SUBJECTS[(number + step) % 10] for step in range(depth + 1)), depth)
        for depth in range(4)
        for number in range(10)
    ]
    pages = [
        _page(number, path, f"{SUBJECTS[number % 10].title()} {depth}", {}) for number, (path, depth) in enumerate(rows)
    ]
    pages += [_page(len(rows) + number, *special) for number, special in enumerate(SPECIAL)]
    Page.objects.bulk_create(pages)
    Image.objects.bulk_create(Image(page=page, image=f"{page.path}/picture.png") for page in pages[::10])
    DocumentFile.objects.bulk_create(DocumentFile(page=page, document="files/minutes.pdf") for page in pages[::20])


def _page(number: int, path: str, title: str, columns: dict[str, object]) -> Page:
    kind = columns.get("content_markup_type", TYPES[number % len(TYPES)])
    return Page(
        **{
            "pk": number + 1,
            "path": path,
            "title": title,
            "keywords": "" if number % 2 else f"python, {title.lower()}",
            "content_markup_type": kind,
            "content": BODIES[kind].format(title=title, path=path),
            "template_name": TEMPLATES[number // 7 % len(TEMPLATES)],
            "is_published": number % 9 != 4,
            "created": moment(number - 300),
            "updated": moment(number - 200),
            "creator_id": 2,
            "last_modified_by_id": 1 if number % 2 else None,
            **columns,
        }
    )
