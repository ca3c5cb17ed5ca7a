"""Sessions in the records: bound to the secret they were begun with, and over when it is."""

import time

import pytest
from sqlalchemy import select, update

from samespace.core.errors import NotFound
from samespace.store.records import Records
from samespace.store.records.tables import keys, sessions
from samespace.store.sql import reading, writing
from tests.store.sql_fixtures import database_url, records

__all__ = ["database_url", "records"]

HOUR = 3600.0
OWN = "a short key"


def begin(records: Records, text: str, seconds: float = HOUR) -> str:
    found = records.keys.find(text)
    return records.sessions.begin(text, found.id if found else None, time.time() + seconds)


def test_a_session_has_the_key_as_it_is_now(records: Records) -> None:
    key, text = records.keys.create("laptop")
    token = begin(records, text)
    found = records.sessions.find(token, OWN)
    assert found is not None
    assert found.key == key
    with writing(records.engine) as connection:
        connection.execute(update(keys).values(scopes=["read"]))
    narrowed = records.sessions.find(token, OWN)
    assert narrowed is not None
    assert narrowed.key is not None
    assert narrowed.key.scopes == ("read",)


def test_neither_token_nor_key_can_be_read_from_the_table(records: Records) -> None:
    _, text = records.keys.create("laptop")
    tokens = {begin(records, text), begin(records, text), begin(records, OWN)}
    assert len(tokens) == 3
    assert min(len(token) for token in tokens) >= 43  # 256 bits
    with reading(records.engine) as connection:
        kept = str(connection.execute(select(sessions)).all())
    assert not [secret for secret in (*tokens, text, text.split("_")[2], OWN) if secret in kept]


def test_a_session_ends_with_the_secret_it_was_begun_with(records: Records) -> None:
    key, text = records.keys.create("laptop")
    token = begin(records, text)
    _, second = records.keys.rotate(key.id, grace=HOUR)
    newer = begin(records, second)
    assert records.sessions.find(token, None)
    with writing(records.engine) as connection:
        connection.execute(update(keys).values(previous_until=time.time() - 1))
    assert not records.sessions.find(token, None)
    assert records.sessions.find(newer, None)
    records.keys.rotate(key.id)
    assert not records.sessions.find(newer, None)


def test_a_session_goes_with_its_key(records: Records) -> None:
    key, text = records.keys.create("laptop", expires_at=time.time() + HOUR)
    token = begin(records, text)
    assert records.sessions.find(token, None)
    with writing(records.engine) as connection:
        connection.execute(update(keys).values(expires_at=time.time() - 1))
    assert not records.sessions.find(token, None)
    records.keys.remove(key.id)
    with reading(records.engine) as connection:
        assert connection.execute(select(sessions)).all() == []
    with pytest.raises(NotFound, match=key.id):
        records.sessions.begin(text, key.id, time.time() + HOUR)


def test_the_key_of_the_settings_ends_its_sessions_when_it_changes(records: Records) -> None:
    token = begin(records, OWN)
    found = records.sessions.find(token, OWN)
    assert found is not None
    assert found.key is None
    assert not records.sessions.find(token, "another")
    assert not records.sessions.find(token, None)


def test_what_is_over_is_not_found_and_forgotten(records: Records) -> None:
    over, ended, lasting = begin(records, OWN, -1), begin(records, OWN), begin(records, OWN)
    records.sessions.end(ended)
    assert not records.sessions.find(over, OWN)
    assert not records.sessions.find(ended, OWN)
    assert records.sessions.prune() == 1
    assert records.sessions.find(lasting, OWN)


def test_the_oldest_end_for_newer_ones_of_the_same_key(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samespace.store.records.sessions.MOST_OF_A_KEY", 3)
    _, text = records.keys.create("laptop")
    other = begin(records, text)
    tokens = [begin(records, OWN) for _ in range(5)]
    good = [token for token in tokens if records.sessions.find(token, OWN)]
    assert good == tokens[2:]
    assert records.sessions.find(other, OWN)
