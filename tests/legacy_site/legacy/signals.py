"""A change of a menu is seen at once by every process: the cached menus are dropped."""

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from sitetree.models import Tree, TreeItem
from sitetree.sitetreeapp import get_sitetree


@receiver(post_save, sender=Tree)
@receiver(post_save, sender=TreeItem)
@receiver(post_delete, sender=TreeItem)
@receiver(m2m_changed, sender=TreeItem.access_permissions)
def drop_cached_menus(sender, **kwargs):
    cache = get_sitetree().cache
    cache.empty()
    cache.reset()
