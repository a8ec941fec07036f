"""What sponsors send in. An asset hangs on a sponsor or a sponsorship by content type; no foreign key holds it there."""

import uuid
from pathlib import Path

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from polymorphic.managers import PolymorphicManager
from polymorphic.models import PolymorphicModel


def generic_asset_path(asset, filename):
    return f"sponsors-app-assets/{asset.uuid}{''.join(Path(filename).suffixes)}"


class GenericAsset(PolymorphicModel):
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey("content_type", "object_id")
    internal_name = models.CharField(max_length=128, db_index=True)

    objects = PolymorphicManager()
    non_polymorphic = models.Manager()

    class Meta:
        unique_together = [("content_type", "object_id", "internal_name")]
        base_manager_name = "non_polymorphic"


class AssetOfKind(GenericAsset):
    VALUE = ""

    class Meta:
        abstract = True
        base_manager_name = "non_polymorphic"

    @property
    def value(self):
        return getattr(self, self.VALUE)


class ImgAsset(AssetOfKind):
    VALUE = "image"
    image = models.ImageField(upload_to=generic_asset_path, null=True)


class TextAsset(AssetOfKind):
    VALUE = "text"
    text = models.TextField(default="", blank=True)


class FileAsset(AssetOfKind):
    VALUE = "file"
    file = models.FileField(upload_to=generic_asset_path, null=True)


class ResponseAsset(AssetOfKind):
    VALUE = "response"

    class Response(models.TextChoices):
        YES = "YES", "Yes"
        NO = "NO", "No"

    response = models.CharField(max_length=32, choices=Response, null=True)
