"""The WSGI application: `granian --interface wsgi --working-dir tests/legacy_site legacy.wsgi:application`.

Around it stands what a web server does in production: files under /static/ and /media/, which Django never sees there.
The files that seeded rows name are drawn first, where they are missing.
"""

import mimetypes
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legacy.settings")


def with_files(inner):
    """Files first: whatever is a file under one of the two prefixes; all else is the application's to answer."""
    from django.conf import settings

    from legacy.seeds import pictures

    pictures.paint()
    folders = {settings.STATIC_URL: settings.STATICFILES_DIRS[0], settings.MEDIA_URL: settings.MEDIA_ROOT}

    def application(environ, start_response):
        for prefix, folder in folders.items():
            path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
            if not path.startswith(prefix):
                continue
            file = Path(folder, path.removeprefix(prefix)).resolve()
            if file.is_relative_to(Path(folder).resolve()) and file.is_file():
                body = file.read_bytes()
                kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
                return [body]
        return inner(environ, start_response)

    return application


application = with_files(get_wsgi_application())
