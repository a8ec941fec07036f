"""What django-allauth says to people, in mails and in messages: its templates word it.

`account/email/<name>_subject.txt` and `_message.txt` are a mail, `account/messages/<name>.txt` is a message.
"""

import html
from typing import Any

from new_app.action import Action, NotOurs
from new_app.context import MESSAGE_LEVELS, TemplateRequest
from new_app.mail import Mail
from new_app.page import Page
from new_app.tables import Site

TEMPLATES = ("account/email/*.txt", "account/email/*.html", "account/messages/*.txt")


def require_mail(action: Action) -> None:
    """Before anything is written: legacy answers where this side cannot mail."""
    if action.identity.post is None or action.identity.links is None:
        raise NotOurs


async def mail(action: Action, name: str, to: str, **said: Any) -> None:
    """Send one. Raises OSError where it cannot be delivered, as legacy does."""

    def written(page: Page) -> Mail:
        site = page.session.get(Site, page.call.public.site_id)
        assert site is not None
        request = TemplateRequest(page.call, page.user)
        variables = {"request": request, "email": to, "current_site": site, **said}
        subject = page.site.templates.render([f"account/email/{name}_subject.txt"], variables)
        body = page.text(f"account/email/{name}_message.txt", variables)
        rich = f"account/email/{name}_message.html"
        return Mail(
            f"[{site.name}] {' '.join(subject.splitlines()).strip()}",
            body.strip(),
            action.identity.sender,
            (to,),
            page.text(rich, variables).strip() if page.site.templates.has(rich) else "",
        )

    assert action.identity.post is not None
    await action.identity.post.send(await action.pages.ask(action.call, action.visitor, written))


async def tell(action: Action, level: str, name: str, **said: Any) -> None:
    """A message to the visitor, shown once, on the next page that shows messages."""
    found = await action.pages.ask(
        action.call, action.visitor, lambda page: page.text(f"account/messages/{name}.txt", said)
    )
    if words := found.strip():
        action.visitor.messages.add(MESSAGE_LEVELS[level], html.unescape(words))
