"""Everything the bridge knows about Django, and nothing about any site.

Deletable: on the day the last URL has moved, this package goes and `new_app` still runs.
"""
