"""Another model: passages built for it beside what is searched, made anew and out of the vector cache, and questions
meanwhile."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks import corpus
from benchmarks.figures import Figure, median, quantile, ratio
from benchmarks.scenarios.asking import ask, ask_for, some
from benchmarks.scenarios.bench import Bench, console
from benchmarks.scenarios.calm import wait_until_calm
from benchmarks.scenarios.ingest import bare_pace, write_files
from samespace.client import Source
from samespace.encoders.starter import TEXT_FOLDER, TEXT_PACKAGE
from samespace.encoders.weights import packaged

_EACH = 25
_EVERY_SECONDS = 0.02
_WARM = 5


def measure(bench: Bench) -> Iterator[Figure]:
    """Vectors a second of a build to those of the bare work, from the cache to that, and what questions wait beside."""
    console.print("changing a model")
    # The same network as the starter's texts, so that the bare work is known; another model all the same.
    model = f"st:{packaged(TEXT_PACKAGE, TEXT_FOLDER)}"
    texts = corpus.documents(bench.options.passages, each=_EACH)
    _build(bench.collection("change-warm"), model, bench)
    fresh = _build(_filled("change-fresh", texts, bench), model, bench)
    cached = _build(_filled("change-cached", texts, bench), model, bench)
    bare = _bare(texts, bench)
    yield Figure("change/new vectors", fresh, "items/s")
    yield Figure("change/new vectors, bare work", bare, "items/s")
    yield Figure("change/new vectors to bare work", ratio(fresh, bare), "times", ">= 0.9")
    yield Figure("change/known vectors", cached, "items/s")
    yield Figure("change/known vectors to new", ratio(cached, fresh), "times", ">= 20")
    yield from _beside(model, bench)


def _beside(model: str, bench: Bench) -> Iterator[Figure]:
    """Questions alone, and while passages that no cache knows are built for another model."""
    texts = corpus.documents(bench.options.passages, each=_EACH, seed=1)
    name, questions, url = (
        _filled("change-beside", texts, bench),
        corpus.questions(9),
        bench.stack.url,
    )
    ask(bench.client, name, some(questions, _WARM))
    alone, _ = ask_for(bench.options.seconds, 1, url, name, questions)
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(_build, name, model, bench)
        beside, _ = ask_for(bench.options.seconds, 1, url, name, questions)
        assert not building.done(), "it was built before the questions were asked: more passages"
        building.result()
    ms, base = [one.ms for one in beside], [one.ms for one in alone]
    yield Figure("change/questions beside to alone, p50", ratio(median(ms), median(base)), "times")
    p95 = ratio(quantile(ms, 95), quantile(base, 95))
    yield Figure("change/questions beside to alone, p95", p95, "times", "<= 1.5")


def _filled(name: str, texts: Sequence[str], bench: Bench) -> str:
    bench.collection(name)
    bench.client.wait(*bench.client.add(name, [Source(text) for text in texts])["job_ids"])
    wait_until_calm(bench.stack)
    return name


def _build(name: str, model: str, bench: Bench) -> float:
    """Items a second, from the wish to the last that is noted."""
    items = bench.client.collection(name)["items"] or 0
    started = time.perf_counter()
    bench.client.change_model(name, model)
    while _state(name, bench) != "built":
        time.sleep(_EVERY_SECONDS)
    return items / (time.perf_counter() - started)


def _state(name: str, bench: Bench) -> str:
    change = bench.client.collection_model(name)["change"]
    assert change is not None
    assert not change["problem"], change["problem"]
    return change["state"]


def _bare(texts: Sequence[str], bench: Bench) -> float:
    write_files(bench.folder / "change", [text.encode() for text in texts], "txt")
    return bare_pace("texts", bench.folder / "change")
