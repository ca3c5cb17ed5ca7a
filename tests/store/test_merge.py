"""Two sorted streams side by side: every key once, beside its like."""

from hypothesis import given
from hypothesis import strategies as st

from samespace.store.merge import merged

KEYS = st.sets(st.text("abc", min_size=1, max_size=3))


@given(KEYS, KEYS)
def test_every_key_comes_once_in_order_with_its_like(left: set[str], right: set[str]) -> None:
    pairs = list(merged(sorted(left), sorted(right), str, str))

    assert [one or other for one, other in pairs] == sorted(left | right)
    assert {one for one, _ in pairs if one} == left
    assert {other for _, other in pairs if other} == right
    assert all(one == other for one, other in pairs if one and other)
