# SPDX-License-Identifier: BSD-2-Clause
"""Public functions out of planners.

A planner is a function `_plan_<name>` that checks its arguments and returns an `Operation`. The
function `<name>`, which blocks, and `async_<name>`, which is awaited, are both made from it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from types import FunctionType, MethodType
from typing import Any, ParamSpec, TypeVar, cast

from . import wait
from .operation import Operation

P = ParamSpec("P")
T = TypeVar("T")

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


F = TypeVar("F", bound=Callable[..., Any])


def _present(run: F, plan: Callable[..., Any], prefix: str) -> F:
    """Give a function the name, the signature and the docstring that belong to it."""
    function = cast(FunctionType, plan)
    name = function.__name__.removeprefix("_plan_")
    scope = function.__qualname__.rpartition(".")[0]
    shown = cast(FunctionType, functools.update_wrapper(run, function))
    shown.__name__ = prefix + name
    shown.__qualname__ = f"{scope}.{prefix}{name}" if scope else prefix + name
    if prefix:
        shown.__doc__ = f"Awaitable form of `{name}`.\n\n{function.__doc__}"
    result = str(function.__annotations__["return"])
    result = result.removeprefix("Operation[").removesuffix("]")
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
