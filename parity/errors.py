"""The errors of this package.

ParityError
├── CorpusError     a file of cases cannot be read as URLs, as an access log or as HAR
├── PersonaError    a persona cannot be signed in
└── WaiverError     waivers.toml is not valid, or a waiver in it lacks an owner, a reason or an end date

That a side does not answer is no error here: it is an observation.
"""


class ParityError(Exception):
    """Something that a person has to mend before a run can start. The message says what."""


class CorpusError(ParityError):
    """The cases cannot be read."""


class PersonaError(ParityError):
    """A persona cannot sign in; nothing asked as somebody else would prove anything of it."""


class WaiverError(ParityError):
    """The list of accepted differences cannot be trusted."""
