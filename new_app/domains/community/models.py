"""Tables of the community: posts, with the links, photos and videos that belong to them. Ordered newest first."""

from typing import Any, ClassVar

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, StoredFile, markup, reference, stored_file
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it


class Post(ContentManageable, LegacyBase):
    """A post. Its `media_type` says which of the other tables has its media."""

    __tablename__ = "community_post"

    MEDIA_TEXT, MEDIA_PHOTO, MEDIA_VIDEO, MEDIA_LINK = 1, 2, 3, 4
    MEDIA_CHOICES: ClassVar = {MEDIA_TEXT: "text", MEDIA_PHOTO: "photo", MEDIA_VIDEO: "video", MEDIA_LINK: "link"}
    STATUS_PRIVATE, STATUS_PUBLIC = 1, 2

    id: Mapped[Key]
    title: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[Markup] = markup("content", "html")
    abstract: Mapped[str | None]
    media_type: Mapped[int] = mapped_column(default=MEDIA_TEXT)
    source_url: Mapped[str] = mapped_column(String(1000), default="")
    meta: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[int] = mapped_column(default=STATUS_PRIVATE, index=True)

    related_link: Mapped[list["Link"]] = relationship(back_populates="post", order_by="Link.created.desc()")
    related_photo: Mapped[list["Photo"]] = relationship(back_populates="post", order_by="Photo.created.desc()")
    related_video: Mapped[list["Video"]] = relationship(back_populates="post", order_by="Video.created.desc()")

    def __str__(self) -> str:
        return f"Post {self.get_media_type_display()} ({self.id})"

    def get_absolute_url(self) -> str:
        return f"/community/{self.id}/"

    def get_media_type_display(self) -> str:
        return self.MEDIA_CHOICES.get(self.media_type, str(self.media_type))


class Link(ContentManageable, LegacyBase):
    """A link that a post is about."""

    __tablename__ = "community_link"

    id: Mapped[Key]
    post_id: Mapped[int | None] = reference("community_post.id")
    url: Mapped[str] = mapped_column(String(1000), default="")

    post: Mapped[Post | None] = relationship(back_populates="related_link")

    def __str__(self) -> str:
        return f"Link ({self.id})"


class Photo(ContentManageable, LegacyBase):
    """A photo, stored here or elsewhere."""

    __tablename__ = "community_photo"

    id: Mapped[Key]
    post_id: Mapped[int | None] = reference("community_post.id")
    image: Mapped[StoredFile] = stored_file()
    image_url: Mapped[str] = mapped_column(String(1000), default="")
    caption: Mapped[str] = mapped_column(default="")
    click_through_url: Mapped[str] = mapped_column(String(200), default="")

    post: Mapped[Post | None] = relationship(back_populates="related_photo")

    def __str__(self) -> str:
        return f"Photo ({self.id})"


class Video(ContentManageable, LegacyBase):
    """A video, stored here or embedded from elsewhere."""

    __tablename__ = "community_video"

    id: Mapped[Key]
    post_id: Mapped[int | None] = reference("community_post.id")
    video_embed: Mapped[str] = mapped_column(default="")
    video_data: Mapped[StoredFile] = stored_file()
    caption: Mapped[str] = mapped_column(default="")
    click_through_url: Mapped[str] = mapped_column(String(200), default="")

    post: Mapped[Post | None] = relationship(back_populates="related_video")

    def __str__(self) -> str:
        return f"Video ({self.id})"
