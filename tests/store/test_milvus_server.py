"""A real Milvus with users and TLS: the right token opens it, a wrong one never shows in a message."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from samespace.core.errors import Unavailable
from samespace.store.index_milvus import MilvusIndex
from tests.services import Server, run_milvus_server
from tests.store.rows import make_row, make_vectors

pytestmark = pytest.mark.slow

TOKEN = "root:Milvus"
"""What a fresh Milvus knows."""


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls"))[0]


@pytest.fixture(scope="module")
def guarded(ca_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Milvus that wants a token and speaks TLS only."""
    options = ["--authorization-enabled", "true", "--tls-mode", "1"]
    options += ["--server-pem-path", str(ca_file), "--ca-pem-path", str(ca_file)]
    options += ["--server-key-path", str(ca_file.with_suffix(".key"))]
    data = tmp_path_factory.mktemp("guarded")
    with run_milvus_server(data, options, TOKEN, str(ca_file)) as server:
        yield server


def test_the_right_token_works_over_tls(guarded: Server, ca_file: Path) -> None:
    index = MilvusIndex(guarded.uri, TOKEN, ca_file=str(ca_file))
    index.create("guarded", 8)
    index.upsert("guarded", [make_row(0)], make_vectors(1))
    assert index.count("guarded") == 1


@pytest.mark.parametrize("token", ["root:geheim", "nobody:geheim", "geheim", ""])
def test_a_wrong_token_is_refused_and_not_shown(guarded: Server, ca_file: Path, token: str) -> None:
    index = MilvusIndex(guarded.uri, token, timeout=5.0, ca_file=str(ca_file))
    with pytest.raises(Unavailable, match=guarded.uri) as raised:
        index.exists("guarded")
    assert "geheim" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_address_with_credentials_hides_them(guarded: Server, ca_file: Path) -> None:
    uri = guarded.uri.replace("//", "//root:geheim@")
    with pytest.raises(Unavailable) as raised:
        MilvusIndex(uri, timeout=5.0, ca_file=str(ca_file)).exists("guarded")
    assert "geheim" not in str(raised.value)


def test_a_certificate_of_a_stranger_is_refused(guarded: Server, tmp_path: Path) -> None:
    stranger, _ = write_certificate(tmp_path)
    with pytest.raises(Unavailable):
        MilvusIndex(guarded.uri, TOKEN, timeout=3.0, ca_file=str(stranger)).ping()
