"""django-pipeline's `{% stylesheet "group" %}` and `{% javascript "group" %}`.

With PIPELINE_ENABLED a group is its one output file, without it the files it is made of, one tag each and the compiled
templates last; which they are, the manifest knows. A group's own template is rendered from the theme, and so are
django-pipeline's, where the theme has them. An unknown group prints nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import TemplateNotFound

from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.dtl.prints import open_prints
from legacy_adapters.dtl.safe import SafeString, conditional_escape
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import PipelinePackage
from legacy_adapters.static import StaticFiles

Variables = dict[str, Any]


def functions(manifest: Manifest, static: StaticFiles) -> dict[str, Callable[..., object]]:
    """Both tags, for a site that has django-pipeline. A package prints the same on every page."""
    pipeline = manifest.pipeline

    def printed(context: Any, key: tuple[str, str], made: Callable[[], SafeString]) -> SafeString:
        prints = open_prints(context)
        return prints.get(("pipeline", *key), made) if prints is not None else made()

    def tags(context: Any, package: PipelinePackage, default: str, template: str) -> list[str]:
        return [
            render(
                context,
                package.template or template,
                {**package.extra_context, "type": kind or default, "url": SafeString(static.url(path))},
            )
            for path, kind in ([package.output] if pipeline.enabled else package.sources)
        ]

    @takes_context
    def stylesheet(context: Any, name: object) -> SafeString:
        package = pipeline.stylesheets.get(str(name))
        if package is None:
            return SafeString("")

        def made() -> SafeString:
            return SafeString("\n".join(tags(context, package, "text/css", "pipeline/css.html")))

        return printed(context, ("stylesheet", str(name)), made)

    @takes_context
    def javascript(context: Any, name: object) -> SafeString:
        package = pipeline.javascript.get(str(name))
        if package is None:
            return SafeString("")

        def made() -> SafeString:
            found = tags(context, package, "text/javascript", "pipeline/js.html")
            if package.templates and not pipeline.enabled:
                variables = {**package.extra_context, "source": package.templates}
                found.append(render(context, "pipeline/inline_js.html", variables))
            return SafeString("\n".join(found))

        return printed(context, ("javascript", str(name)), made)

    return {"stylesheet": stylesheet, "javascript": javascript}


def render(context: Any, template: str, variables: Variables) -> str:
    """The theme's template, or what django-pipeline's own prints."""
    try:
        return str(context.environment.get_template(template).render(variables))
    except TemplateNotFound:
        if template not in OWN:
            raise
        return OWN[template](variables)


def _css(variables: Variables) -> str:
    attributes = _attributes(
        variables, href="url", rel=None, type="type", media="media", title="title", charset="charset"
    )
    return f"<link{attributes} />"


def _js(variables: Variables) -> str:
    attributes = _attributes(variables, type="type", src="url")
    return f'<script{_flags(variables)}{attributes} charset="utf-8"></script>'


def _inline_js(variables: Variables) -> str:
    return f'<script{_flags(variables)} type="text/javascript">\n  {variables["source"]}\n</script>'


def _flags(variables: Variables) -> str:
    return "".join(f" {name}" for name in ("async", "defer") if variables.get(name))


def _attributes(variables: Variables, **names: str | None) -> str:
    """In the order given; what is missing is left out, but for the medium, which is `all`."""
    values = {"media": "all", **{name: value for name, value in variables.items() if value or name in {"type", "url"}}}
    found = ""
    for attribute, name in names.items():
        if name is None:
            found += ' rel="stylesheet"'
        elif name in values:
            found += f' {attribute}="{conditional_escape(values[name])}"'
    return found


OWN: Mapping[str, Callable[[Variables], str]] = {
    "pipeline/css.html": _css,
    "pipeline/js.html": _js,
    "pipeline/inline_js.html": _inline_js,
}
