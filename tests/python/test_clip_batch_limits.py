# SPDX-License-Identifier: BSD-2-Clause
"""Batches of video and audio that are limited, cancelled half way, or refused."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io
from spdl._native import memory

Media = Callable[[str], Path]
KINDS = ("video", "audio")
SAME: dict[str, dict[str, Any]] = {
    "video": {"width": 32, "height": 24, "num_frames": 5},
    "audio": {"sample_rate": 8000, "num_channels": 1, "num_frames": 2000},
}


def _batch(kind: str, srcs: list[Any], is_async: bool = False, **options: Any) -> Any:
    if is_async:
        return asyncio.run(getattr(spdl.io, f"async_load_{kind}_batch")(srcs, **options))
    return getattr(spdl.io, f"load_{kind}_batch")(srcs, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_limits(kind: str, media_path: Media) -> None:
    path = media_path("both.mp4")
    single = spdl.io.to_numpy(getattr(spdl.io, f"load_{kind}")(path, **SAME[kind]))
    with spdl.io.limits(max_frames=2):
        with pytest.raises(spdl.io.BatchError) as caught:
            _batch(kind, [path] * 3, **SAME[kind])
        assert len(caught.value.failures) == 3
        assert all(isinstance(error, spdl.io.LimitError) for _, _, error in caught.value.failures)
    if kind == "audio":
        # 100 items have more bytes than one, packets included.
        limit = 100 * single.nbytes
        with (
            spdl.io.limits(max_bytes=limit - 1),
            pytest.raises(spdl.io.LimitError, match="max_bytes"),
        ):
            _batch(kind, [path] * 100, **SAME[kind])
        with spdl.io.limits(max_bytes=limit):
            assert _batch(kind, [path] * 100, **SAME[kind]).shape[0] == 100
    else:
        with spdl.io.limits(max_pixels=1000), pytest.raises(spdl.io.BatchError):
            _batch(kind, [path] * 3, **SAME[kind])
        with spdl.io.limits(max_pixels=100), pytest.raises(spdl.io.LimitError, match="32x24"):
            _batch(kind, [path] * 3, **SAME[kind])
    for is_async in (False, True):
        with spdl.io.limits(seconds=1e-9), pytest.raises(spdl.io.DeadlineError):
            _batch(kind, [path] * 3, is_async, strict=False)


class Slow:
    """Reads well until the half, and then for ever."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.reached = threading.Event()

    def read(self, size: int) -> bytes:
        if not self._data:
            self.reached.set()
            time.sleep(0.02)
            return b"\0"
        data, self._data = self._data[:size], self._data[size:]
        return data


@pytest.mark.parametrize("slow_at", [0, 2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_cancelled_half_way(kind: str, slow_at: int, media_path: Media) -> None:
    path = media_path("late.ts" if kind == "video" else "s16.wav")
    data = path.read_bytes()

    async def cancel() -> None:
        slow = Slow(data[: len(data) // 2])
        srcs: list[Any] = [path] * 6
        srcs[slow_at] = slow
        task = asyncio.ensure_future(getattr(spdl.io, f"async_load_{kind}_batch")(srcs))
        assert await asyncio.to_thread(slow.reached.wait, 10)
        await asyncio.sleep(0.05)
        task.cancel()
        start = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - start < 1

    with leaks.nothing_leaks():
        asyncio.run(cancel())
    # The workers are free again.
    assert _batch(kind, [path] * 3).shape[0] == 3
    deadline = time.monotonic() + 5
    while [t for t in threading.enumerate() if t.name == "spdl-feed"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_item_meets_the_deadline_of_the_batch(kind: str, media_path: Media) -> None:
    path = media_path("late.ts" if kind == "video" else "s16.wav")
    data = path.read_bytes()
    with leaks.nothing_leaks():
        for slow_at in (0, 3):
            srcs: list[Any] = [path] * 4
            srcs[slow_at] = Slow(data[: len(data) // 2])
            with spdl.io.limits(seconds=0.5), pytest.raises(spdl.io.DeadlineError) as caught:
                _batch(kind, srcs, strict=False)
            del caught


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_lets_go_of_everything(kind: str, media_path: Media) -> None:
    data = media_path("both.mp4").read_bytes()
    shape = _batch(kind, [data] * 2, **SAME[kind]).shape
    out = np.zeros(shape, np.uint8 if kind == "video" else np.float32)
    gc.collect()
    before = memory.count_lent()
    with leaks.nothing_leaks():
        with pytest.raises(spdl.io.BatchError) as caught:
            _batch(kind, [data, b"nothing"], out=out, **SAME[kind])
        assert memory.count_lent() == before  # Although its traceback is alive.
        with pytest.raises(spdl.io.MismatchError, match="`out` is an array") as caught:
            _batch(kind, [data] * 3, out=out, strict=False, **SAME[kind])
        assert memory.count_lent() == before
        assert caught.value.item is None
        del caught


def test_one_source_is_lent_once(media_path: Media) -> None:
    data = media_path("both.mp4").read_bytes()
    gc.collect()
    before = memory.count_lent()
    seen = []

    async def count() -> None:
        task = asyncio.ensure_future(
            spdl.io.async_load_video_batch([data] * 50, timestamp=(0, 0.04))
        )
        await asyncio.sleep(0)
        seen.append(memory.count_lent() - before)
        await task

    asyncio.run(count())
    assert seen[0] <= 1


def test_a_refused_batch_ends_the_feeders(media_path: Media) -> None:
    """Also of a blocking call, on a thread that no signals come to."""
    outcome: list[BaseException] = []

    def load() -> None:
        try:
            with open(media_path("s16.wav"), "rb") as file:
                spdl.io.load_audio_batch([file], pin_memory=True)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    assert isinstance(outcome[0], spdl.io.UnsupportedError)
    deadline = time.monotonic() + 5
    while [t for t in threading.enumerate() if t.name == "spdl-feed"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
