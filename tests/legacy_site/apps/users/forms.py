"""What people say of themselves, and of their membership."""

from django import forms

from apps.users.models import Membership, User

YES_OR_NO = [("", ""), (True, "Yes"), (False, "No")]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "bio")
        fields += ("search_visibility", "email_privacy", "public_profile")
        widgets = dict.fromkeys(("search_visibility", "email_privacy"), forms.RadioSelect)

    def others(self, **having):
        return User.objects.exclude(pk=self.instance.pk).filter(**having)

    def clean_username(self):
        name = self.cleaned_data["username"]
        if self.others(username__iexact=name).exists():
            raise forms.ValidationError("A user with that username already exists.")
        return name

    def clean_email(self):
        email = self.cleaned_data["email"]
        if self.others(email=email).exists():
            raise forms.ValidationError("Please use a unique email address.")
        return email


class MemberForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("legal_name", "preferred_name", "email_address", "city", "region", "country", "postal_code")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].required = True


class JoinForm(MemberForm):
    class Meta(MemberForm.Meta):
        fields = (*MemberForm.Meta.fields, "psf_code_of_conduct")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["psf_code_of_conduct"].required = False
        self.fields["psf_code_of_conduct"].widget = forms.Select(choices=YES_OR_NO)

    def clean_psf_code_of_conduct(self):
        if not self.cleaned_data["psf_code_of_conduct"]:
            raise forms.ValidationError("Agreeing to the code of conduct is required.")
        return True
