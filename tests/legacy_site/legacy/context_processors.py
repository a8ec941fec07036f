"""What every page rendered with a request knows."""

from django.conf import settings
from django.urls import Resolver404, resolve, reverse


def site_info(request):
    return {"SITE_INFO": settings.SITE_VARIABLES}


def url_name(request):
    """The name of the URL, with its namespace before it; None for what no pattern matches, a CMS page for one."""
    try:
        match = resolve(request.path)
    except Resolver404:
        return {"URL_NAMESPACE": None, "URL_NAME": None}
    name = f"{match.namespace}:{match.url_name}" if match.namespace else match.url_name
    return {"URL_NAMESPACE": match.namespace, "URL_NAME": name}


def host_with_scheme(request):
    return {"GET_HOST_WITH_SCHEME": request.build_absolute_uri("/").rstrip("/")}


def blog_url(request):
    return {"BLOG_URL": settings.PYTHON_BLOG_URL}


def user_nav_bar(request):
    """Links of a signed-in visitor, by section. Empty for everyone else."""
    if not request.user.is_authenticated:
        return {"USER_NAV_BAR": {}}
    user = request.user
    membership = ("edit", "Your membership") if user.has_membership else ("create", "Become a member")
    account = {
        "View profile": reverse("users:user_detail", args=[user.username]),
        "Edit profile": reverse("users:user_profile_edit"),
        "New password": reverse("account_change_password"),
    }
    member = {
        "Nominations": reverse("users:user_nominations_view"),
        membership[1]: reverse(f"users:user_membership_{membership[0]}"),
    }
    dashboard = reverse("users:user_sponsorships_dashboard") if user.sponsorships.exists() else None
    bar = {
        "account": {"label": "Account", "urls": links(account)},
        "psf_membership": {"label": "Membership", "urls": links(member)},
        "sponsorships": {"label": "Sponsorships", "url": dashboard},
    }
    return {"USER_NAV_BAR": bar}


def links(urls):
    return [{"url": url, "label": label} for label, url in urls.items()]
