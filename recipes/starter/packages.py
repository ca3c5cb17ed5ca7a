"""The packages that the starter encoder learns from: pinned, checked, and unpacked into a cache folder."""

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from samespace.core.errors import Unavailable
from samespace.encoders.weights import sha256_of

DOWNLOAD_SECONDS = 600


@dataclass(frozen=True)
class Package:
    """A pinned package: `keep` are the path beginnings of what is unpacked, `holder` whom to credit."""

    name: str
    version: str
    kind: str  # "npm" or "debian"
    sha256: str
    keep: tuple[str, ...]
    licence: str
    holder: str
    gives: str

    @property
    def slug(self) -> str:
        """The name as a folder name."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version.replace(':', '.')}"


_FLUENT = "Microsoft (Fluent Emoji), packed by LobeHub"
_CLIPART_HOLDER = "the contributors of the Open Clip Art Library"

NOTO = Package(
    name="emoji-datasource-google",
    version="16.0.0",
    kind="npm",
    sha256="fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
    keep=("package/img/google/64/",),
    licence="Apache-2.0",
    holder="Google (Noto Emoji), packed by Cal Henderson",
    gives="emoji, Noto drawings",
)
TWEMOJI = Package(
    name="emoji-datasource-twitter",
    version="16.0.0",
    kind="npm",
    sha256="f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
    keep=("package/img/twitter/64/",),
    licence="CC-BY-4.0",
    holder="Twitter and other contributors (Twemoji), packed by Cal Henderson",
    gives="emoji, Twemoji drawings; judged only",
)
FLUENT_3D = Package(
    name="@lobehub/fluent-emoji-3d",
    version="1.1.0",
    kind="npm",
    sha256="c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    keep=("package/assets/",),
    licence="MIT",
    holder=_FLUENT,
    gives="emoji, Fluent 3D drawings",
)
FLUENT_FLAT = Package(
    name="@lobehub/fluent-emoji-flat",
    version="1.1.0",
    kind="npm",
    sha256="8f9113c027c7c20eced0070354715a4093a459b8bef6332b91d45f38c9bdb147",
    keep=("package/assets/",),
    licence="MIT",
    holder=_FLUENT,
    gives="emoji, Fluent flat drawings",
)
FLUENT_MODERN = Package(
    name="@lobehub/fluent-emoji-modern",
    version="1.0.0",
    kind="npm",
    sha256="080906de394ad8335c24f67e1b33f12a9ac1b6d99324d26ae63cad8d27359769",
    keep=("package/assets/",),
    licence="MIT",
    holder=_FLUENT,
    gives="emoji, Fluent modern drawings",
)
EMOJIBASE = Package(
    name="emojibase-data",
    version="17.0.0",
    kind="npm",
    sha256="d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
    keep=("package/en/", "package/en-gb/"),
    licence="MIT",
    holder="Miles Johnson",
    gives="names, tags and short codes of emoji",
)
EMOJILIB = Package(
    name="emojilib",
    version="4.0.3",
    kind="npm",
    sha256="7f9a6b43cff31d18985b7d65d11faba5bd971cbcc60020cf6d09322fbaaaf303",
    keep=("package/dist/",),
    licence="MIT",
    holder="Mu-An Chiou",
    gives="keywords of emoji",
)
CLIPART = Package(
    name="openclipart-png",
    version="1:0.18+dfsg-19",
    kind="debian",
    sha256="f07f1545a2970c2cf3fa339bc2405da1a95cf2b1827bfa05bf73eb1c20291c02",
    keep=("./usr/share/openclipart/png/",),
    licence="public domain",
    holder=_CLIPART_HOLDER,
    gives="clip art; titles and authors stand in the pictures",
)
CLIPART_WORDS = Package(
    name="openclipart-svg",
    version="1:0.18+dfsg-19",
    kind="debian",
    sha256="989712d90d57dfa3230049f553bb43b76c30ee4d4b8c5f6e106e33f7db5cbdc5",
    keep=("./usr/share/openclipart/svg/",),
    licence="public domain",
    holder=_CLIPART_HOLDER,
    gives="keywords of the same clip art",
)
TANGO = Package(
    name="tango-icon-theme",
    version="0.8.90-11",
    kind="debian",
    sha256="dff317aca52fde744b884a02dd9fc2702a0cc6aaecc22271b5abf6906cd90b94",
    keep=("./usr/share/icons/Tango/scalable/",),
    licence="public domain",
    holder="the Tango Desktop Project",
    gives="icons with speaking names",
)
PACKAGES = (
    NOTO,
    TWEMOJI,
    FLUENT_3D,
    FLUENT_FLAT,
    FLUENT_MODERN,
    EMOJIBASE,
    EMOJILIB,
    CLIPART,
    CLIPART_WORDS,
    TANGO,
)


def default_cache() -> Path:
    """The folder for downloads and pictures: the user's cache, outside any repository."""
    return user_cache_path("samespace") / "starter"


