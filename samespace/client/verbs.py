"""How a verb of `requests` becomes a method, so that each is written once for both clients."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from samespace.client.requests import Request

P = ParamSpec("P")
T = TypeVar("T")


class Sends(Protocol):
    """A client that waits for the answer."""

    def send(self, request: Request[T], /) -> T:
        """The answer to a request."""


class SendsAsync(Protocol):
    """A client whose answer is awaited."""

    async def send(self, request: Request[T], /) -> T:
        """The answer to a request."""


def method(build: Callable[P, Request[T]]) -> Callable[Concatenate[Sends, P], T]:
    """The method that sends what `build` builds."""

    def verb(self: Sends, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(build(*args, **kwargs))

    return _described(verb, build)


def async_method(
    build: Callable[P, Request[T]],
) -> Callable[Concatenate[SendsAsync, P], Coroutine[Any, Any, T]]:
    """The coroutine method that sends what `build` builds."""

    async def verb(self: SendsAsync, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.send(build(*args, **kwargs))

    return _described(verb, build)


F = TypeVar("F", bound=Callable[..., Any])


def _described(verb: F, build: Callable[..., Any]) -> F:
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    signature = inspect.signature(build)
    verb.__name__, verb.__doc__ = build.__name__, build.__doc__
    parameters = [own, *signature.parameters.values()]
    verb.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return verb
