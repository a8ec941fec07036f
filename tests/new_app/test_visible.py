"""Visible text of HTML, as the library that legacy reads it with finds it. The expectations are that library's."""

import pytest

from new_app.visible import visible_text

CASES = {
    "": "",
    "plain text is the document's own": "",
    "<p>one</p>two<p> three </p>": "one three",
    "<p>a<b>b</b>c</p>": "a b c",
    "<p>a<br>b<br/>c</p>": "a b c",
    "<br>a<br/>b": "b",
    "<div><style>s</style><script>x < y</script><title>t</title>seen</div>": "seen",
    "<p>a<!-- no -->b</p>": "a b",
    "<p>&lt;b&gt; &amp;bogus; &bogus; &copy;</p>": "<b> &bogus; &bogus ©",
    "<p>&#150; &#x41; &#99999999; &#129;</p>": "– A � \x81",
    "<b>1</i>2</b>3": "1 2",
    "<div><p>open</div>closed": "open",
}


@pytest.mark.parametrize("html", CASES)
def test_text_is_what_a_reader_sees(html: str) -> None:
    assert visible_text(html).split() == CASES[html].split()