def unpacked(cache: Path, package: Package) -> Path:
    """Where `fetch` puts the kept files of a package."""
    return cache / "unpacked" / package.slug


def fetch(cache: Path, packages: tuple[Package, ...] = PACKAGES) -> None:
    """Downloads, checks and unpacks what is not in the cache yet.

    Raises Unavailable if npm, apt-get or dpkg-deb is missing, a download fails, or an archive is
    not the pinned one.
    """
    for package in packages:
        if not unpacked(cache, package).exists():
            _unpack(_archive(cache, package), package, unpacked(cache, package))


def licence_table() -> str:
    """The packages, their licences and what each gives, as a Markdown table for the model card."""
    head = ("package", "version", "gives", "licence", "credit")
    rows = [(f"`{p.name}`", p.version, p.gives, p.licence, p.holder) for p in PACKAGES]
    lines = [" | ".join(row) for row in (head, ("---",) * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _archive(cache: Path, package: Package) -> Path:
    kept = cache / "archives" / f"{package.slug}.{'tgz' if package.kind == 'npm' else 'deb'}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            found = _download(package, Path(folder))
            _check(package, found)
            found.replace(kept)
    _check(package, kept)
    return kept


def _download(package: Package, folder: Path) -> Path:
    if package.kind == "npm":
        _run("npm", "pack", "--silent", f"{package.name}@{package.version}", folder=folder)
    else:
        _run("apt-get", "download", f"{package.name}={package.version}", folder=folder)
    found = next(iter(folder.iterdir()), None)
    if found is None:
        raise Unavailable(f"{package.name} {package.version}: the download left no file")
    return found


def _run(tool: str, *arguments: str, folder: Path) -> bytes:
    if shutil.which(tool) is None:
        raise Unavailable(f"{tool} is not installed; it is needed for {' '.join(arguments)}")
    try:
        done = subprocess.run(
            [tool, *arguments],
            cwd=folder,
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as late:
        raise Unavailable(
            f"{tool} {' '.join(arguments)}: no end after {DOWNLOAD_SECONDS} s"
        ) from late
    except subprocess.CalledProcessError as failed:
        said = failed.stderr.decode(errors="replace").strip()[-400:]
        raise Unavailable(
            f"{tool} {' '.join(arguments)}: exit {failed.returncode}: {said}"
        ) from failed
    return done.stdout


def _check(package: Package, archive: Path) -> None:
    found = sha256_of(archive)
    if found != package.sha256:
        raise Unavailable(
            f"{archive.name}: SHA-256 is {found}, pinned for {package.name} {package.version} "
            f"is {package.sha256}"
        )


def _unpack(archive: Path, package: Package, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        inside = Path(folder) / target.name
        inside.mkdir()
        with _opened(archive, package) as tar:
            tar.extractall(inside, members=_kept(tar, package), filter="data")
        inside.replace(target)


def _opened(archive: Path, package: Package) -> tarfile.TarFile:
    if package.kind == "npm":
        return tarfile.open(archive)
    data = _run("dpkg-deb", "--fsys-tarfile", str(archive.resolve()), folder=archive.parent)
    return tarfile.open(fileobj=io.BytesIO(data))


def _kept(tar: tarfile.TarFile, package: Package) -> Iterator[tarfile.TarInfo]:
    """The plain files below the kept beginnings; links say again what another name says."""
    for member in tar:
        if member.isfile() and member.name.startswith(package.keep):
            yield member
