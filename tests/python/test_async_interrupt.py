# SPDX-License-Identifier: BSD-2-Clause
"""Signal handlers that raise while an event loop hands out results: no other await is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import makers
import pytest

import spdl.io
from spdl._native import aio

Media = Callable[[str], Path]

NUMBER = 20

pytestmark = pytest.mark.alone


class _AlarmError(Exception):
    """An exception that the loop reports to its handler, and goes on."""


class _NoReader(asyncio.SelectorEventLoop):
    """A loop that cannot wait for descriptors, so that a thread does."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        if getattr(callback, "__func__", None) is aio._Bridge.serve:
            raise NotImplementedError
        super().add_reader(fd, callback, *args)


@pytest.fixture(params=[asyncio.SelectorEventLoop, _NoReader])
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    asyncio.run(spdl.io.async_load_image(makers.jpeg_bytes(0)))  # makes what lives on
    with leaks.nothing_leaks():
        loop = request.param()
        yield loop
        loop.close()
    assert not aio._bridges


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[BaseException]]]:
    """What the handler raises, once each: after a result was handed out, before the next one."""
    pending: list[type[BaseException]] = []

    def handle(*_: object) -> None:
        raise pending.pop(0)

    end = aio._Job.end

    def end_and_signal(job: aio._Job, outcome: Any) -> None:
        end(job, outcome)
        if pending:
            signal.raise_signal(signal.SIGUSR1)

    monkeypatch.setattr(aio._Job, "end", end_and_signal)
    previous = signal.signal(signal.SIGUSR1, handle)
    yield pending
    signal.signal(signal.SIGUSR1, previous)


async def _load(path: Path) -> int:
    """Loads that are all done before the loop looks, so that no later one wakes it up.

    Neither does memory that comes back, since none is lent.
    """
    tasks = [asyncio.create_task(spdl.io.async_load_image(path)) for _ in range(NUMBER)]
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 (the loop must not look meanwhile)
    return len(await asyncio.gather(*tasks))


def _run(loop: asyncio.AbstractEventLoop, task: Awaitable[int]) -> int:
    """Run until it is done; RuntimeError if that takes too long, since tasks cannot tell."""
    too_long = loop.call_later(5, loop.stop)
    try:
        return loop.run_until_complete(task)
    finally:
        too_long.cancel()


def test_a_loop_that_goes_on(
    loop: asyncio.AbstractEventLoop, interrupts: list[type[BaseException]], media_path: Media
) -> None:
    path = media_path("jpeg_420.jpg")
    reported: list[type[BaseException]] = []
    # Not the exceptions, whose tracebacks keep what the frames hold.
    loop.set_exception_handler(lambda _, context: reported.append(type(context["exception"])))
    interrupts += [_AlarmError, _AlarmError]
    assert _run(loop, _load(path)) == NUMBER
    assert reported == [_AlarmError, _AlarmError]
    assert _run(loop, _load(path)) == NUMBER


def test_a_loop_that_ends_and_is_run_again(
    loop: asyncio.AbstractEventLoop, interrupts: list[type[BaseException]], media_path: Media
) -> None:
    path = media_path("jpeg_420.jpg")
    interrupts += [KeyboardInterrupt]
    task = loop.create_task(_load(path))
    with pytest.raises(KeyboardInterrupt):
        _run(loop, task)
    assert not task.done()
    assert _run(loop, task) == NUMBER
    assert _run(loop, _load(path)) == NUMBER
