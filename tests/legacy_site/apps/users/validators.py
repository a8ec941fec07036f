"""What allauth accepts as a new user's name: letters, digits and @.+-_ of ASCII."""

from django.contrib.auth.validators import ASCIIUsernameValidator

username_validators = [ASCIIUsernameValidator()]
