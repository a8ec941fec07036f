"""Releases, their files, operating systems.

Saving a release as the latest takes that mark from the others of its version. The database itself allows one download
button per release and system, and only URLs on www.python.org.
"""

import re
from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable, NameSlugModel
from apps.pages.models import Page

HTTPS_PREFIX = "https://www.python.org/"
SIDECARS = {
    "gpg_signature_file": ".asc",
    "sigstore_signature_file": ".sig",
    "sigstore_cert_file": ".crt",
    "sigstore_bundle_file": ".sigstore",
    "sbom_spdx2_file": ".spdx.json",
}
"""Columns that hold the URL of a file beside the released one, and what is added to its name."""
URL_COLUMNS = ("url", *SIDECARS)


class OS(ContentManageable, NameSlugModel):
    class Meta:
        verbose_name = "Operating System"
        ordering = ["name"]

    def get_absolute_url(self):
        return reverse("download:download_os_list", kwargs={"os_slug": self.slug})


class ReleaseQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)

    def released(self):
        return self.published().filter(pre_release=False)

    def downloads(self):
        shown = self.released().filter(show_on_download_page=True)
        return shown.select_related("release_page").order_by("-release_date")

    def _latest(self, version):
        """The one marked as latest; of several, the first by name."""
        return self.published().filter(version=version, is_latest=True).first()

    def latest_python2(self):
        return self._latest(Release.Version.PYTHON2)

    def latest_python3(self, minor=None):
        """The release marked as latest, or the newest of Python 3.`minor`, pre-releases included."""
        if minor is None:
            return self._latest(Release.Version.PYTHON3)
        series = self.published().filter(version=Release.Version.PYTHON3, name__regex=rf"^Python 3\.{minor}\.")
        return series.order_by("-release_date").first()

    def latest_prerelease(self):
        early = self.published().filter(version=Release.Version.PYTHON3, pre_release=True)
        return early.order_by("-release_date").first()

    def latest_pymanager(self):
        return self._latest(Release.Version.PYMANAGER)


class Release(ContentManageable, NameSlugModel):
    class Version(models.IntegerChoices):
        PYTHON3 = 3, "Python 3.x.x"
        PYTHON2 = 2, "Python 2.x.x"
        PYTHON1 = 1, "Python 1.x.x"
        PYMANAGER = 100, "Python install manager"

    version = models.IntegerField(choices=Version, default=Version.PYTHON3)
    is_latest = models.BooleanField(default=False, db_index=True)
    is_published = models.BooleanField(default=False, db_index=True)
    pre_release = models.BooleanField(default=False, db_index=True)
    show_on_download_page = models.BooleanField(default=True, db_index=True)
    release_date = models.DateTimeField(default=timezone.now)
    release_page = models.ForeignKey(Page, models.CASCADE, related_name="release", null=True, blank=True)
    release_notes_url = models.URLField("Release Notes URL", blank=True)
    content = MarkupField(default_markup_type="markdown", default="")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        get_latest_by = "release_date"

    def get_absolute_url(self):
        if self.release_page and not self.content.raw:
            return self.release_page.get_absolute_url()
        return reverse("download:download_release_detail", kwargs={"release_slug": self.slug})

    def get_version(self):
        """`3.14.0` of `Python 3.14.0rc1`; empty for a name of another form."""
        found = re.match(r"Python\s([\d.]+)", self.name)
        return found[1] if found else ""

    def is_version_at_least(self, wanted):
        numbers = []
        for part in self.get_version().split("."):
            if not part.isdigit():
                break
            numbers.append(int(part))
        numbers += [0] * (len(wanted) - len(numbers))
        return tuple(numbers) >= wanted

    @property
    def is_version_at_least_3_5(self):
        return self.is_version_at_least((3, 5))

    @property
    def is_version_at_least_3_9(self):
        return self.is_version_at_least((3, 9))

    @property
    def is_version_at_least_3_14(self):
        return self.is_version_at_least((3, 14))

    def download_file_for_os(self, os_slug):
        return self.files.filter(os__slug=os_slug, download_button=True).first()

    def files_for_os(self, os_slug):
        return self.files.filter(os__slug=os_slug).order_by("-name")


@receiver(post_save, sender=Release)
def demote_former_latest(sender, instance, raw=False, **kwargs):
    if instance.is_latest and not raw:
        Release.objects.filter(version=instance.version).exclude(pk=instance.pk).update(is_latest=False)


def on_python_org(column):
    return (
        Q(**{column: ""})
        | Q(**{f"{column}__startswith": HTTPS_PREFIX})
        | Q(**{f"{column}__startswith": "http://www.python.org/"})
    )


class ReleaseFile(ContentManageable, NameSlugModel):
    os = models.ForeignKey(OS, models.CASCADE, related_name="releases", verbose_name="OS")
    release = models.ForeignKey(Release, models.CASCADE, related_name="files")
    description = models.TextField(blank=True)
    is_source = models.BooleanField(default=False)
    url = models.URLField("URL", unique=True)
    gpg_signature_file = models.URLField("GPG SIG URL", blank=True)
    sigstore_signature_file = models.URLField("Sigstore Signature URL", blank=True)
    sigstore_cert_file = models.URLField("Sigstore Cert URL", blank=True)
    sigstore_bundle_file = models.URLField("Sigstore Bundle URL", blank=True)
    sbom_spdx2_file = models.URLField("SPDX-2 SBOM URL", blank=True)
    md5_sum = models.CharField("MD5 Sum", max_length=200, blank=True)
    sha256_sum = models.CharField("SHA256 Sum", max_length=200, blank=True)
    filesize = models.IntegerField(default=0)
    download_button = models.BooleanField(default=False)

    class Meta:
        ordering = ["-release__is_published", "release__name", "os__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["os", "release"], condition=Q(download_button=True), name="only_one_download_per_os_per_release"
            ),
            models.CheckConstraint(
                condition=reduce(and_, map(on_python_org, URL_COLUMNS)), name="only_python_dot_org_urls"
            ),
        ]

    def clean(self):
        from apps.downloads.checks import check_urls  # it imports this module

        super().clean()
        check_urls(self)

    def validate_unique(self, exclude=None):
        if self.download_button and self.release_id:
            others = ReleaseFile.objects.exclude(pk=self.pk)
            if others.filter(release=self.release, os=self.os, download_button=True).exists():
                raise ValidationError('Only one Release File per OS can have "Download button" enabled')
        super().validate_unique(exclude)
