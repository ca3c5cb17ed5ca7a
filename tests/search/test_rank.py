"""Many votes at once are those of each, and the ranking is by the best of them."""

from hypothesis import given
from hypothesis import strategies as st

from search.background import LEAST_SPREAD, Calibration
from search.rank import Ballot, explain, merge

CALIBRATIONS = st.builds(
    Calibration, st.floats(-1, 1), st.floats(LEAST_SPREAD, 1), st.integers(0, 1000)
)
SHARES = st.one_of(st.sampled_from([0.0, 1.0, 1.0000000000000002]), st.floats(0, 1))
FOUND = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1), max_size=8)
BALLOTS = st.builds(
    lambda space, calibration, share, found: Ballot(
        space,
        calibration,
        share,
        sorted(found, key=lambda key: (-found[key], key)),
        sorted(found.values(), reverse=True),
    ),
    st.sampled_from(["one", "other"]),
    CALIBRATIONS,
    SHARES,
    FOUND,
)


@given(st.lists(BALLOTS, max_size=4), st.integers(0, 10))
def test_items_are_ranked_by_their_best_vote_and_then_by_key(
    ballots: list[Ballot], limit: int
) -> None:
    best: dict[str, float] = {}
    for ballot in ballots:
        assert ballot.votes() == [ballot.vote(cosine) for cosine in ballot.cosines]
        for key, cosine in zip(ballot.keys, ballot.cosines, strict=True):
            best[key] = max(best.get(key, ballot.vote(cosine)), ballot.vote(cosine))
    ranked = merge(ballots, limit)
    assert ranked == sorted(best, key=lambda key: (-best[key], key))[:limit]
    assert [one.score for one in explain(ranked, ballots)] == [best[key] for key in ranked]
