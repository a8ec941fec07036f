"""The errors of this package.

LegacyError
├── ManifestError      a manifest is missing, unreadable, of another format version, or was made by a failing site
├── PatternError       a claim's pattern is not valid Django path() or re_path() syntax
├── SettingsError      the two sides cannot agree: a setting is missing, or names something we do not know
└── SuspiciousOperation  input that was made to do harm; Django answers 400
"""


class LegacyError(Exception):
    """Something about the legacy site that the bridge cannot work with. The message says what to do next."""


class ManifestError(LegacyError):
    """The manifest cannot be used. Run `bridge adopt` again."""


class PatternError(LegacyError):
    """A URL pattern that Django would refuse too."""


class SettingsError(LegacyError):
    """A Django setting that the bridge needs and cannot use as it stands."""


class SuspiciousOperation(LegacyError):
    """Input that was made to do harm (django/core/exceptions.py)."""
