"""The settings: read from the environment, checked, and never changed again."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings, read_settings
from tests.services import ROOT

_NAME = re.compile(r"\bSAMESPACE_[A-Z0-9_]+\b")


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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SAMESPACE_CANDIDATE", "is not a setting; did you mean SAMESPACE_CANDIDATES?"),
        ("SAMESPACE_PRESETS", "is not a setting; did you mean SAMESPACE_PRESET?"),
        ("SAMESPACE_APIKEY", "is not a setting; did you mean SAMESPACE_API_KEY?"),
        ("SAMESPACE_LOGLEVEL", "is not a setting; did you mean SAMESPACE_LOG_LEVEL?"),
        ("samespace_hosts", "is not a setting; did you mean SAMESPACE_HOST?"),
        ("SAMESPACE_XYZZY", "is not a setting; docs/configuration.md lists those there are"),
    ],
)
def test_a_variable_that_is_no_setting_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv(name, "mark")

    with pytest.raises(Misconfigured) as refused:
        read_settings()
    assert str(refused.value) == f"{name} {said}"  # and not the value, which may be a secret


def test_all_that_is_not_known_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_PROT", "1")
    monkeypatch.setenv("SAMESPACE_CANDIDATE", "1")

    with pytest.raises(Misconfigured) as refused:
        read_settings()
    assert str(refused.value) == (
        "SAMESPACE_CANDIDATE is not a setting; did you mean SAMESPACE_CANDIDATES?; "
        "SAMESPACE_PROT is not a setting; did you mean SAMESPACE_PORT?"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAMESPACE_BIND", "127.0.0.1"),  # of docker-compose.yml
        ("SAMESPACE_PUBLISH", "7373"),
        ("SAMESPACE_SERVICE_HOST", "10.0.0.1"),  # of Kubernetes, for services of that name
        ("SAMESPACE_SERVICE_PORT_HTTP", "80"),
        ("SAMESPACE_API_SERVICE_HOST", "10.0.0.1"),
        ("SAMESPACE_API_PORT", "tcp://10.0.0.1:80"),
        ("SAMESPACE_PORT_7373_TCP_ADDR", "10.0.0.1"),
        ("SAMESPACE_CANDIDATE", ""),  # as good as none
        ("SAMESPACES_PORT", "1"),
        ("MY_SAMESPACE_PORT", "1"),
        ("SAMESPACE", "1"),
    ],
)
def test_what_others_put_into_the_environment_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert read_settings() == Settings()


def test_every_variable_of_the_production_files_is_let_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = ("docker-compose.yml", ".env.example", "Dockerfile")
    found = {name for file in files for name in _NAME.findall((ROOT / file).read_text())}
    assert {"SAMESPACE_BIND", "SAMESPACE_PRESET", "SAMESPACE_DATA"} <= found
    for name in found - {f"SAMESPACE_{field.upper()}" for field in Settings.model_fields}:
        monkeypatch.setenv(name, "1")

    assert read_settings() == Settings()


def test_a_value_out_of_range_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_PORT", "70000")

    with pytest.raises(Misconfigured) as refused:
        read_settings()
    assert str(refused.value) == "SAMESPACE_PORT: Input should be less than or equal to 65535"
    assert read_settings(port=1).port == 1


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_secrets_are_not_shown() -> None:
    settings = Settings(api_key="hunter2", milvus_token="root:hunter2")

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()
