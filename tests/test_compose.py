"""The production files against the code: no engine runs them here, so every name in them is held to its source."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer
from typer.main import get_group

from samespace.api.app import make_app
from samespace.cli.main import app
from samespace.core.settings import Settings

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WORKERS = ("worker", "worker-cpu")
OURS = ("api", *WORKERS)
PORTS = {"milvus": 19530, "redis": 6379, "postgres": 5432, "minio": 9000, "etcd": 2379}
URLS = ("MILVUS_URI", "REDIS_URL", "DATABASE_URL", "VECTORS_URL", "S3_ENDPOINT")
REFERENCE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
SECRET = re.compile(r"(PASSWORD|SECRET|TOKEN|KEY|KEY_ID|AUTH|USER)$")


def environment(service: str) -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES[service].get("environment", {}).items()}


def rendered(service: str) -> dict[str, str]:
    """The environment as compose would fill it in, every required variable being `secret`."""
    return {
        key: REFERENCE.sub(lambda found: found[3] if found[2] == "-" else "secret", value)
        for key, value in environment(service).items()
    }


def fields(environment: dict[str, str]) -> set[str]:
    return {key.removeprefix("SAMESPACE_").lower() for key in environment if "SAMESPACE_" in key}


def seconds(duration: str) -> int:
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration)
    assert found
    return 60 * int(found[1] or 0) + int(found[2] or 0)


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", "\n".join(lines), re.MULTILINE))


def run(*command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | extra, capture_output=True, text=True, check=False
    )


def test_the_compose_file_follows_its_schema() -> None:
    checked = run(
        str(BIN / "check-jsonschema"),
        *("--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_dockerfile_passes_its_linter() -> None:
    linted = run(str(BIN / "hadolint"), "--failure-threshold", "info", "Dockerfile")
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_named_is_a_setting(service: str) -> None:
    assert fields(environment(service)) <= set(Settings.model_fields)


@pytest.mark.parametrize("service", OURS)
def test_the_environment_is_accepted_by_the_settings(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in rendered(service).items():
        monkeypatch.setenv(key, value)
    settings = Settings.model_validate({})
    assert settings.milvus_token is not None
    assert settings.milvus_token.get_secret_value() == "root:secret"
    assert settings.blobs_url == "s3://samespace/blobs"
    assert settings.allowed_hosts == ()


@pytest.mark.parametrize("service", OURS)
@pytest.mark.parametrize("name", URLS)
def test_every_url_points_at_a_service_and_its_port(service: str, name: str) -> None:
    url = urlsplit(rendered(service)[f"SAMESPACE_{name}"])
    assert url.hostname in SERVICES
    assert url.port == PORTS[url.hostname]
    assert set(SERVICES[service]["networks"]) & set(SERVICES[url.hostname]["networks"])
    assert url.hostname in SERVICES[service]["depends_on"]


def test_the_stores_share_the_passwords_their_clients_use() -> None:
    api = environment("api")
    assert environment("redis")["REDISCLI_AUTH"] in api["SAMESPACE_REDIS_URL"]
    assert environment("postgres")["POSTGRES_PASSWORD"] in api["SAMESPACE_DATABASE_URL"]
    assert api["AWS_SECRET_ACCESS_KEY"] == environment("minio")["MINIO_ROOT_PASSWORD"]
    root = environment("milvus")["COMMON_SECURITY_DEFAULTROOTPASSWORD"]
    assert api["SAMESPACE_MILVUS_TOKEN"] == f"root:{root}"
    assert environment("milvus")["COMMON_SECURITY_AUTHORIZATIONENABLED"] == "true"


def test_postgres_makes_the_user_and_database_the_url_names() -> None:
    url = urlsplit(rendered("api")["SAMESPACE_DATABASE_URL"])
    made = environment("postgres")
    assert (url.username, url.path) == (made["POSTGRES_USER"], f"/{made['POSTGRES_DB']}")


def test_only_the_api_is_published_and_on_loopback() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]
    (published,) = SERVICES["api"]["ports"]
    port = Settings.model_fields["port"].default
    assert REFERENCE.sub(lambda found: found[3], published) == f"127.0.0.1:{port}:{port}"
    assert environment("api")["SAMESPACE_PORT"] == str(port)
    assert COMPOSE["networks"]["stores"] == COMPOSE["networks"]["metadata"] == {"internal": True}


@pytest.mark.parametrize("service", sorted(set(SERVICES) - set(OURS)))
def test_no_store_is_on_a_network_with_a_way_out(service: str) -> None:
    assert "outside" not in SERVICES[service]["networks"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_has_an_exact_tag(service: str) -> None:
    tag = SERVICES[service]["image"].rpartition(":")[2]
    assert re.match(r"v?\d+\.\d+|RELEASE\.\d{4}-\d{2}-\d{2}T", tag), tag
    if "build" in SERVICES[service]:
        assert tag == f"{PROJECT['project']['version']}-{SERVICES[service]['build']['target']}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_healthy_or_done(service: str) -> None:
    check = SERVICES[service]["healthcheck"]
    one_shot = SERVICES[service]["restart"] == "no"
    assert check == {"disable": True} if one_shot else check["test"][0].startswith("CMD")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_restarted_bounded_and_gains_no_privileges(service: str) -> None:
    described = SERVICES[service]
    assert described["restart"] in {"unless-stopped", "no"}
    assert described["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "no-new-privileges:true" in described["security_opt"]
    assert described["restart"] == "no" or "memory" in described["deploy"]["resources"]["limits"]


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_waits_for_can_come_to_pass(service: str) -> None:
    for name, wanted in SERVICES[service].get("depends_on", {}).items():
        one_shot = SERVICES[name]["restart"] == "no"
        ends = "service_completed_successfully" if one_shot else "service_healthy"
        assert wanted == {"condition": ends}
        assert "profiles" not in SERVICES[name]


@pytest.mark.parametrize("service", SERVICES)
def test_every_secret_is_required_and_none_is_written_down(service: str) -> None:
    for key, value in environment(service).items():
        literal = key in {"POSTGRES_USER"}
        if SECRET.search(key) and not literal:
            assert re.search(r"\$\{\w+:\?[^}]+\}$", value), f"{key} of {service}: {value}"
    for name, operator, _ in REFERENCE.findall(str(SERVICES[service])):
        assert operator in {"-", "?"}, f"{name} of {service} has no default and is not required"
        assert operator == "?" or not SECRET.search(name), f"{name} of {service} has a default"


def test_the_example_environment_names_every_variable() -> None:
    used = {
        name: (operator, default) for name, operator, default in REFERENCE.findall(str(SERVICES))
    }
    assert example().keys() == used.keys()
    for name, (operator, default) in used.items():
        assert example()[name] == (default if operator == "-" else "")


def test_targets_volumes_and_networks_exist() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    assert {
        described["build"]["target"] for described in SERVICES.values() if "build" in described
    } <= targets
    mounted = {mount.split(":")[0] for one in SERVICES.values() for mount in one.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])
    joined = {network for one in SERVICES.values() for network in one["networks"]}
    assert joined == set(COMPOSE["networks"])


@pytest.mark.parametrize("service", WORKERS)
def test_a_worker_has_time_to_put_its_work_back(service: str) -> None:
    parse_seconds = Settings.model_fields["parse_seconds"].default
    assert seconds(SERVICES[service]["stop_grace_period"]) > parse_seconds


def test_workers_differ_in_device_and_profile_alone() -> None:
    gpu, cpu = (SERVICES[name] for name in WORKERS)
    assert (gpu["profiles"], cpu["profiles"]) == (["gpu"], ["cpu"])
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    differ = {"profiles", "image", "build", "environment", "deploy"}
    assert {key for key in gpu if gpu[key] != cpu[key]} == differ
    changed = environment("worker").items() ^ environment("worker-cpu").items()
    assert {key for key, _ in changed} == {"SAMESPACE_DEVICE"}


def test_what_is_written_has_a_place_to_go() -> None:
    settings = dict(re.findall(r"^(?:ENV)? +([A-Z_]+)=(\S+)", DOCKERFILE, re.MULTILINE))
    assert fields(settings) <= set(Settings.model_fields)
    for service in OURS:
        places = [*SERVICES[service]["volumes"], *SERVICES[service]["tmpfs"]]
        writable = {place.split(":")[-1 if "uid" not in place else 0] for place in places}
        assert {settings[key] for key in ("SAMESPACE_DATA", "HF_HOME", "TMPDIR")} <= writable


def test_uploads_are_received_on_a_disk() -> None:
    assert "uploads:/data" in SERVICES["api"]["volumes"]
    assert not any(place.startswith("/data") for place in SERVICES["api"]["tmpfs"])


def command_lines() -> set[tuple[str, ...]]:
    """The words given to our program: by the services, by their health checks, by the image itself."""
    given = [SERVICES[name]["command"] for name in OURS]
    checks = [SERVICES[name]["healthcheck"]["test"][1:] for name in OURS]
    given += [words[1:] for words in checks if words[0] == "samespace"]
    given += [
        json.loads(words) for words in re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    ]
    return {tuple(words) for words in given}


def test_the_commands_are_ours() -> None:
    assert command_lines() == {("api",), ("worker",), ("worker", "--check")}
    program = get_group(app)
    for words in command_lines():
        root = program.make_context("samespace", list(words))
        name, command, rest = program.resolve_command(root, list(words))
        assert command is not None
        command.make_context(name, rest, parent=root)


def test_health_is_asked_for_where_it_is_answered() -> None:
    files = [ROOT / name for name in ("docker-compose.yml", "Dockerfile", "docs/production.md")]
    asked = [re.findall(r"127\.0\.0\.1:7373(/[\w/]+)", file.read_text()) for file in files]
    assert all(asked)
    paths = {path for found in asked for path in found}
    assert paths >= {"/healthz", "/readyz"}
    assert paths <= make_app(Settings()).openapi()["paths"].keys()


def test_the_image_runs_our_program_as_nobody_special_on_our_port() -> None:
    assert re.search(r'^ENTRYPOINT \["samespace"\]$', DOCKERFILE, re.MULTILINE)
    assert "samespace" in PROJECT["project"]["scripts"]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert f"EXPOSE {Settings.model_fields['port'].default}\n" in DOCKERFILE
    assert all(version == "3.11" for version in re.findall(r"python:(3\.\d+)", DOCKERFILE))


def test_the_build_context_holds_all_that_the_wheel_needs() -> None:
    ignored, *kept = [
        line
        for line in (ROOT / ".dockerignore").read_text().split()
        if line[0] in "*!" and line != "**/__pycache__"
    ]
    assert ignored == "*"
    packages = {name.split(".")[0] for name in PROJECT["tool"]["setuptools"]["packages"]}
    files = {"pyproject.toml", "constraints.txt", PROJECT["project"]["readme"]}
    assert packages | files | set(PROJECT["project"]["license-files"]) == {
        name[1:] for name in kept
    }


def test_the_bucket_is_made_once_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    described = rendered("bucket")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        described["SAMESPACE_S3_ENDPOINT"] = f"http://{host}:{port}"
        for _ in range(2):
            done = run(sys.executable, "-c", *SERVICES["bucket"]["command"], **described)
            assert done.returncode == 0, done.stderr
        for key, value in described.items():
            monkeypatch.setenv(key, value)
        client = boto3.client("s3", endpoint_url=described["SAMESPACE_S3_ENDPOINT"])
        bucket = urlsplit(rendered("api")["SAMESPACE_BLOBS_URL"]).hostname
        names = [found["Name"] for found in client.list_buckets()["Buckets"]]
        assert names.count(str(bucket)) == 1  # moto shares its buckets with the other tests
    finally:
        server.stop()
