"""Django templates to Jinja2 templates."""
