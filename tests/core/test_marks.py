"""What the data folder says of the last stop."""

from pathlib import Path

from samespace.core.marks import Marks


def test_the_first_start_owes_nothing(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    assert marks.opened()
    assert marks.owed() is None


def test_after_a_clean_stop_nothing_is_owed(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.opened()
    marks.closed()
    assert marks.opened()
    assert marks.owed() is None


def test_after_any_other_stop_a_verify_is_owed_until_it_is_done(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.opened()
    assert not marks.opened()
    marks.closed()
    assert marks.opened()  # a clean stop in between does not pay it
    owed = marks.owed()
    assert owed is not None
    marks.verified(owed)
    assert marks.owed() is None


def test_a_fault_during_the_verify_asks_for_another(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.owe_verify()
    owed = marks.owed()
    assert owed is not None
    marks.owe_verify()
    marks.verified(owed)
    assert marks.owed() not in {None, owed}
