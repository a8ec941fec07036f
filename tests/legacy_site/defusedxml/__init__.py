"""Stands in for the package of that name, which is all that tastypie lacks here to write and read XML.

It reads with lxml, resolving no entity and fetching nothing, and refuses a document that declares a type or an entity.
"""
