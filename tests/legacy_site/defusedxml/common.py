"""The exception that tastypie catches when it reads XML."""


class DefusedXmlException(ValueError):
    """XML that must not be read."""
