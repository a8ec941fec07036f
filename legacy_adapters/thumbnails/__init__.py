"""Thumbnails under the names that sorl-thumbnail and django-imagekit give them, so that both sides share the files.

What exists is only named and measured; what is missing is drawn with Pillow, as the package would draw it, and written
where the site keeps it. `files.py` is where files are, `sorl.py` and `imagekit.py` the packages, `sorl_drawing.py` and
`pilkit.py` what they do to an image.
"""
