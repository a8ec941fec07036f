"""`parse` as tastypie calls it."""

from lxml import etree

from defusedxml.common import DefusedXmlException


def parse(source, parser=None, base_url=None, **limits):
    parser = parser or etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    tree = etree.parse(source, parser, base_url=base_url)
    if tree.docinfo.internalDTD is not None:
        raise DefusedXmlException("a document may not declare its own type or entities")
    return tree
