"""Visits pages of the seeded reference site, inside it, and prints what each answered as JSON.

Run with the site's folder on the path and the visits on standard input: a list of `[user or null, path]`. Each page is
asked twice by a visitor without a session, and the second answer counts: its caches are warm by then.
"""

import json
import sys
from collections.abc import Iterable

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.signals import template_rendered  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from apps.users.models import User  # noqa: E402

setup_test_environment()
PLAIN = (str, int, float, bool, type(None))


def client_of(name):
    client = Client(raise_request_exception=False, headers={"host": "python.test"})
    if name:
        client.force_login(User.objects.get(username=name))
    return client


def described(value):
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, dict):
        return {str(key): described(held) for key, held in value.items()}
    if isinstance(value, Iterable) and hasattr(value, "__iter__"):  # a lazy object has it, what is in it may not
        return [described(held) for held in value]
    return str(value)


def names_of(contexts):
    """What the view gave, by name. A page of the CMS comes after the page that says there is none."""
    given = [context for context in contexts if "view" in context] or contexts
    wanted = sys.argv[1].split(",")
    return {name: described(given[0][name]) for name in wanted if given and name in given[0]}


def visit(client, path, warm):
    if not warm:
        client.get(path)
    contexts = []

    def note(sender, template, context, **kwargs):
        contexts.append((template.name, context.flatten()))

    template_rendered.connect(note)
    try:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
    finally:
        template_rendered.disconnect(note)
    return {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": sorted(answer.cookies),
        "templates": [name for name, _ in contexts],
        "context": names_of([context for _, context in contexts]),
        "queries": len(asked),
        "body": answer.content.decode(),
    }


clients = {}
answers = []
for user, path in json.load(sys.stdin):
    if user not in clients:
        clients[user] = client_of(user)
    answers.append(visit(clients[user], path, warm=user is not None))
json.dump(answers, sys.stdout)
