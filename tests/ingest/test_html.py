"""The text of a page is what a reader sees, in its lines."""

import time

import pytest

from ingest.parse import parse
from ingest.parsed import Parsed
from samespace.core.errors import Unreadable
from tests.ingest.files import LIMITS


def text_of(page: str) -> str:
    (text,) = parse(page.encode(), "a.html", "text/html", LIMITS).texts
    return text.text


CODE = "def fall(n):\n    if n:\n\n        return  n - 1"


@pytest.mark.parametrize(
    "listing",
    [
        f"<pre>{CODE}</pre>",
        f"<pre>\n{CODE}\n</pre>",
        f"<pre>\n\n{CODE}\n\n</pre>",
        f"<pre><code>{CODE}</code></pre>",
        "<pre><b>def</b> fall(n):\n    <i>if</i> n:\n\n        return  <span>n - 1</span></pre>",
        f"<textarea>{CODE}</textarea>",
        f"<xmp>{CODE}</xmp>",
        f"<listing>{CODE}</listing>",
        f'<div style="white-space: pre-wrap">{CODE}</div>',
        "<pre>def fall(n):<br>    if n:<br><br>        return  n - 1</pre>",
        "<pre>def&nbsp;fall(n):\r\n    if n:\r\n\r\n        return  n - 1</pre>",
    ],
)
def test_a_listing_keeps_its_lines_and_spaces(listing: str) -> None:
    assert text_of(f"<p>See\n  this:</p>{listing}<p>That  is\nit.") == (
        f"See this:\n{CODE}\nThat is it."
    )


def test_lines_of_a_listing_may_be_blocks() -> None:
    page = "<pre><div>one</div><div>  two</div></pre><p>after"
    assert text_of(page) == "one\n  two\nafter"


def test_spaces_count_only_where_they_are_shown() -> None:
    page = '<p>a <code style="white-space:pre">x  y</code>  b</p><pre>c  <i style="white-space: normal">d  e</i></pre>'
    assert text_of(page) == "a x  y b\nc  d e"


