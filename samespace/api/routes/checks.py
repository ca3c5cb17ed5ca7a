"""What is true of all routes: which methods a path takes, and that no parameter is swallowed."""

from collections.abc import Iterator, Sequence

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from samespace.core.errors import InvalidRequest
from samespace.core.nearest import not_known

_PREFIX = "/v1/"


def methods_of(routes: Sequence[BaseRoute], scope: Scope) -> set[str]:
    """Every method that the path of a request takes, whichever of the routes takes it."""
    found: set[str] = set()
    for route in iter_route_contexts(routes):
        if route.methods and route.matches(scope)[0] is not Match.NONE:
            found |= route.methods
    return found


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of all routes: InvalidRequest for a query parameter that the route does not take.

    A paging loop with a wrong name would get the first page for ever. The page, its files and what says whether
    the server lives take none, and ignore what browsers and balancers add.
    """
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    if not request.scope["path"].startswith(_PREFIX):
        return
    known = set(_parameters(route.dependant))
    for name in request.query_params:
        if name not in known:
            where = f"parameter of {request.method} {route.path}"
            raise InvalidRequest(not_known(name, where, known))


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)
