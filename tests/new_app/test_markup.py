"""What people type, rendered as django-markupfield renders it on the reference site."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from new_app.markup import rendered

SITE = Path(__file__).parents[1] / "legacy_site"
TEXTS = (
    "",
    "I *read* and **write**.\r\n\r\n* one\r\n* two\r\n",
    "    import this\n\n    #!python\n    print(1 < 2 & 3)\n",
    "<script>alert(1)</script><b onclick=x>bold</b> <a href='javascript:alert(1)' rel=me>no</a>",
    "[no](javascript:alert(1)) [yes](https://example.org/?a=1&b=2) ![i](data:image/png;base64,AAAA)",
    "see www.example.org, mail a.b@example.com or (http://example.org/x_(y)).\n\nNext & <last>",
    "<table><tr><td align=left style='x:y'>1</td></tr></table><iframe src=//e></iframe><!-- c -->",
    "\u00e9\u200b\ud83d\udc0d".encode("utf-16", "surrogatepass").decode("utf-16") + " \x0b tab\tend",
)
RENDER = """
import django, json, sys
django.setup()
from django.utils.html import escape
from legacy.markup import MARKUP_FIELD_TYPES
found = [[render(escape(text) if escaping else text) for text in json.load(open(sys.argv[1])) for escaping in (0, 1)]
         for name, render, _ in MARKUP_FIELD_TYPES if name in ("html", "plain", "markdown")]
print(json.dumps(found))
"""


def test_it_is_what_legacy_renders(tmp_path: Path) -> None:
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps(TEXTS))
    env = {"DJANGO_SETTINGS_MODULE": "legacy.settings_quick", "PYTHONPATH": str(SITE)}
    run = [sys.executable, "-c", RENDER, str(texts)]
    legacy = json.loads(subprocess.run(run, env=env, cwd=SITE, capture_output=True, text=True, check=True).stdout)
    for kind, expected in zip(("html", "plain", "markdown"), legacy, strict=True):
        ours = [rendered(text, kind, escape_html=escaping).rendered for text in TEXTS for escaping in (False, True)]
        assert ours == expected, kind


def test_another_type_is_refused() -> None:
    with pytest.raises(LookupError):
        rendered("text", "restructuredtext")
