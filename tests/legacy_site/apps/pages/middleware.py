"""Pages by fallback: what nothing else answers may be a page of the CMS, with or without its slash."""

from django.http import HttpResponsePermanentRedirect

from apps.pages.views import PageView, visible_pages


def page_fallback(get_response):
    """A 404 becomes the page at that path; a path without its slash is sent, absolutely and without its query, to the one with."""

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404:
            return response
        page = page_at(request)
        if page is None:
            return response
        if not request.path.endswith("/"):
            return HttpResponsePermanentRedirect(f"{request.scheme}://{request.get_host()}{request.path}/")
        response = PageView.as_view()(request, path=page.path)
        return response.render() if hasattr(response, "render") else response

    return middleware


def page_at(request):
    """The page stored under the path as asked for; else the one under the path with its last slash taken or given."""
    asked = request.path[1:]
    toggled = asked[:-1] if asked.endswith("/") else f"{asked}/"
    pages = visible_pages(request)
    return pages.filter(path=asked).first() or pages.filter(path=toggled).first()
