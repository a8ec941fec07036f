"""Words of a query in a text as haystack shows them."""


def highlighted(text, query, options):
    from haystack.utils.highlighting import Highlighter

    return str(Highlighter(query, **options).highlight(text))
