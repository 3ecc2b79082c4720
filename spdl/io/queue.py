# SPDX-License-Identifier: BSD-2-Clause
"""Where operations run: the workers of the library, event loops, executors."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from spdl._native.arguments import integer
from spdl._native.errors import check, new_error
from spdl._native.later import ImportedLater
from spdl._native.library import NULL, lib
from spdl._native.plan import async_twin

if TYPE_CHECKING:
    from concurrent import futures
else:
    futures = ImportedLater("concurrent.futures")

T = TypeVar("T")


def set_num_threads(num_threads: int | None) -> None:
    """Set how many operations the library runs at a time, in this process.

    Parameters
    ----------
    num_threads : int or None
        None or 0: as many as the process may use (CPU affinity and cgroup), or what the environment
        variable SPDL_NUM_THREADS says.

    Raises
    ------
    ValueError
        If it is negative or above 4096.
    """
    number = 0 if num_threads is None else integer(num_threads, "`num_threads`", 0, 4096)
    error = new_error()
    check(lib.spdl_pool_set_num_threads(NULL, number, error), error)


def get_num_threads() -> int:
    """How many operations the library runs at a time, in this process."""
    return lib.spdl_pool_get_num_threads(NULL)


async def run_async(
    func: Callable[..., T], *args: Any, _executor: futures.Executor | None = None, **kwargs: Any
) -> T:
    """Run a function without blocking the event loop.

    A function or method of this package that has an `async_` form runs as that. Any other, and all
    if an executor is given, runs in the executor (by default, the loop's), where cancelling the
    await does not stop it.

    >>> import asyncio
    >>> asyncio.run(run_async(spdl.io.load_image, "sample.jpg")).shape
    (120, 160, 3)

    Parameters
    ----------
    func : callable
    *args, **kwargs
        Arguments of `func`.
    _executor : concurrent.futures.Executor, optional
    """
    import asyncio

    twin = async_twin(func) if _executor is None else None
    if twin is not None:
        return await twin(*args, **kwargs)
    call = functools.partial(contextvars.copy_context().run, func, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_executor, call)
