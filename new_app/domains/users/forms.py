"""The forms of accounts, field by field as django-allauth and the site's own models declare them.

Each checks what can be checked without asking anybody; what the database or a password hasher must say, the handler
adds with `add_error`.
"""

import re
from typing import Any

from legacy_adapters.forms import (
    BooleanField,
    CharField,
    EmailField,
    Form,
    NullBooleanField,
    PasswordInput,
    RadioSelect,
    Select,
    Textarea,
    TextInput,
    TypedChoiceField,
    ValidationError,
)
from legacy_adapters.forms.validators import MaxLengthValidator, RegexValidator
from new_app.domains.users.models import User

SHORTEST_PASSWORD = 6
TOO_SHORT = f"This password is too short. It must contain at least {SHORTEST_PASSWORD} characters."


def password_field(label: str, autocomplete: str, **options: Any) -> CharField:
    attributes = {"placeholder": label, **({"autocomplete": autocomplete} if autocomplete else {})}
    return CharField(label=label, widget=PasswordInput(attrs=attributes), **options)


class LoginForm(Form):
    login = CharField(
        label="Login", widget=TextInput(attrs={"placeholder": "Username or email", "autocomplete": "email"})
    )
    password = password_field(
        "Password",
        "current-password",
        help_text='<a href="/accounts/password/reset/">Forgot your password?</a>',
    )
    remember = BooleanField(label="Remember Me", required=False)

    def clean_login(self) -> str:
        return str(self.cleaned_data["login"]).strip()


class ReauthenticateForm(Form):
    password = password_field("Password", "current-password")


def email_field() -> EmailField:
    look = {"type": "email", "autocomplete": "email", "placeholder": "Email address"}
    return EmailField(label="Email", widget=TextInput(attrs=look))


class AddEmailForm(Form):
    email = email_field()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class ResetPasswordForm(AddEmailForm):
    """The address that a link is mailed to."""


class NewPassword(Form):
    """Two fields that must agree. A subclass names them `password1` and `password2`."""

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if len(password) < SHORTEST_PASSWORD:
            raise ValidationError(TOO_SHORT)
        return password

    def clean(self) -> dict[str, Any]:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "You must type the same password each time.")
        return self.cleaned_data


class ChangePasswordForm(NewPassword):
    oldpassword = password_field("Current Password", "current-password")
    password1 = password_field("New Password", "new-password")
    password2 = password_field("New Password (again)", "")


class SetPasswordForm(NewPassword):
    password1 = password_field("Password", "new-password")
    password2 = password_field("Password (again)", "")


class ResetPasswordKeyForm(NewPassword):
    password1 = password_field("New Password", "new-password")
    password2 = password_field("New Password (again)", "")


LONGEST_NAME = 150
ascii_name = RegexValidator(
    r"^[\w.@+-]+\Z",
    "Enter a valid username. This value may contain only unaccented lowercase a-z and uppercase A-Z letters, numbers, "
    "and @/./+/-/_ characters.",
    flags=re.ASCII,
)


class SignupForm(AddEmailForm):
    username = CharField(
        label="Username",
        min_length=1,
        widget=TextInput(attrs={"placeholder": "Username", "autocomplete": "username"}),
    )
    password1 = password_field("Password", "new-password")
    password2 = password_field("Password (again)", "new-password")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(LONGEST_NAME))  # after those of the field, as the package has them
        name.widget.attrs["maxlength"] = str(LONGEST_NAME)

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        ascii_name(name)
        return name

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("password1") and len(said["password1"]) < SHORTEST_PASSWORD:
            self.add_error("password1", TOO_SHORT)
        if "password1" in said and "password2" in said and said["password1"] != said["password2"]:
            self.add_error("password2", "You must type the same password each time.")
        return said


class ProfileForm(Form):
    """What a person says of themselves. Whether name and address are somebody else's, the database says."""

    username = CharField(
        max_length=LONGEST_NAME,
        help_text=f"Required. {LONGEST_NAME} characters or fewer. Letters, digits and @/./+/-/_ only.",
    )
    first_name = CharField(max_length=150, required=False)
    last_name = CharField(max_length=150, required=False)
    email = EmailField(label="Email address", max_length=254, required=False)
    bio = CharField(widget=Textarea, required=False)
    search_visibility = TypedChoiceField(choices=User.SEARCH_CHOICES, coerce=int, widget=RadioSelect)
    email_privacy = TypedChoiceField(label="E-mail privacy", choices=User.EMAIL_CHOICES, coerce=int, widget=RadioSelect)
    public_profile = BooleanField(label="Make my profile public", required=False)

    def clean_username(self) -> str:
        """Of the characters that a profile's URL can have."""
        name = str(self.cleaned_data["username"])
        ascii_name(name)
        return name


class MembershipUpdateForm(Form):
    legal_name = CharField(max_length=100)
    preferred_name = CharField(max_length=100)
    email_address = EmailField(max_length=100)
    city = CharField(max_length=100)
    region = CharField(label="State, Province or Region", max_length=100)
    country = CharField(max_length=100)
    postal_code = CharField(max_length=20)


class MembershipForm(MembershipUpdateForm):
    psf_code_of_conduct = NullBooleanField(
        label="I agree to the PSF Code of Conduct",
        required=False,
        widget=Select(choices=(("", ""), (True, "Yes"), (False, "No"))),
    )

    def clean_psf_code_of_conduct(self) -> bool:
        if not self.cleaned_data["psf_code_of_conduct"]:
            raise ValidationError("Agreeing to the code of conduct is required.")
        return True
