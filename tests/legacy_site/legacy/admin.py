"""Admin of the domains that have no admin module of their own: each model with the plain form, content with its stamps."""

from django.apps import apps
from django.contrib import admin

from apps.cms.admin import ContentAdmin
from apps.cms.models import ContentManageable

REGISTERED = {
    "banners": "Banner",
    "blogs": "BlogEntry Feed FeedAggregate",
    "codesamples": "CodeSample",
    "community": "Link Photo Post Video",
    "companies": "Company",
    "events": "Alarm Calendar Event EventCategory EventLocation OccurringRule RecurringRule",
    "jobs": "Job JobCategory JobReviewComment JobType",
    "minutes": "Minutes",
    "nominations": "Election ElectionKind Nomination Nominee",
    "sponsors": (
        "Contract FileAsset GenericAsset ImgAsset LegalClause ResponseAsset Sponsor SponsorEmailNotificationTemplate Sponsorship SponsorshipBenefit "
        "SponsorshipCurrentYear SponsorshipPackage SponsorshipProgram TextAsset"
    ),
    "successstories": "Story StoryCategory",
    "work_groups": "WorkGroup",
}

for label, names in REGISTERED.items():
    for name in names.split():
        model = apps.get_model(label, name)
        admin.site.register(model, ContentAdmin if issubclass(model, ContentManageable) else admin.ModelAdmin)