@pytest.mark.parametrize(
    "ruby",
    [
        "<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>",
        "<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>",
        "<ruby><rb>漢</rb><rb>字</rb><rt>かん<rt>じ</ruby>",
        "<ruby>漢字<rtc><rt>かんじ</rt></rtc></ruby>",
        "<ruby>漢<rp>【<rt>かん<rp>】</ruby>字",
    ],
)
def test_the_reading_above_a_word_is_not_part_of_it(ruby: str) -> None:
    assert text_of(f"<p>この{ruby}を読む。") == "この漢字を読む。"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ('<p>See <img src="a.png" alt="a lighthouse"> here.', "See a lighthouse here."),
        ('<p><a><img alt="Harbour"></a><a>Home</a>', "Harbour Home"),
        ('<img alt=""><img src="x"><p>words', "words"),
        ('<map><area alt="north quay"><area alt="south quay"></map>', "north quay south quay"),
        ('<input type="image" alt="Search" value="no">', "Search"),
        ('<figure><img alt="A boat"><figcaption>Anna</figcaption></figure>', "A boat\nAnna"),
        ('<picture><source srcset="a.avif"><img alt="A boat"></picture>', "A boat"),
        (
            "<p>Tides<svg><title>A chart</title><g><text>low <tspan>water</tspan></text></g></svg>",
            "Tides A chart low water",
        ),
        ("<svg><defs><text>no</text></defs><style>p{}</style><path/></svg><p>words", "words"),
    ],
)
def test_words_for_pictures_are_read(page: str, text: str) -> None:
    assert text_of(page) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>no</p>",
        '<p hidden="hidden">no</p>',
        '<div style="display:none"><p>no</p></div>',
        '<div style="color: red; DISPLAY : None !important;">no</div>',
        '<span style="visibility:hidden">no</span>',
        "<template><p>no</p></template>",
        "<noscript>no</noscript>",
        "<script>no</script><style>no</style>",
        "<iframe>no</iframe><object>no</object><video>no</video><audio>no</audio><canvas>no</canvas>",
        "<dialog>no</dialog>",
        "<datalist><option>no</datalist>",
        '<input type="hidden" value="no"><input type="password" value="no"><input type="checkbox" value="no">',
        '<input placeholder="no"><textarea placeholder="no"></textarea>',
        "<!-- no -->",
        '<img alt="no" hidden>',
        '<body><p title="no" data-x="no" aria-label="no"></p>',
    ],
)
def test_what_no_reader_sees_is_not_read(hidden: str) -> None:
    assert text_of(f"<p>before</p>{hidden}<p>after</p>") == "before\nafter"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ('<p hidden="until-found">folded', "folded"),
        ("<details><summary>More</summary><p>folded</p></details>", "More\nfolded"),
        ("<dialog open>asked</dialog>", "asked"),
        ('<p aria-hidden="true">seen', "seen"),
        ('<p style="display:block; background:none">seen', "seen"),
        ('<body style="visibility:hidden"><p>shown by a script', "shown by a script"),
        ('<html hidden><body style="display:none"><p>shown by a script', "shown by a script"),
        ("<p>one<br>two<br/>three", "one\ntwo\nthree"),
        ("<p>har<wbr>bour <wbr/>mas\xadter</wbr>", "harbour master"),
        ("<table><tr><th>boat<th>length<tr><td>Anna<td>9 m</table>", "boat\nlength\nAnna\n9 m"),
        (
            "<label>Size <select><option>S<option selected>M<option>L</select> only</label>",
            "Size M only",
        ),
        ('<p>Name: <input value="Anna"><input type="submit" value="Send">', "Name: Anna Send"),
        ("<textarea>a <b>b\nc</textarea>", "a <b>b\nc"),
        ('<p>so <math alttext="x^2"><mi>x</mi><mn>2</mn></math> is', "so x^2 is"),
        (
            "<math><mi>x</mi><annotation encoding='application/x-tex'>\\sqrt{x}</annotation></math>",
            "\\sqrt{x}",
        ),
        ("<math><mrow><mi> a </mi><mo>=</mo><mn>2</mn></mrow></math>", "a = 2"),
        ("<svg><title>Chart</title></svg><p>words", "Chart\nwords"),
        (
            "<title>The <b>page</b></title><svg><title>Chart</title></svg>",
            "The <b>page</b>\n\nChart",
        ),
        ("<title>Boats</title><main>words</main><p>more", "Boats\n\nwords\nmore"),
        ("<!doctype html><title>Boats</title><my-boat>words</my-boat>", "Boats\n\nwords"),
        ("<p>before<title>Late title</title>after", "Late title\n\nbefore\nafter"),
    ],
)
def test_what_a_reader_sees_is_read(page: str, text: str) -> None:
    assert text_of(page) == text


def test_a_page_of_comments_alone_holds_nothing() -> None:
    assert parse(b"<!-- a --><!-- b -->", "a.html", "text/html", LIMITS) == Parsed(
        warnings=("a.html holds no text or picture",)
    )


def test_places_to_break_a_word_do_not_nest() -> None:
    assert text_of("<p>" + "ha<wbr>" * 5_000) == "ha" * 5_000


GROWING = {
    "wbr": "<wbr <wbr",
    "styles": '<p style="' + "display:" * 3 + '">x',
    "pre": "<pre>\n\n\n</pre>",
    "svg": "<svg><title>",
    "math": "<math><mi>x",
    "spaces": " " * 50 + "<b> </b>",
    "blank lines": "<pre>a" + "\n" * 40 + "</pre>",
    "ruby": "<ruby>a<rt>b<rp>c</ruby>",
    "options": "<select><option>",
    "attributes": "<p a=1 b=2 hidden=until-found>",
}


@pytest.mark.alone
@pytest.mark.parametrize("kind", GROWING)
def test_time_grows_with_the_size_alone(kind: str) -> None:
    times = []
    for repeats in (2_000, 16_000):
        page = (GROWING[kind] * repeats).encode()
        began = time.process_time()
        try:
            parse(page, "a.html", "text/html", LIMITS)
        except Unreadable as error:
            assert "nests more than 2048 elements" in str(error)
        times.append(time.process_time() - began)
    assert times[1] < 30 * max(times[0], 0.02)
