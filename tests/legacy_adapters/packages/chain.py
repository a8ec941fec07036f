"""The templates of the site and of its packages, imported, beside Django: one page, both ways, in one process."""

import functools
import json
import logging
from pathlib import Path
from types import SimpleNamespace

from django.core.cache import cache
from django.template import engines
from jinja2 import DictLoader

from importers.templates.known import of_manifest
from importers.templates.theme import converted
from legacy_adapters import allauth_tags, form_fields, honeypot, introspect, pipeline, reverse, sitetree, static
from legacy_adapters.dtl import filters
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.locale import locale_of
from legacy_adapters.manifest import parse_manifest
from tests.legacy_adapters.packages import menus


@functools.cache
def known():
    return parse_manifest(json.dumps(introspect.describe()).encode())


@functools.cache
def texts():
    return converted([Path(one) for one in known().template_dirs], of_manifest(known()), packages=True).texts


def environment(rows=None):
    manifest = known()
    names = reverse.Reverse(manifest)
    files = static.StaticFiles(manifest)
    shown = sitetree.Menus(manifest, names, *rows, nulls_first=True) if rows else None
    return DjangoEnvironment(
        DictLoader(texts()),
        locale=locale_of(manifest),
        functions={
            **reverse.functions(names),
            **static.functions(files, static.MediaFiles(manifest)),
            **pipeline.functions(manifest, files),
            **sitetree.functions(lambda context: shown),
            **honeypot.functions(manifest),
            **form_fields.functions(),
            **allauth_tags.functions(lambda user: user.username),
            **filters.FUNCTIONS,
            "box": lambda label: "",
        },
        filters=form_fields.filters(),
        blocks={**allauth_tags.blocks(), **filters.BLOCKS},
    )


def menu(rows, template, request):
    """A menu of the site or of the package, shown by both: ours, theirs."""
    menus.fill(*rows)
    cache.clear()
    setattr(menus.sitetreeapp._THREAD_LOCAL, menus.sitetreeapp._THREAD_SITETREE, None)
    tag = "sitetree_tree" if template == "tree" else "sitetree_menu"
    tag = "sitetree_breadcrumbs" if template == "breadcrumbs" else tag
    branches = ' include "trunk"' if tag == "sitetree_menu" else ""
    source = "{% load sitetree %}{% TAG from 'main'INCLUDE template 'sitetree/NAME.html' %}"
    source = source.replace("TAG", tag).replace("INCLUDE", branches).replace("NAME", template)
    given = ', include="trunk"' if branches else ""
    jinja = f'{{{{ {tag}("main"{given}, template="sitetree/{template}.html") }}}}'

    def page():
        user = SimpleNamespace(is_authenticated=True, get_all_permissions=lambda: set(request["permissions"]))
        return SimpleNamespace(path=request["path"], user=user)

    variables = {"extra_class_ul": "<x>", "who": "<us>", "label": "a-b"}
    theirs = engines["django"].from_string(source).render({"request": page(), **variables})
    ours = environment(rows).from_string(jinja).render({"request": page(), **variables})
    return str(ours), str(theirs)


def accounts():
    """Pages of django-allauth with the forms that its views give them."""
    from allauth.account import forms

    user = SimpleNamespace(username="me & you", is_authenticated=True, pk=1)
    address = SimpleNamespace(email="a@b.example", verified=True, primary=False, id=3)
    radio = SimpleNamespace(emailaddress=address, checked=True, id="email_0")
    bound = {"login": "x", "password": ""}
    return {
        "account/login.html": {"form": forms.LoginForm(bound), "redirect_field_name": "next", "SITE_INFO": {}},
        "account/password_reset.html": {"form": forms.ResetPasswordForm()},
        "account/password_reset_done.html": {},
        "account/password_reset_from_key.html": {"form": forms.UserTokenForm(), "action_url": "/x/?a&b"},
        "account/password_reset_from_key_done.html": {},
        "account/password_set.html": {"form": forms.AddEmailForm(), "user": user},
        "account/email.html": {
            "emailaddresses": [address],
            "emailaddress_radios": [radio],
            "can_add_email": True,
            "form": forms.AddEmailForm(),
            "user": user,
        },
        "account/email_confirm.html": {
            "confirmation": SimpleNamespace(email_address=SimpleNamespace(email="a@b.example", user=user), key="k"),
            "can_confirm": True,
            "user": user,
        },
        "account/account_inactive.html": {},
        "account/logout.html": {"user": user},
        "account/reauthenticate.html": {"form": forms.ReauthenticateForm(user=user), "user": user},
        "account/signup_closed.html": {},
        "account/verified_email_required.html": {},
    }


def account(name):
    """A page of django-allauth, shown by both: ours, theirs."""
    menus.fill([], [], {})
    cache.clear()
    setattr(menus.sitetreeapp._THREAD_LOCAL, menus.sitetreeapp._THREAD_SITETREE, None)
    request = SimpleNamespace(
        path="/accounts/x/",
        user=SimpleNamespace(is_authenticated=False, get_all_permissions=set),
        GET={},
        build_absolute_uri=lambda: "http://x/",
    )
    logging.disable()
    try:
        theirs = engines["django"].get_template(name).render({**accounts()[name], "request": request})
        ours = environment(([], [])).get_template(name).render({**accounts()[name], "request": request})
    finally:
        logging.disable(logging.NOTSET)
    return str(ours), str(theirs)
