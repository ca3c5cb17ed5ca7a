"""The settings: read from the environment, checked, and never changed again."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from samespace.core.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SAMESPACE_{name.upper()}", raising=False)


def test_every_setting_has_a_default_and_says_what_it_is() -> None:
    settings = Settings()

    assert settings.host == "127.0.0.1"  # nothing is open to the network unless asked for
    assert all(field.description for field in Settings.model_fields.values())


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_PORT", "8080")
    monkeypatch.setenv("SAMESPACE_DATA", "/srv/samespace")
    monkeypatch.setenv("SAMESPACE_LEASE_SECONDS", "2.5")
    monkeypatch.setenv("PORT", "9999")

    settings = Settings()

    assert (settings.port, settings.data) == (8080, Path("/srv/samespace"))
    assert settings.lease_seconds == 2.5


def test_an_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_PORT", "8080")

    assert Settings(port=9090).port == 9090


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_REDIS_URL", "")
    monkeypatch.setenv("SAMESPACE_PORT", "")

    assert (Settings().redis_url, Settings().port) == (None, 7373)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("one.example", ("one.example",)),
        (" one.example , two.example,", ("one.example", "two.example")),
        (",", ()),
    ],
)
def test_allowed_hosts_are_split_at_commas(
    monkeypatch: pytest.MonkeyPatch, text: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SAMESPACE_ALLOWED_HOSTS", text)

    assert Settings().allowed_hosts == names
    assert Settings(allowed_hosts=names).allowed_hosts == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("PORT", "http"),
        ("CONCURRENCY", "0"),
        ("MAX_FILE_BYTES", "-1"),
        ("MAX_LABELS", "1"),
        ("LEASE_SECONDS", "0"),
        ("CANDIDATES", "16385"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SAMESPACE_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="prot"):
        Settings(prot=8080)  # type: ignore[call-arg]


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_secrets_are_not_shown() -> None:
    settings = Settings(api_key="hunter2", milvus_token="root:hunter2")

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()
