# SPDX-License-Identifier: BSD-2-Clause
"""Files that cannot seek serve one operation at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import sanitizer
from file_likes import Stream

import spdl.io
from spdl._native import shared_file

Media = Callable[[str], Path]


class HeldStream(Stream):
    """Reads nothing until it is let go."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.is_asked = threading.Event()
        self.go = threading.Event()

    def read(self, size: int) -> bytes:
        self.is_asked.set()
        assert self.go.wait(30)
        return super().read(size)


class Pictures:
    """One picture after the other, each with an end of its own."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._is_at_end = False

    def read(self, size: int) -> bytes:
        assert size >= len(self._data)
        self._is_at_end = not self._is_at_end
        return self._data if self._is_at_end else b""


@pytest.fixture
def held(media_path: Media) -> Iterator[HeldStream]:
    """A stream that an operation is reading. It goes on, and comes out right, in the end."""
    file = HeldStream(media_path("jpeg_420.jpg").read_bytes())
    expected = np.asarray(spdl.io.load_image(media_path("jpeg_420.jpg"))).tobytes()
    with leaks.nothing_leaks(), ThreadPoolExecutor(1) as executor:
        first = executor.submit(spdl.io.load_image, file)
        assert file.is_asked.wait(10)
        yield file
        file.go.set()
        assert np.asarray(first.result()).tobytes() == expected
        del first
    assert not shared_file._files


def _refused(call: Callable[[], Any]) -> spdl.io.BusyError:
    start = time.monotonic()
    with pytest.raises(spdl.io.BusyError) as caught:
        call()
    assert time.monotonic() - start < 1 * sanitizer.PATIENCE
    return caught.value


CALLS: dict[str, Callable[[Any], Any]] = {
    "load_image": spdl.io.load_image,
    "load_image_batch": lambda file: spdl.io.load_image_batch([file], width=8, height=8),
    "demux_image": spdl.io.demux_image,
    "Demuxer": spdl.io.Demuxer,
    "probe": spdl.io.probe,
    "async_load_image": lambda file: asyncio.run(spdl.io.async_load_image(file)),
    "async_probe": lambda file: asyncio.run(spdl.io.async_probe(file)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_second_operation_is_refused_at_once(held: HeldStream, name: str) -> None:
    error = _refused(lambda: CALLS[name](held))
    assert error.origin == "source"
    assert error.source == "<HeldStream>"
    assert "<HeldStream> cannot seek" in str(error)
    assert held.num_reads == 0


def test_so_it_is_on_another_thread(held: HeldStream) -> None:
    with ThreadPoolExecutor(1) as executor:
        _refused(lambda: executor.submit(spdl.io.load_image, held).result())


def test_a_batch_that_is_refused_ends_its_other_sources(
    held: HeldStream, media_path: Media
) -> None:
    data = media_path("jpeg_420.jpg").read_bytes()
    others = [Stream(data), Stream(data)]
    srcs = [others[0], held, others[1]]
    _refused(lambda: spdl.io.load_image_batch(srcs, width=8, height=8, strict=False))


def test_one_of_many_gets_it(media_path: Media) -> None:
    """Whoever comes first has it, and nobody gets wrong data."""
    data = media_path("h264.mkv").read_bytes()
    expected = np.asarray(spdl.io.load_video(data)).tobytes()

    async def run() -> tuple[Any, list[Any]]:
        file = HeldStream(data)
        first, *others = [asyncio.ensure_future(spdl.io.async_load_video(file)) for _ in range(8)]
        found = await asyncio.gather(*others, return_exceptions=True)
        file.go.set()
        return await first, found

    with leaks.nothing_leaks():
        first, others = asyncio.run(run())
        assert np.asarray(first).tobytes() == expected
        assert [type(other) for other in others] == [spdl.io.BusyError] * 7
        del first, others


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
def test_one_after_the_other_is_never_refused(media_path: Media, is_async: bool) -> None:
    data = media_path("jpeg_420.jpg").read_bytes()
    file = Pictures(data)

    async def load_all() -> None:
        for _ in range(200):
            assert (await spdl.io.async_load_image(file)).shape == (120, 160, 3)

    with leaks.nothing_leaks():
        if is_async:
            asyncio.run(load_all())
            return
        for _ in range(200):
            assert spdl.io.load_image(file).shape == (120, 160, 3)


def test_a_demuxer_has_it_until_it_is_closed(media_path: Media) -> None:
    file = Pictures(media_path("jpeg_420.jpg").read_bytes())
    for _ in range(20):
        with spdl.io.Demuxer(file) as demuxer:
            _refused(lambda: spdl.io.load_image(file))
            assert demuxer.demux_image().width == 160
    file._is_at_end = False
    assert spdl.io.load_image(file).shape == (120, 160, 3)


def test_a_failure_leaves_it_to_others(media_path: Media) -> None:
    file = Pictures(media_path("jpeg_420.jpg").read_bytes())
    with pytest.raises(spdl.io.NoStreamError) as kept:
        spdl.io.load_audio(file)
    with pytest.raises(TypeError, match="window") as also_kept:
        spdl.io.load_video(file, 7)  # type: ignore[arg-type]
    file._is_at_end = False
    assert spdl.io.load_image(file).shape == (120, 160, 3)
    del kept, also_kept


def test_a_read_that_was_given_up_keeps_it(media_path: Media) -> None:
    file = HeldStream(media_path("jpeg_420.jpg").read_bytes())
    with leaks.nothing_leaks():
        with spdl.io.limits(seconds=0.1), pytest.raises(spdl.io.DeadlineError):
            spdl.io.load_image(file)
        _refused(lambda: spdl.io.load_image(file))
        file.go.set()
        until = time.monotonic() + 10
        while True:
            try:
                spdl.io.load_image(file)
                pytest.fail("the beginning of the file is lost")
            except spdl.io.BusyError:
                assert time.monotonic() < until
                time.sleep(0.01)
            except spdl.io.CorruptError:  # It was at its end.
                break
