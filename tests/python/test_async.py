# SPDX-License-Identifier: BSD-2-Clause
"""Awaiting: exactly one outcome, back-pressure, cancelling, deadlines, loops of every kind."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import makers
import numpy as np
import pytest
import slow

import spdl.io
from spdl._native import aio, memory, queue

Media = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """No test leaves handles, descriptors, memory, bridges or threads behind."""
    asyncio.run(spdl.io.async_demux_image(makers.jpeg_bytes(0)))
    threads = threading.active_count()
    with leaks.nothing_leaks():
        yield
    assert memory.count_lent() == 0
    assert not aio._bridges
    assert threading.active_count() == threads


async def _long(**options: Any) -> spdl.io.CPUBuffer:
    return await spdl.io.async_load_video(slow.video(), filter_desc=slow.FILTER, **options)


async def _begun(task: asyncio.Task[Any]) -> None:
    """Wait until a worker is at work on it."""
    await asyncio.sleep(0.15)
    assert not task.done()


async def _cancelled(task: asyncio.Task[Any]) -> float:
    """Cancel a task, and return the seconds until it has ended."""
    begin = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.perf_counter() - begin


def test_more_at_once_than_a_queue_holds(media_path: Media) -> None:
    """Each gets its own result, whatever order they end in."""
    path, missing = media_path("jpeg_420.jpg"), "missing.jpg"
    expected = spdl.io.to_numpy(spdl.io.load_image(path))

    async def load() -> list[Any]:
        srcs = [missing if index % 7 == 0 else path for index in range(3000)]
        loads = [spdl.io.async_load_image(src) for src in srcs]
        return list(await asyncio.gather(*loads, return_exceptions=True))

    for index, result in enumerate(asyncio.run(load())):
        if index % 7 == 0:
            assert isinstance(result, spdl.io.NotFoundError)
        else:
            assert np.array_equal(spdl.io.to_numpy(result), expected)


@pytest.mark.usefixtures("one_worker")
def test_waiting_for_room_can_be_cancelled() -> None:
    async def run() -> None:
        first = asyncio.create_task(_long())
        await asyncio.sleep(0)
        data = makers.jpeg_bytes(1)
        crowd = [asyncio.create_task(spdl.io.async_load_image(data)) for _ in range(1100)]
        await asyncio.sleep(0)
        (bridge,) = aio._bridges.values()
        assert len(bridge._jobs) == 1024
        assert len(bridge._backlog) == 1100 + 1 - 1024
        assert await _cancelled(crowd[-1]) < 0.05  # It never came to the queue.
        for task in [first, *crowd[::2]]:
            task.cancel()
        results = await asyncio.gather(first, *crowd, return_exceptions=True)
        assert sum(isinstance(r, spdl.io.CPUBuffer) for r in results) == 549
        assert sum(isinstance(r, asyncio.CancelledError) for r in results) == 552

    asyncio.run(run())


@pytest.mark.usefixtures("one_worker")
def test_the_deadline_counts_from_the_call() -> None:
    """Also for those that wait for room in the queue."""

    async def run() -> None:
        first = asyncio.create_task(_long())
        data = makers.jpeg_bytes(1)
        crowd = [asyncio.create_task(spdl.io.async_load_image(data)) for _ in range(1023)]
        await asyncio.sleep(0)
        with spdl.io.limits(seconds=0.2):
            late = asyncio.create_task(spdl.io.async_load_image(data))
        await asyncio.sleep(0.3)
        assert not late.done()
        assert await _cancelled(first) < 1
        with pytest.raises(spdl.io.DeadlineError):
            await late
        await asyncio.gather(*crowd)

    asyncio.run(run())


@pytest.mark.usefixtures("one_worker")
def test_cancel_before_it_starts() -> None:
    async def run() -> None:
        first = asyncio.create_task(_long())
        await _begun(first)
        second = asyncio.create_task(spdl.io.async_load_image(makers.jpeg_bytes(1)))
        await asyncio.sleep(0.05)
        assert not second.done()
        assert await _cancelled(second) < 0.05
        assert not first.done()
        assert await _cancelled(first) < 1

    asyncio.run(run())


def test_cancel_while_it_runs() -> None:
    """Afterwards nobody writes into `out`, and the worker is free."""
    srcs = [makers.jpeg_bytes(seed, (800, 600)) for seed in range(4)] * 150
    out = np.zeros((len(srcs), 60, 80, 3), np.uint8)

    async def run() -> None:
        load = spdl.io.async_load_image_batch(srcs, width=80, height=60, out=out)
        task = asyncio.create_task(load)
        while not out.any():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.001)
        assert await _cancelled(task) < 1
        assert memory.count_lent() == 0  # `out` is free again.
        left = out.copy()
        assert not left[-1].any()
        begin = time.perf_counter()
        await spdl.io.async_load_image(srcs[0])
        assert time.perf_counter() - begin < 1
        await asyncio.sleep(0.2)
        assert np.array_equal(out, left)

    asyncio.run(run())


def test_cancelling_again_changes_nothing() -> None:
    async def run() -> None:
        task = asyncio.create_task(_long())
        await _begun(task)
        for _ in range(5):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_cancel_when_it_is_done_already(media_path: Media) -> None:
    async def run() -> None:
        task = asyncio.create_task(spdl.io.async_load_image(media_path("jpeg_420.jpg")))
        await asyncio.sleep(0)
        time.sleep(0.2)  # noqa: ASYNC251 (it completes while the loop does not look)
        await _cancelled(task)

    asyncio.run(run())


def test_a_timeout_ends_it() -> None:
    async def run() -> float:
        begin = time.perf_counter()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_long(), 0.2)
        return time.perf_counter() - begin

    assert asyncio.run(run()) < 1


def test_deadline() -> None:
    async def run() -> float:
        begin = time.perf_counter()
        with spdl.io.limits(seconds=0.2), pytest.raises(spdl.io.DeadlineError):
            await _long()
        return time.perf_counter() - begin

    assert 0.2 <= asyncio.run(run()) < 1


def test_limits_belong_to_the_task(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")

    async def run() -> None:
        with spdl.io.limits(max_pixels=1):
            limited = asyncio.create_task(spdl.io.async_load_image(path))
            with pytest.raises(spdl.io.LimitError):
                await spdl.io.async_load_image(path)
        with pytest.raises(spdl.io.LimitError):
            await limited
        await spdl.io.async_load_image(path)

    asyncio.run(run())


def test_two_loops_in_two_threads(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    expected = spdl.io.to_numpy(spdl.io.load_image(path))
    together = threading.Barrier(2)
    equal: list[bool] = []

    async def load() -> None:
        together.wait()
        for _ in range(20):
            loads = [spdl.io.async_load_image(path) for _ in range(20)]
            for buffer in await asyncio.gather(*loads):
                equal.append(np.array_equal(spdl.io.to_numpy(buffer), expected))

    threads = [threading.Thread(target=asyncio.run, args=(load(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert equal == [True] * 800


def test_a_loop_that_was_dropped(media_path: Media) -> None:
    """Closed with an operation in flight: what it held goes with the next loop."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(_long())
    loop.run_until_complete(asyncio.sleep(0.1))
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    del task
    gc.collect()
    asyncio.run(spdl.io.async_load_image(media_path("jpeg_420.jpg")))
    del loop
    gc.collect()


