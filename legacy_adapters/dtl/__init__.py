"""The run-time half of the template importer: Jinja2's syntax with Django's semantics. See docs/templates.md."""
