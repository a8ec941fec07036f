"""What a sponsor chooses, and hands in: forms whose fields are made of what there is to choose, or asked for."""

from datetime import date

from django import forms
from django.db.models import Count
from django.utils.html import format_html
from django.utils.text import slugify

from apps.sponsors.models import (
    RequiredImgAsset,
    RequiredTextAsset,
    ResponseAsset,
    SponsorshipBenefit,
    SponsorshipCurrentYear,
    SponsorshipPackage,
    SponsorshipProgram,
)


class Benefits(forms.ModelMultipleChoiceField):
    def label_from_instance(self, benefit):
        return benefit.name


class BenefitsForm(forms.Form):
    def __init__(self, *args, year=None, **kwargs):
        super().__init__(*args, **kwargs)
        year = year or SponsorshipCurrentYear.objects.get().year
        every = SponsorshipBenefit.objects.annotate(num_packages=Count("packages")).filter(year=year, unavailable=False)
        packages = SponsorshipPackage.objects.filter(year=year, advertise=True)
        self.fields["package"] = forms.ModelChoiceField(packages, widget=forms.RadioSelect, empty_label=None)
        self.fields["a_la_carte_benefits"] = self.some(every.filter(num_packages=0, standalone=False))
        self.fields["standalone_benefits"] = self.some(every.filter(standalone=True))
        packaged = every.filter(num_packages__gt=0, standalone=False).order_by("-num_packages", "order")
        for program in SponsorshipProgram.objects.all():
            name = slugify(program.name).replace("-", "_")
            self.fields[f"benefits_{name}"] = self.some(packaged.filter(program=program), f"{program.name} Benefits")

    @staticmethod
    def some(benefits, label=None):
        return Benefits(benefits, widget=forms.CheckboxSelectMultiple, required=False, label=label)

    @property
    def benefits_programs(self):
        return [field for field in self if field.name.startswith("benefits_")]


class AssetsForm(forms.Form):
    def __init__(self, assets, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for asset in sorted(assets, key=lambda one: (not one.value, one.due_date or date.min), reverse=True):
            self.fields[slugify(asset.internal_name).replace("-", "_")] = self.field(asset, asset.value)

    @property
    def has_input(self):
        return bool(self.fields)

    @staticmethod
    def field(asset, value):
        label = asset.label
        if value:
            label = format_html("<big><b>{}</b></big><br><small>(Fulfilled, thank you!)</small>", label)
        elif asset.due_date:
            label = format_html("<big><b>{}</b></big><br><b>(Required by {})</b>", label, asset.due_date)
        said = {"label": label, "help_text": asset.help_text, "initial": value, "required": bool(value)}
        if isinstance(asset, RequiredImgAsset):
            return forms.ImageField(widget=forms.ClearableFileInput, **said)
        if isinstance(asset, RequiredTextAsset):
            long = asset.max_length is None or asset.max_length > 256
            return forms.CharField(widget=forms.Textarea if long else forms.TextInput, **said)
        return forms.ChoiceField(choices=ResponseAsset.Response.choices, widget=forms.RadioSelect, **said)
