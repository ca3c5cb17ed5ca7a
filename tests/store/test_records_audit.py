"""Audit lines in the records."""

import time

import pytest
from sqlalchemy import update

from samespace.store.records import Records
from samespace.store.records.tables import audit
from samespace.store.sql import writing
from tests.store.sql_fixtures import database_url, records

__all__ = ["database_url", "records"]


def test_lines_are_read_in_order_and_forgotten_when_old(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now = time.time()
    records.audit.add("setting", "create_collection", collection="cats", preset="starter")
    with writing(records.engine) as connection:
        connection.execute(update(audit).values(at=now - 2 * 86_400))
    records.audit.add("nobody", "delete_document", collection="cats", subject="d" * 5000)

    first, second = records.audit.page()
    assert (first.actor, first.action, first.collection, first.subject) == (
        "setting",
        "create_collection",
        "cats",
        None,
    )
    assert first.detail == {"preset": "starter"}
    assert second.subject == "d" * 1024
    assert records.audit.page(after=first.id) == [second]
    assert records.audit.page(since=now - 60) == [second]
    assert records.audit.page(limit=1) == [first]
    assert "create_collection by setting" in caplog.text

    assert records.audit.prune(days=1) == 1
    assert records.audit.page() == [second]
