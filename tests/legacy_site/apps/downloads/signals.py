"""The three boxes that are written anew whenever a published release or a file of one changes.

A box is left as it is while its releases are missing. Each is written by update_or_create and, where it was there before,
saved once more: the first write leaves out its rendered column. Fixtures change nothing.
"""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.utils import timezone

from apps.boxes.models import Box
from apps.downloads.models import OS, Release, ReleaseFile


def write_box(label, template, context):
    content = render_to_string(template, context)
    box, created = Box.objects.update_or_create(
        label=label, defaults={"content": content, "content_markup_type": "html"}
    )
    if not created:
        box.save()


def write_supernav(python3):
    pymanager = Release.objects.latest_pymanager()
    files = [
        {
            "os": os,
            "python3": python3.download_file_for_os(os.slug),
            "pymanager": pymanager and pymanager.download_file_for_os(os.slug),
        }
        for os in OS.objects.all()
    ]
    if files := [data for data in files if data["python3"] or data["pymanager"]]:
        context = {"python_files": files, "last_updated": timezone.now()}
        write_box("supernav-python-downloads", "downloads/supernav.html", context)


def write_boxes():
    python2, python3 = Release.objects.latest_python2(), Release.objects.latest_python3()
    if not python3:
        return
    write_supernav(python3)
    if not python2:
        return
    sources = {
        "latest_python2_source": python2.download_file_for_os("source"),
        "latest_python3_source": python3.download_file_for_os("source"),
    }
    if all(sources.values()):
        write_box("download-sources", "downloads/download-sources-box.html", sources)
    homepage = {"latest_python2": python2, "latest_python3": python3}
    write_box("homepage-downloads", "downloads/homepage-downloads-box.html", homepage)


@receiver(post_save, sender=Release)
def release_saved(sender, instance, raw=False, **kwargs):
    if instance.is_published and not raw:
        write_boxes()


@receiver(post_save, sender=ReleaseFile)
def file_saved(sender, instance, raw=False, **kwargs):
    if not raw and instance.release.is_published:
        write_boxes()


@receiver(post_delete, sender=ReleaseFile)
def file_deleted(sender, instance, **kwargs):
    if instance.release.is_published:
        write_boxes()
