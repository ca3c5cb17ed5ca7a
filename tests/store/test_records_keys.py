"""API keys in the records: shown once, kept only as a hash."""

import time

import pytest
from sqlalchemy import Column, Double, MetaData, String, Table, insert, select, update

from samespace.core.errors import InvalidRequest, NotFound
from samespace.store.records import Records
from samespace.store.records.keys import Scope, parse_scopes
from samespace.store.records.tables import keys
from samespace.store.sql import reading, writing
from tests.store.sql_fixtures import database_url, records

__all__ = ["database_url", "records"]


def test_a_key_is_accepted_until_it_is_removed(records: Records) -> None:
    key, text = records.keys.create("laptop")
    assert records.keys.find(text)
    assert records.keys.all() == [key]

    records.keys.remove(key.id)

    assert not records.keys.find(text)
    assert records.keys.count() == 0
    with pytest.raises(NotFound, match=key.id):
        records.keys.remove(key.id)


def test_every_key_opens_for_itself(records: Records) -> None:
    (one, first), (two, second) = records.keys.create("a"), records.keys.create("b")
    assert [key.id for key in records.keys.all()] == [one.id, two.id]

    records.keys.remove(one.id)

    assert not records.keys.find(first)
    assert records.keys.find(second)
    assert not records.keys.find(f"ss_{two.id}_{first.split('_', 2)[2]}")


def test_the_secret_is_nowhere_in_the_table(records: Records) -> None:
    _, text = records.keys.create("laptop")
    secret = text.split("_", 2)[2]
    assert len(secret) >= 43  # 256 bits
    with reading(records.engine) as connection:
        (row,) = connection.execute(select(keys)).all()

    assert all(secret not in str(value) for value in row)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "ss",
        "ss__",
        "ss_{id}_",
        "ss_{id}",
        "{secret}",
        "sk_{id}_{secret}",
        "SS_{id}_{secret}",
        "ss_{id}_{secret}x",
        "ss_{id}_{secret}\n",
        "ss_{id}_{secret}é",
        "ss_{id}_{secret}\ud800",
        "ss_\0{id}_{secret}",
        "ss_%_{secret}",
        "ss_" + "a" * 100_000 + "_{secret}",
    ],
)
def test_what_is_no_key_is_refused_without_a_fuss(records: Records, form: str) -> None:
    key, text = records.keys.create("laptop")

    assert not records.keys.find(form.format(id=key.id, secret=text.split("_", 2)[2]))


def test_what_a_key_may_do_is_kept(records: Records) -> None:
    until = time.time() + 60
    key, text = records.keys.create(
        "shop", ["read"], collection_ids=["c2", "c1", "c2"], rate=60, expires_at=until
    )
    assert key.scopes == (Scope.READ,)
    assert key.collection_ids == ("c2", "c1")
    assert records.keys.find(text) == records.keys.get(key.id) == key


def test_a_key_of_the_first_release_may_do_everything(records: Records) -> None:
    columns = [Column(name, String) for name in ("id", "name", "secret_hash")]
    before = Table("keys", MetaData(), *columns, Column("created_at", Double))
    key, text = records.keys.create("laptop", ["read"])
    with reading(records.engine) as connection:
        secret_hash = connection.execute(select(keys.c.secret_hash)).scalar_one()
    records.keys.remove(key.id)
    with writing(records.engine) as connection:
        row = {"id": key.id, "name": "laptop", "secret_hash": secret_hash, "created_at": 1.0}
        connection.execute(insert(before).values(row))

    found = records.keys.find(text)

    assert found is not None
    assert (found.scopes, found.collection_ids, found.rate) == (tuple(Scope), None, None)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [(["read"], ["read"]), (["write"], ["read", "write"]), (["admin", "read"], list(Scope))],
)
def test_scopes_contain_each_other(names: list[str], wanted: list[str]) -> None:
    assert list(parse_scopes(names)) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\0b"},
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": ["admin"], "collection_ids": ["c1"]},
        {"collection_ids": []},
        {"rate": 0},
        {"rate": 2**31},
        {"expires_at": 1.0},
        {"expires_at": float("nan")},
        {"expires_at": float("inf")},
    ],
)
def test_what_no_key_can_be_is_refused(records: Records, wanted: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        records.keys.create(**{"name": "laptop", **wanted})  # type: ignore[arg-type]
    assert records.keys.all() == []


def test_a_rotated_secret_stops_when_its_grace_time_ends(records: Records) -> None:
    key, first = records.keys.create("laptop", ["read"], rate=5)
    rotated, second = records.keys.rotate(key.id, 60)
    assert (rotated.id, rotated.scopes, rotated.rate) == (key.id, key.scopes, 5)
    assert records.keys.find(first) == records.keys.find(second) == rotated

    with writing(records.engine) as connection:
        until = connection.execute(select(keys.c.previous_until)).scalar_one()
        assert 50 < until - time.time() <= 60
        connection.execute(update(keys).values(previous_until=until - 61))
    assert records.keys.find(first) is None
    assert records.keys.find(second) is not None

    _, third = records.keys.rotate(key.id)
    assert records.keys.find(second) is None
    assert records.keys.find(third) is not None
    with pytest.raises(NotFound, match="no key 'x'"):
        records.keys.rotate("x")
    for grace in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidRequest):
            records.keys.rotate(key.id, grace)


def test_an_expired_key_opens_nothing(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    _, text = records.keys.create("laptop", expires_at=now + 10)
    monkeypatch.setattr(time, "time", lambda: now + 9)
    assert records.keys.find(text)
    monkeypatch.setattr(time, "time", lambda: now + 10)
    assert records.keys.find(text) is None
    assert records.keys.count() == 1
