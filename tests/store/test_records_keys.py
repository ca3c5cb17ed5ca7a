"""API keys in the records: shown once, kept only as a hash."""

import pytest
from sqlalchemy import select

from samespace.core.errors import NotFound
from samespace.store.records import Records
from samespace.store.records.tables import keys
from samespace.store.sql import reading
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
