"""Downloads, mounted twice: under /downloads/ and under /getit/. The `latest` patterns have no start, as regular expressions go."""

from django.urls import path, re_path

from apps.downloads import views
from apps.downloads.feeds import ReleaseFeed

app_name = "downloads"
urlpatterns = [
    re_path(r"latest/python2/?$", views.LatestPython2.as_view(), name="download_latest_python2"),
    re_path(r"latest/python3/?$", views.LatestPython3.as_view(), name="download_latest_python3"),
    re_path(r"latest/python3\.(?P<minor>\d+)/?$", views.LatestPython3.as_view(), name="download_latest_python3x"),
    re_path(r"latest/prerelease/?$", views.LatestPrerelease.as_view(), name="download_latest_prerelease"),
    re_path(r"latest/pymanager/?$", views.LatestPyManager.as_view(), name="download_latest_pymanager"),
    re_path(r"latest/?$", views.LatestPython3.as_view(), name="download_latest_python3"),
    path("operating-systems/", views.SystemList.as_view(), name="download_full_os_list"),
    path("release/<slug:release_slug>/", views.ReleaseDetail.as_view(), name="download_release_detail"),
    path("<slug:slug>/", views.SystemDetail.as_view(), name="download_os_list"),
    path("", views.Home.as_view(), name="download"),
    path("feed.rss", ReleaseFeed(), name="feed"),
]
