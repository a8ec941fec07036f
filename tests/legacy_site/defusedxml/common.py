"""The error of a document that is refused."""


class DefusedXmlException(ValueError):
    pass
