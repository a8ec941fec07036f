"""What a profile says about a member."""

from django import template

from apps.users.models import Membership

register = template.Library()


@register.filter
def user_location(user):
    """`City, Region Country`, as far as the membership has them; empty without one."""
    try:
        member = user.membership
    except Membership.DoesNotExist:
        return ""
    place = ", ".join(part for part in (member.city, member.region) if part)
    between = " " if member.region else ", "
    return between.join(part for part in (place, member.country) if part)
