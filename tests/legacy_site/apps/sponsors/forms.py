"""What a sponsor hands in: a form with a field for each asset that is asked for."""

from datetime import date

from django import forms
from django.utils.html import format_html
from django.utils.text import slugify

from apps.sponsors.models import RequiredImgAsset, RequiredTextAsset, ResponseAsset


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
