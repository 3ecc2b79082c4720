# SPDX-License-Identifier: BSD-2-Clause
"""Whatever can be awaited can be cancelled, and asynchronous iterators be left, at any time.

Nothing stays behind, and the only worker there is goes on with the next operation.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import awaitables_muxing  # noqa: F401 (it adds to those of `awaitables`)
import awaitables_reading  # noqa: F401
import leaks
import pytest
import slow
from awaitables import RUNS, WALKS

import spdl.io

# Seconds until a task is cancelled; None: before it has begun.
DELAYS = (None, 0, 0.001, 0.004, 0.02)

pytestmark = pytest.mark.usefixtures("one_worker")


def _public() -> Iterator[tuple[str, Any]]:
    for name in spdl.io.__all__:
        value = getattr(spdl.io, name)
        if inspect.isclass(value):
            yield from ((f"{name}.{method}", getattr(value, method)) for method in dir(value))
        else:
            yield name, value


def test_nothing_that_can_be_awaited_is_left_out() -> None:
    names = {name for name, _ in _public() if name.rpartition(".")[2].startswith("async_")}
    assert names == set(RUNS) | set(WALKS)


async def _cancel(task: asyncio.Task[Any], delay: float | None) -> None:
    if delay is not None:
        await asyncio.sleep(delay)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.done()


@pytest.mark.parametrize("name", RUNS)
def test_cancel(name: str, media_path: Any, tmp_path: Path) -> None:
    async def main() -> None:
        for delay in DELAYS:
            await _cancel(asyncio.ensure_future(RUNS[name](tmp_path)), delay)
        assert await asyncio.wait_for(RUNS[name](tmp_path), 60) is not None

    slow.video(), slow.many_packets()
    with leaks.nothing_leaks():
        asyncio.run(main())


@pytest.mark.parametrize("name", WALKS)
def test_leave(name: str, media_path: Any, tmp_path: Path) -> None:
    async def first(items: AsyncGenerator[Any, None]) -> Any:
        return await asyncio.wait_for(anext(items, "the end"), 60)

    async def main() -> None:
        unused = WALKS[name](tmp_path)
        await unused.aclose()
        closed = WALKS[name](tmp_path)
        assert await first(closed) is not None
        await closed.aclose()
        for delay in DELAYS:
            cancelled = WALKS[name](tmp_path)
            await _cancel(asyncio.ensure_future(first(cancelled)), delay)
            await cancelled.aclose()
        async for item in WALKS[name](tmp_path):
            assert item is not None
            break  # the loop closes it at its end

    slow.video(), slow.many_packets()
    with leaks.nothing_leaks():
        asyncio.run(main())
