"""Calibration: passages and pictures stand fairly in one list, and nothing good is said to be nothing good."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from samespace.core.types import TEXT, Vectors
from samespace.store.filters import parse_filter
from search import background as background_module
from search.background import Background, Calibration, Cohort, calibrate_query, measure_cohort
from search.rank import Ballot, Ranked, explain, merge
from tests.search.world import World, picture_of

MakeWorld = Callable[..., World]


def axis(*values: float) -> Vectors:
    """Vectors with these cosines to the first axis."""
    rows = [[value, (1 - value * value) ** 0.5] for value in values]
    return np.asarray(rows, dtype=np.float32).reshape(-1, 2)


NORTH = np.asarray([1, 0], dtype=np.float32)
WIDE = [0.1 + 0.01 * step for step in range(41)]


def test_scores_are_spreads_above_the_mean() -> None:
    calibration = calibrate_query(NORTH, Background(axis(*WIDE), None))
    assert calibration.mean == pytest.approx(0.3)
    assert calibration.spread == pytest.approx(np.std(WIDE))
    assert calibration.calibrate(0.3 + 2 * float(np.std(WIDE))) == pytest.approx(2)
    assert calibration.is_sound


def test_the_spread_has_a_floor_and_never_is_below_the_usual_one() -> None:
    flat = axis(*[0.2] * 40)
    assert calibrate_query(NORTH, Background(flat, None)).spread == background_module.LEAST_SPREAD
    assert calibrate_query(NORTH, Background(flat, Cohort(0.5, 0.1))).spread == pytest.approx(0.1)
    assert calibrate_query(NORTH, Background(flat, Cohort(0.5, 0.1))).mean == pytest.approx(0.2)


def test_few_items_are_judged_by_what_other_queries_score() -> None:
    one = calibrate_query(NORTH, Background(axis(0.9), Cohort(0.3, 0.1)))
    assert one.calibrate(0.9) > 5
    assert not one.is_sound
    nothing = calibrate_query(NORTH, Background(axis(), Cohort(0.3, 0.1)))
    assert nothing.calibrate(0.5) == pytest.approx(2)
    assert not nothing.is_sound


def test_the_query_itself_is_no_background() -> None:
    with_itself = calibrate_query(NORTH, Background(axis(*WIDE, 1.0), None))
    without = calibrate_query(NORTH, Background(axis(*WIDE), None))
    assert (with_itself.mean, with_itself.spread) == (without.mean, without.spread)


def test_what_is_usual_leaves_an_item_and_itself_out() -> None:
    items = axis(*WIDE)
    cohort = measure_cohort(items, items)
    assert cohort is not None
    cosines = items @ items.T
    assert cohort.mean < cosines.mean()
    assert measure_cohort(axis(), items) is None
    assert measure_cohort(axis(0.5), axis(0.4)) is None


def ballot(space: str, found: dict[str, float], share: float = 1.0, mean: float = 0.0) -> Ballot:
    return Ballot(space, Calibration(mean, 1.0, 100), share, list(found), list(found.values()))


def ranking(ballots: list[Ballot], limit: int = 10) -> list[Ranked]:
    return explain(merge(ballots, limit), ballots)


def test_merging_keeps_the_best_score_and_breaks_ties_by_key() -> None:
    ranked = ranking(
        [ballot("one", {"b": 0.9, "a": 0.5}), ballot("two", {"a": 0.9, "c": 0.1, "b": 0.0})]
    )
    assert [(one.key, one.score) for one in ranked] == [("a", 0.9), ("b", 0.9), ("c", 0.1)]
    assert [(part.space, part.rank) for part in ranked[0].parts] == [("two", 1), ("one", 2)]
    assert merge([ballot("one", {"b": 0.9, "a": 0.5})], 1) == ["b"]


def test_a_small_share_never_makes_a_bad_score_better() -> None:
    halved = ballot("one", {"good": 0.8, "bad": 0.2}, share=0.5, mean=0.5)
    assert [(one.key, round(one.score, 6)) for one in ranking([halved])] == [
        ("good", 0.15),
        ("bad", -0.3),
    ]


def test_a_gap_between_passages_and_pictures_does_not_decide(make: MakeWorld) -> None:
    """In CLIP-like spaces any passage is nearer to any words than any picture is (Liang et al. 2022)."""
    world = make(gap=3.0)
    for i in range(40):
        world.add(f"passage {i} of noise{i % 9}", picture_of(f"picture {i} of noise{i % 7}"))
    right = {world.add("red car").id, world.add(picture_of("red car")).id}
    hits = world.search("red car", limit=82).hits
    raw = sorted(hits, key=lambda hit: -hit.parts[0].cosine)
    assert {str(hit.modality) for hit in raw[:41]} == {"text"}
    assert {hit.document_id for hit in hits[:2]} == right


def test_a_single_picture_among_many_passages_can_come_first(make: MakeWorld) -> None:
    world = make(gap=1.0)
    for i in range(60):
        world.add(f"passage {i} of noise{i % 9}")
    picture = world.add(picture_of("red car"))
    assert world.search("red car").hits[0].document_id == picture.id
    assert world.search("noise3").hits[0].document_id != picture.id


def test_nothing_good_is_said_to_be_nothing_good(world: World) -> None:
    for i in range(60):
        world.add(f"red car number{i}", picture_of(f"blue bus number{i}"))
    world.add("the old house")
    assert not world.search("old house").no_good_match
    # Sixty pictures of one thing are one draw: other random words ("quantum") lie near to all of them by luck.
    nothing = world.search("spicy noodles")
    assert nothing.no_good_match
    assert nothing.hits


def test_with_a_small_background_there_is_no_verdict(world: World) -> None:
    for i in range(5):
        world.add(f"red car number{i}")
    answer = world.search("quantum chromodynamics")
    assert answer.hits[0].parts[0].cosine < 0.3
    assert not answer.no_good_match


def counting(world: World) -> list[str]:
    """Each time that the index is asked for a sample or a count from now on."""
    asked: list[str] = []

    def note(method: str, _arguments: Mapping[str, Any]) -> None:
        if method in {"sample", "count"}:
            asked.append(method)

    world.index.heard = note
    return asked


def test_samples_are_kept_until_the_collection_has_changed(world: World) -> None:
    for i in range(40):
        world.add(f"passage {i}")
    asked = counting(world)
    only_text = frozenset({TEXT})
    world.search("passage", modalities=only_text)
    assert asked == ["sample"]
    world.add("four more", "are not", "a tenth", "of forty")
    world.search("passage", modalities=only_text)
    assert asked == ["sample"]  # its own list holds all there is, and says how many
    world.search("passage", modalities=only_text, where=parse_filter({"year": 1999}))
    assert asked == ["sample", "count"]
    world.add("but five are")
    world.search("passage", modalities=only_text)
    assert asked[2:] == ["sample"]


def test_samples_are_drawn_anew_after_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add("red car")
    asked = counting(world)
    monkeypatch.setattr(background_module, "_FRESH_SECONDS", 0.0)
    world.search("red", modalities=frozenset({TEXT}))
    world.search("red", modalities=frozenset({TEXT}))
    assert asked == ["sample"] * 2


def test_larger_collections_are_not_counted_at_every_query(make: MakeWorld) -> None:
    world = make(settings={"background_items": 100})
    world.add(*(f"passage {i}" for i in range(100)))
    asked = counting(world)
    for _ in range(3):
        world.search("passage", modalities=frozenset({TEXT}))
    assert asked == ["sample", "count"]
