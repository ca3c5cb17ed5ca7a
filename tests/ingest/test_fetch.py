"""Fetching by URL reaches what it may and nothing else, within its limits, whatever a site or a DNS answers."""

import io
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.fetch import MOST_AT_ONCE, Fetcher, look_up
from samespace.core.errors import Busy, InvalidRequest, SamespaceError, TooLarge, Unreadable
from samespace.core.settings import Settings
from tests.ingest.sites import Handler, site

# Linux answers on all of 127.0.0.0/8: one address plays the public web, another what must not be reached.
PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
MOST = 1_000_000


@dataclass
class Dns:
    """Answers one after another for each name, the last one again and again."""

    answers: dict[str, list[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if not answers:
            return look_up(host, port)
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Web:
    """A public and a private site on one port, and what each was asked."""

    port: int
    public: list[Handler]
    private: list[Handler]

    def fetcher(self, dns: Dns | None = None, **settings: Any) -> Fetcher:
        given = {"fetch_allow": (PUBLIC,), "fetch_seconds": 30.0, **settings}
        wanted = Settings(fetch_urls=True, fetch_ports=(self.port,), max_file_bytes=MOST, **given)
        return Fetcher(wanted, resolve=dns or Dns({"public.test": [[PUBLIC]]}))

    def fetch(self, path: str, dns: Dns | None = None, **settings: Any) -> tuple[bytes, str]:
        """The bytes and the name; a path is one of the public site."""
        is_path = path.startswith("/") and not path.startswith("//")
        url = f"http://public.test:{self.port}{path}" if is_path else path
        file = io.BytesIO()
        fetcher = self.fetcher(dns, **settings)
        try:
            name = fetcher.fetch(url.replace("PORT", str(self.port)), file)
        finally:
            fetcher.close()
        return file.getvalue(), name


@pytest.fixture(scope="module")
def sites() -> Iterator[Web]:
    with (
        site(PUBLIC, body=b"public") as (port, public),
        site(PRIVATE, port, body=b"secret") as (_, private),
    ):
        yield Web(port, public, private)


@pytest.fixture
def web(sites: Web) -> Web:
    sites.public.clear()
    sites.private.clear()
    return sites


def test_a_document_is_fetched_and_named(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert web.fetch("/a/b%C3%BCcher.txt?x=1#y") == (b"public", "bücher.txt")
    (request,) = web.public
    assert request.path == "/a/b%C3%BCcher.txt?x=1"
    assert {name.lower() for name in request.headers} <= {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }
    assert request.headers["Host"] == f"public.test:{web.port}"
    assert web.fetch("/")[1] == "public.test"


def test_it_is_off_unless_asked_for() -> None:
    fetcher = Fetcher(Settings())
    with pytest.raises(InvalidRequest, match="SAMESPACE_FETCH_URLS"):
        fetcher.fetch("http://example.org/", io.BytesIO())


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://public.test:PORT/",
        "gopher://public.test:PORT/",
        "data:text/plain,x",
        "//public.test:PORT/",
        "http:///x",
        "http://",
        "no url",
        "",
        "http://[::1",
        "http://public.test:PORT\r\n/",
        "http://user:secret@public.test:PORT/",
        "http://user@public.test:PORT/",
        "http://public.test:99999/",
        "http://public.test:22/",
        "https://public.test/",
        "http://xn--/",
        "http://xn--a/",
        "http://a.xn--zzzzzz-.b/",
        "http://\u0663/",
        "http://\u00ad/",
        "http://a\u2024b/",
        "http://[v1.a]/",
        "http://\udc80/",
        "http://public.test:PORT/" + "x" * 70_000,
    ],
)
def test_urls_that_are_not_fetched(web: Web, url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        web.fetch(url)
    assert "secret" not in str(refused.value)
    assert not web.public


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "10.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "127.0.0.1。",
        "①27.0.0.1",
    ],
)
def test_no_spelling_of_an_inner_address_is_fetched(web: Web, host: str) -> None:
    with pytest.raises((InvalidRequest, Unreadable)):
        web.fetch(f"http://{host}:PORT/")
    assert not web.private


@pytest.mark.parametrize(
    "answer", [[PRIVATE], [PUBLIC, PRIVATE], ["10.1.2.3"], ["::ffff:127.0.0.1"], []]
)
def test_a_name_that_leads_inside_is_refused(web: Web, answer: list[str]) -> None:
    with pytest.raises(InvalidRequest, match=r"evil\.test is not at a public address"):
        web.fetch("http://evil.test:PORT/", Dns({"evil.test": [answer]}))
    assert not web.public + web.private


def test_a_name_that_is_rebound_gains_nothing(web: Web) -> None:
    dns = Dns({"evil.test": [[PUBLIC], [PRIVATE]]})
    assert web.fetch("http://evil.test:PORT/", dns)[0] == b"public"
    assert dns.asked == ["evil.test"]
    assert not web.private
    dns = Dns({"evil.test": [[PUBLIC], [PRIVATE]]})
    with pytest.raises(InvalidRequest, match="not at a public address"):
        web.fetch("http://evil.test:PORT/redirect?to=/next", dns)
    assert not web.private


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:PORT/",
        "http://localhost:PORT/",
        "//127.0.0.1:PORT/",
        "http://public.test:22/",
        "file:///etc/passwd",
        "http://user:pass@public.test:PORT/",
        "http://xn--/",
    ],
)
def test_redirects_lead_nowhere_else(web: Web, to: str) -> None:
    with pytest.raises(InvalidRequest):
        web.fetch(f"/redirect?to={to}")
    assert len(web.public) == 1
    assert not web.private


