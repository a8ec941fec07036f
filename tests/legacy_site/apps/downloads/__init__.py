"""Releases of Python, their files, and the operating systems that these are for."""
