"""Stands in for the package of this name, which tastypie needs before it offers XML. The old site only writes XML."""
