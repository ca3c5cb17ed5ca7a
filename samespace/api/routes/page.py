"""The web page: its files out of the package, under a policy that lets nothing else in."""

import hashlib
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.errors import on_http
from samespace.page.modules import modules_of

router = APIRouter(include_in_schema=False)

FOLDER = Path(str(files("samespace.page"))) / "static"
VIEWS = ("/", "/add", "/sort", "/collections", "/compare", "/document", "/map")
PREFIX = "/page"

_HEADERS = {
    # Scripts and styles of this origin only, none inline; pictures also from what the user dropped.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # Asked for again each time, answered by 304: a new release is seen at once.
    "Cache-Control": "no-cache",
}


_files = StaticFiles(directory=FOLDER)


def install(app: FastAPI) -> None:
    """Serve the page at `/` and its views, the files it is made of under `/page`."""
    app.include_router(router)
    app.mount(PREFIX, _Guarded(GZipMiddleware(_files)))
    app.add_exception_handler(404, _on_unknown)


async def show_page(request: Request) -> Response:
    """The page; which view it shows, it reads in its address."""
    headers = {**_HEADERS, "ETag": _TAG}
    if request.headers.get("if-none-match") == _TAG:
        return Response(None, 304, headers)
    return Response(_PAGE, 200, headers, "text/html")


def _with_preloads(page: str) -> bytes:
    """The page, naming all its modules: a browser that had to find them by their imports would ask in five turns."""
    paths = [
        module.relative_to(FOLDER.resolve()) for module in modules_of(FOLDER / "js" / "app.js")
    ]
    links = [f'  <link rel="modulepreload" href="{PREFIX}/{path.as_posix()}">\n' for path in paths]
    return page.replace("</head>", "".join(links) + "</head>", 1).encode()


_PAGE = _with_preloads((FOLDER / "index.html").read_text(encoding="utf-8"))
_TAG = f'"{hashlib.sha256(_PAGE).hexdigest()[:32]}"'


async def _on_unknown(request: Request, error: Exception) -> Response:
    """To a person who follows a wrong link the page says so; programs are answered as everywhere."""
    is_person = "text/html" in request.headers.get("accept", "")
    if not is_person or request.method != "GET" or request.url.path.startswith("/v1/"):
        return await on_http(request, error)
    return Response(_PAGE, 404, _HEADERS, "text/html")


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