def test_loops_leave_nothing_behind(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")

    async def load() -> None:
        await asyncio.gather(*[spdl.io.async_load_image(path) for _ in range(3)])
        await asyncio.sleep(0)
        assert not aio._bridges  # An idle loop watches no descriptor.
        await spdl.io.async_load_image(path)

    with leaks.nothing_leaks():
        for _ in range(50):
            asyncio.run(load())
        assert len(queue._idle) == 1


class _NoReader(asyncio.SelectorEventLoop):
    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        if getattr(callback, "__func__", None) is aio._Bridge.serve:
            raise NotImplementedError
        super().add_reader(fd, callback, *args)


def test_a_loop_without_add_reader(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")

    async def load() -> int:
        loads = [spdl.io.async_load_image(path) for _ in range(1500)]
        number = len(await asyncio.gather(*loads))
        task = asyncio.create_task(_long())
        await _begun(task)
        assert "spdl-watcher" in {thread.name for thread in threading.enumerate()}
        assert await _cancelled(task) < 1
        for _ in range(20):
            await spdl.io.async_load_image(path)
        return number

    loop = _NoReader()
    try:
        assert loop.run_until_complete(load()) == 1500
    finally:
        loop.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if "spdl-watcher" not in {thread.name for thread in threading.enumerate()}:
            break
        time.sleep(0.01)
