# SPDX-License-Identifier: BSD-2-Clause
"""Public functions out of planners.

A planner is a function `_plan_<name>` that checks its arguments and returns an `Operation`. The
function `<name>`, which blocks, and `async_<name>`, which is awaited, are both made from it.

A planner of a walk returns `Steps`; the iterator `<name>` and the asynchronous iterator
`async_<name>` are made from it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from . import wait
from .operation import Operation

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Steps(Generic[T]):
    """A walk: operations one after the other, until one has no result."""

    plan: Callable[[], Operation[T | None]]
    """Plans the next step, each time it is called."""


_planners: dict[object, Callable[..., Operation[Any]]] = {}


def blocking(plan: Callable[P, Operation[T]]) -> Callable[P, T]:
    """The function that runs what `plan` plans and returns its result."""

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return wait.run(plan(*args, **kwargs))

    _planners[run] = plan
    shown = _present(run, plan, "")
    # Python names the planner when arguments do not fit it.
    cast(FunctionType, plan).__qualname__ = cast(FunctionType, shown).__qualname__
    return shown


def awaitable(plan: Callable[P, Operation[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The coroutine function that awaits what `plan` plans."""

    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        from . import aio  # Only who awaits needs asyncio, which is slow to import.

        return await aio.run(plan(*args, **kwargs))

    return _present(run, plan, "async_")


def iterating(plan: Callable[P, Steps[T]]) -> Callable[P, Generator[T, None, None]]:
    """The function that checks its arguments, and returns an iterator over the results."""

    def walk(steps: Steps[T]) -> Generator[T, None, None]:
        while (result := wait.run(steps.plan())) is not None:
            yield result

    def run(*args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        return walk(plan(*args, **kwargs))

    return _present(run, plan, "")


def async_iterating(plan: Callable[P, Steps[T]]) -> Callable[P, AsyncGenerator[T, None]]:
    """The function that checks its arguments, and returns an asynchronous iterator."""

    async def walk(steps: Steps[T]) -> AsyncGenerator[T, None]:
        from . import aio

        while (result := await aio.run(steps.plan())) is not None:
            yield result

    def run(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
        return walk(plan(*args, **kwargs))

    return _present(run, plan, "async_")


F = TypeVar("F", bound=Callable[..., Any])


def _present(run: F, plan: Callable[..., Any], prefix: str) -> F:
    """Give a function the name, the signature and the docstring that belong to it."""
    function = cast(FunctionType, plan)
    name = function.__name__.removeprefix("_plan_")
    scope = function.__qualname__.rpartition(".")[0]
    shown = cast(FunctionType, functools.update_wrapper(run, function))
    shown.__name__ = prefix + name
    shown.__qualname__ = f"{scope}.{prefix}{name}" if scope else prefix + name
    planned, _, result = str(function.__annotations__["return"]).removesuffix("]").partition("[")
    form = "Awaitable"
    if planned == "Steps":
        form = "Asynchronous"
        result = f"AsyncIterator[{result}]" if prefix else f"Iterator[{result}]"
    if prefix:
        shown.__doc__ = f"{form} form of `{name}`.\n\n{function.__doc__}"
    shown.__annotations__ = {**function.__annotations__, "return": result}
    signature = inspect.signature(function).replace(return_annotation=result)
    shown.__signature__ = signature  # type: ignore[attr-defined]
    return run


def async_twin(func: Callable[..., T]) -> Callable[..., Coroutine[Any, Any, T]] | None:
    """The awaitable form of a function or method that `blocking` made, else None."""
    if isinstance(func, MethodType):
        plan = _planners.get(func.__func__)
        plan = plan and functools.partial(plan, func.__self__)
    else:
        plan = _planners.get(func) if isinstance(func, FunctionType) else None
    if plan is None:
        return None
    planner = plan

    async def run(*args: Any, **kwargs: Any) -> T:
        from . import aio

        result: T = await aio.run(planner(*args, **kwargs))
        return result

    return run
