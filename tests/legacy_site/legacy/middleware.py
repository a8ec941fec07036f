"""Headers for the content network: pages of the admin are private, and every answer names what it belongs to."""

from django.conf import settings


def admin_is_private(get_response):
    def middleware(request):
        response = get_response(request)
        if request.path.startswith("/admin"):
            response["Cache-Control"] = "private"
        return response

    return middleware


def surrogate_key(get_response):
    """`Surrogate-Key: <site> <first segment of the path>`, before what the view itself has set."""

    def middleware(request):
        response = get_response(request)
        section = request.path.strip("/").partition("/")[0]
        keys = [settings.GLOBAL_SURROGATE_KEY, section, response.get("Surrogate-Key")]
        response["Surrogate-Key"] = " ".join(key for key in keys if key)
        return response

    return middleware
