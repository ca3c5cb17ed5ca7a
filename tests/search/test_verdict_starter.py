"""Nothing fits well, with the real starter encoder, on the sample documents."""

import re
from pathlib import Path

import pytest

from samespace.core.types import TEXT
from samespace.encoders.load import Encoders
from tests.search.world import World, make_world

DOCUMENTS = Path(__file__).parents[2] / "samples" / "documents"
ANSWERED = (
    "the bark of a dog",
    "rules of a card game for one player",
    "alcohol and malic acid measured in Italian wines",
    "temperature and colour of stars",
    "a horse that is ridden",
    "songbirds",
    "bees that gather honey",
    "ships that carry sails",
    "brewing beer at home",
    "leap years",
    "the promise that Debian stays free",
    "petals of iris flowers",
)
UNANSWERED = (
    "symptoms of malaria in children",
    "Kubernetes pod autoscaling",
    "mortgage refinancing rates in Ohio",
    "renew a passport that expired abroad",
    "offside rule in football",
    "who won the election in Brazil in 2022",
    "minimum notice period for tenants in Spain",
    "knee hurts after running",
    "which bus goes to the airport at night",
    "job interview questions for nurses",
    "xyzzy qwrtplk",
    "zzqx",
)
TEXTS = frozenset({TEXT})


def passages(file: Path) -> list[str]:
    paragraphs = re.split(r"\n\s*\n", file.read_text("utf-8", "ignore"))
    return [" ".join(each.split())[:400] for each in paragraphs if len(each) > 80][:8]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, encoders: Encoders) -> World:
    made = make_world(tmp_path_factory.mktemp("verdict"), encoders=encoders)
    for file in sorted([*DOCUMENTS.glob("*.txt"), *DOCUMENTS.glob("*.md")]):
        made.add(*passages(file), name=file.name)
    made.add("Error E-0x3F7: the inlet valve does not close. Switch the pump off and call service.")
    return made


def test_questions_without_an_answer_are_told_from_those_with_one(world: World) -> None:
    told = [q for q in UNANSWERED if world.search(q, modalities=TEXTS).no_good_match]
    wrongly = [q for q in ANSWERED if world.search(q, modalities=TEXTS).no_good_match]
    assert len(told) >= 0.9 * len(UNANSWERED), sorted(set(UNANSWERED) - set(told))
    assert len(wrongly) <= 1, (
        wrongly
    )  # the guide to brewing beer is one to a program, and says neither word


def test_an_identifier_that_a_document_holds_is_no_wrong_word(world: World) -> None:
    assert not world.search("E-0x3F7", modalities=TEXTS).no_good_match
    assert world.search("E-0x9C2", modalities=TEXTS).no_good_match
