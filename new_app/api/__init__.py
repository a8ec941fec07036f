"""The site's public JSON APIs, as their users have known them for years.

`v1` answers as tastypie 0.15 does and `v2` as Django REST framework 3.15 does, down to error texts, header values and
the arithmetic of throttles. Resources are data, declared by the domains; nothing here names one. Reads only: any
other method stays with the legacy site.
"""
