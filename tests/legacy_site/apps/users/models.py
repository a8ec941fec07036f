"""Users, memberships and user groups.

Every new user gets a token for API v2, and one for API v1 unless a fixture brought it. Names are told apart by case in
the table and by nothing in a look-up.
"""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from markupfield.fields import MarkupField
from rest_framework.authtoken.models import Token
from tastypie.models import create_api_key


class CaselessUserManager(UserManager):
    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)


class User(AbstractUser):
    class Search(models.IntegerChoices):
        PUBLIC = 1, "Allow search engines to index my profile page (recommended)"
        PRIVATE = 0, "Don't allow search engines to index my profile page"

    class EmailPrivacy(models.IntegerChoices):
        PUBLIC = 0, "Anyone can see my e-mail address"
        PRIVATE = 1, "Only logged-in users can see my e-mail address"
        NEVER = 2, "No one can ever see my e-mail address"

    bio = MarkupField(blank=True, default_markup_type="markdown", escape_html=True)
    search_visibility = models.IntegerField(choices=Search, default=Search.PUBLIC)
    email_privacy = models.IntegerField("E-mail privacy", choices=EmailPrivacy, default=EmailPrivacy.NEVER)
    public_profile = models.BooleanField("Make my profile public", default=True)

    objects = CaselessUserManager()

    @property
    def has_membership(self):
        return hasattr(self, "membership")

    @property
    def sponsorships(self):
        from apps.sponsors.models import Sponsorship  # it refers to this model

        return Sponsorship.objects.visible_to(self)


post_save.connect(create_api_key, sender=User)


@receiver(post_save, sender=User)
def give_token(sender, instance, created, **kwargs):
    if created:
        Token.objects.create(user=instance)


class Membership(models.Model):
    class Type(models.IntegerChoices):
        BASIC = 0, "Basic Member"
        SUPPORTING = 1, "Supporting Member"
        SPONSOR = 2, "Sponsor Member"
        CONTRIBUTING = 4, "Contributing Member"
        FELLOW = 5, "Fellow"

    membership_type = models.IntegerField(choices=Type, default=Type.BASIC)
    legal_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100)
    email_address = models.EmailField(max_length=100)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("State, Province or Region", max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    psf_code_of_conduct = models.BooleanField("I agree to the PSF Code of Conduct", null=True, blank=True)
    psf_announcements = models.BooleanField(null=True, blank=True)
    votes = models.BooleanField(default=False)
    last_vote_affirmation = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, blank=True)
    updated = models.DateTimeField(default=timezone.now, blank=True)
    creator = models.OneToOneField(User, models.CASCADE, related_name="membership", null=True, blank=True)

    def __str__(self):
        return f"{self.get_membership_type_display()}: {self.creator or self.legal_name}"

    @property
    def higher_level_member(self):
        return self.membership_type != self.Type.BASIC

    def save(self, *args, **kwargs):
        self.updated = timezone.now()
        if self.votes and not self.last_vote_affirmation:
            self.last_vote_affirmation = self.updated
        super().save(*args, **kwargs)


class UserGroup(models.Model):
    class Type(models.TextChoices):
        MEETUP = "meetup", "Meetup"
        DISTRIBUTION_LIST = "distribution list", "Distribution List"
        OTHER = "other", "Other"

    name = models.CharField(max_length=255)
    location = models.CharField(max_length=255)
    url = models.URLField("URL")
    url_type = models.CharField(max_length=20, choices=Type)
    start_date = models.DateField(null=True)
    approved = models.BooleanField(default=False)
    trusted = models.BooleanField(default=False)

    def __str__(self):
        return self.name
