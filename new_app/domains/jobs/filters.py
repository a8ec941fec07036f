"""What templates do with a vacancy's values."""

import html

from markupsafe import Markup


def render_email(value: object) -> Markup | None:
    """An address with its dots and its @ inside elements of their own; of an empty one, None.

    Raises ValueError for what is no address, as legacy does.
    """
    text = value if isinstance(value, str) else str(value)
    if not text:
        return None
    mailbox, domain = text.split("@")
    return _dotted(mailbox) + Markup("<span>@</span>") + _dotted(domain)


def _dotted(part: str) -> Markup:
    return Markup("<span>.</span>").join(Markup(html.escape(word)) for word in part.split("."))  # noqa: S704 - escaped
