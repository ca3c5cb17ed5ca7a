"""The one rule for names: what is kept of each, and what is refused."""

import pytest

from samespace.core.errors import InvalidRequest
from samespace.core.names import LONGEST, check_external_id, document_name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("summer 2024.jpg", "summer 2024.jpg"),
        (" with blanks around.txt ", " with blanks around.txt "),
        ("Größe/日本語.md", "Größe/日本語.md"),
        ("a\tb\nc\rd.txt", r"a\tb\nc\rd.txt"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\x7f\x85b", r"a\x7f\x85b"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        (r"a\tb", r"a\tb"),
        ("n" * LONGEST, "n" * LONGEST),
    ],
)
def test_names_are_one_line(name: str, kept: str) -> None:
    assert document_name(name) == kept


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "the name '' is blank"),
        (" \t\n", r"the name ' \t\n' is blank"),
        ("\u3000", r"the name '\u3000' is blank"),
        ("a\0b", r"the name 'a\x00b' holds a character that is not text"),
        ("a\ud800", r"the name 'a\ud800' holds a character that is not text"),
        ("n" * 1025, f"the name '{'n' * 60}'... has 1025 characters, the limit is 1024"),
    ],
)
def test_names_that_are_refused(name: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        document_name(name)
    assert str(refused.value).startswith(said)


def test_an_identity_stays_as_it_is() -> None:
    for good in ("/home/a\tb\n.txt", " ", "\x7f"):
        check_external_id(good)
    for bad in ("a\0", "\udfff", "x" * 1025):
        with pytest.raises(InvalidRequest, match=r"^the external_id "):
            check_external_id(bad)
