"""The forms of accounts, field by field as django-allauth and the site's own models declare them.

Each checks what can be checked without asking anybody; what the database or a password hasher must say, the handler
adds with `add_error`.
"""

from typing import Any

from legacy_adapters.forms import BooleanField, CharField, Form, PasswordInput, TextInput, ValidationError

SHORTEST_PASSWORD = 6


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


class NewPassword(Form):
    """Two fields that must agree. A subclass names them `password1` and `password2`."""

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if len(password) < SHORTEST_PASSWORD:
            raise ValidationError(
                f"This password is too short. It must contain at least {SHORTEST_PASSWORD} characters."
            )
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
