"""The description of the API to read and to try: Swagger UI, out of a package and not from another host."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

FOLDER = Path(str(files("samespace.page"))) / "docs"
PREFIX = "/docs"

# Asked for again each time, answered by 304: a new release is seen at once.
_HEADERS = {"Cache-Control": "no-cache"}


class _Files(StaticFiles):
    """Our own files and those of Swagger UI, in one folder to the browser."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER, packages=[("fastapi_swagger", "resources")])

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers.update(_HEADERS)
        return response


def install(app: FastAPI) -> None:
    """Serve the page at `/docs`, the files it is made of below it."""
    app.include_router(router)
    app.mount(PREFIX, GZipMiddleware(_Files()))


@router.api_route(PREFIX, methods=["GET", "HEAD"])
def show_docs() -> Response:
    """The page; what it shows it asks for at `/openapi.json`."""
    return FileResponse(FOLDER / "index.html", headers=_HEADERS)