def test_good_redirects_are_followed_but_not_for_ever(web: Web) -> None:
    assert web.fetch("/redirect?to=/found.txt") == (b"public", "found.txt")
    web.public.clear()
    with pytest.raises(Unreadable, match="more than 5 redirects"):
        web.fetch("/loop")
    assert len(web.public) == 6


@pytest.mark.alone
@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("/endless", TooLarge, "more than 1000000 bytes"),
        ("/huge", TooLarge, "1000000000000000 bytes, the limit is 1000000"),
        ("/bomb", TooLarge, "more than 1000000 bytes"),
        ("/slow-head", Unreadable, "longer than 1 s"),
        ("/slow-body", Unreadable, "longer than 1 s"),
        ("/long-head", Unreadable, "does not answer as HTTP asks"),
        ("/cut", Unreadable, "ends too early"),
        ("/odd", Unreadable, "compressed by 'br'"),
        ("/gone?token=secret", Unreadable, "status 404"),
        ("/nonsense", Unreadable, "does not answer as HTTP asks"),
    ],
)
def test_sites_that_misbehave(web: Web, path: str, error: type[SamespaceError], said: str) -> None:
    # What is refused for something else is not to be refused for its time on a busy machine.
    seconds = 1.0 if "longer than" in said else 30.0
    began = time.monotonic()
    with pytest.raises(error, match=said) as refused:
        web.fetch(path, fetch_seconds=seconds)
    assert time.monotonic() - began < seconds + 4
    assert "secret" not in str(refused.value)


def test_what_a_server_keeps_packed_is_unpacked(web: Web) -> None:
    assert web.fetch("/packed")[0] == b"kept packed " * 10_000


def test_a_name_server_that_does_not_answer_is_not_waited_for(web: Web) -> None:
    released = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        released.wait(10)
        return [PUBLIC]

    fetcher = Fetcher(
        Settings(fetch_urls=True, fetch_ports=(web.port,), fetch_seconds=0.3), resolve=hang
    )
    with pytest.raises(Unreadable, match=r"longer than 0\.3 s"):
        fetcher.fetch(f"http://slow.test:{web.port}/", io.BytesIO())
    released.set()
    fetcher.close()


def test_an_intranet_is_opened_by_name_or_network(web: Web) -> None:
    dns = Dns({"wiki.test": [["10.1.2.3"]]})
    fetcher = web.fetcher(dns, fetch_allow=("wiki.test", "127.0.0.1/32"))
    assert fetcher._addresses("wiki.test", 80, 1)
    assert fetcher._addresses("127.0.0.1", 80, 1)
    with pytest.raises(InvalidRequest):
        fetcher._addresses("127.0.0.2", 80, 1)
    fetcher.close()
    fetcher = web.fetcher(Dns({"wiki.test": [[PRIVATE]]}), fetch_allow=("wiki.test",))
    with pytest.raises(InvalidRequest):  # a name opens the intranet, never this machine
        fetcher._addresses("wiki.test", 80, 1)
    fetcher.close()


def test_only_a_few_are_fetched_at_once(web: Web) -> None:
    fetcher = web.fetcher(fetch_seconds=1.0)
    url = f"http://public.test:{web.port}/slow-body"

    def fetch() -> None:
        with pytest.raises(Unreadable):
            fetcher.fetch(url, io.BytesIO())

    threads = [threading.Thread(target=fetch) for _ in range(MOST_AT_ONCE)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 1
    while len(web.public) < MOST_AT_ONCE and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(Busy, match="8 documents are being fetched"):
        fetcher.fetch(url, io.BytesIO())
    for thread in threads:
        thread.join()
    fetcher.close()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server named good.test speaks TLS with, and what trusts it."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(path, "good.test")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def write_certificate(path: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1)
    builder = builder.not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(encoding))


@pytest.mark.parametrize("name", ["good.test", "other.test"])
def test_the_name_is_verified_though_the_address_is_pinned(
    certified: tuple[ssl.SSLContext, ssl.SSLContext], name: str
) -> None:
    server, trust = certified
    with site(PUBLIC, body=b"over TLS", tls=server) as (port, _):
        settings = Settings(fetch_urls=True, fetch_ports=(port,), fetch_allow=(PUBLIC,))
        fetcher = Fetcher(settings, resolve=Dns({name: [[PUBLIC]]}), tls=trust)
        file = io.BytesIO()
        if name == "good.test":
            fetcher.fetch(f"https://{name}:{port}/", file)
            assert file.getvalue() == b"over TLS"
        else:
            with pytest.raises(Unreadable, match="certificate"):
                fetcher.fetch(f"https://{name}:{port}/", file)
        fetcher.close()
