"""The web page: its files out of the package, under a policy that lets nothing else in."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.page.modules import modules_of

router = APIRouter(include_in_schema=False)

FOLDER = Path(str(files("samespace.page"))) / "static"
VIEWS = ("/", "/add", "/sort", "/collections", "/document", "/map")
PREFIX = "/page"

_HEADERS = {
    # Scripts and styles of this origin only, none inline; pictures also from what the user dropped.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # Asked for again each time, answered by 304: a new release is seen at once.
    "Cache-Control": "no-cache",
}


def install(app: FastAPI) -> None:
    """Serve the page at `/` and its views, the files it is made of under `/page`."""
    app.include_router(router)
    app.mount(PREFIX, _Guarded(GZipMiddleware(StaticFiles(directory=FOLDER))))


def show_page() -> Response:
    """The page; which view it shows, it reads in its address."""
    return HTMLResponse(_PAGE, headers=_HEADERS)


def _with_preloads(page: str) -> str:
    """The page, naming all its modules: a browser that had to find them by their imports would ask in five turns."""
    paths = [
        module.relative_to(FOLDER.resolve()) for module in modules_of(FOLDER / "js" / "app.js")
    ]
    links = [f'  <link rel="modulepreload" href="{PREFIX}/{path.as_posix()}">\n' for path in paths]
    return page.replace("</head>", "".join(links) + "</head>", 1)


_PAGE = _with_preloads((FOLDER / "index.html").read_text())


for _path in VIEWS:
    router.api_route(_path, methods=["GET", "HEAD"])(show_page)


class _Guarded:
    """Puts the headers of the page on every file it is made of."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, with_headers)
