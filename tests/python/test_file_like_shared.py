# SPDX-License-Identifier: BSD-2-Clause
"""One file-like object that several operations read at the same time."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import tarfile
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import sanitizer
from file_likes import Seekable

import spdl.io
from spdl._native import shared_file

Media = Callable[[str], Path]
Result = list[bytes]

WINDOWS = [(3 * i, 3 * i + 3) for i in range(16)]


class Torn(Seekable):
    """Lets other threads run between a `seek` and a `read`."""

    def seek(self, offset: int, whence: int = 0) -> int:
        found = super().seek(offset, whence)
        time.sleep(0.001)
        return found


class Held(Seekable):
    """Reads nothing until it is let go."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.is_asked = threading.Event()
        self.go = threading.Event()

    def read(self, size: int) -> bytes:
        self.is_asked.set()
        assert self.go.wait(30)
        return super().read(size)


class Slotted:
    """Has no room for weak references, and is equal to nothing, itself included."""

    __slots__ = ("_file",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def __eq__(self, other: object) -> bool:
        return False

    def read(self, size: int) -> bytes:
        time.sleep(0.001)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def _bytes(found: Any) -> bytes:
    return np.asarray(found).tobytes()


def _in_threads(calls: list[Callable[[], Any]]) -> Result:
    with ThreadPoolExecutor(len(calls)) as executor:
        return [_bytes(found) for found in executor.map(lambda call: call(), calls)]


def _gathered(calls: list[Callable[[], Coroutine[Any, Any, Any]]]) -> Result:
    async def run() -> list[Any]:
        return await asyncio.gather(*[call() for call in calls])

    return [_bytes(found) for found in asyncio.run(run())]


def _both_ways(kind: str, srcs: list[Any], *args: Any) -> tuple[Result, Result]:
    """What threads load of these sources at the same time, and what a loop does."""
    load = getattr(spdl.io, f"load_{kind}")
    async_load = getattr(spdl.io, f"async_load_{kind}")
    given = list(zip(srcs, *args, strict=True))
    return (
        _in_threads([lambda each=each: load(*each) for each in given]),
        _gathered([lambda each=each: async_load(*each) for each in given]),
    )


@pytest.mark.parametrize("make", [Path.open, Torn, Slotted], ids=lambda make: make.__name__)
def test_each_operation_gets_what_it_asks_for(media_path: Media, make: Callable[..., Any]) -> None:
    path = media_path("long_s16.wav")
    expected = [_bytes(spdl.io.load_audio(path, window)) for window in WINDOWS]
    with leaks.nothing_leaks():
        file = path.open("rb") if make is Path.open else make(path.read_bytes())
        for found in _both_ways("audio", [file] * len(WINDOWS), WINDOWS):
            assert found == expected
        if make is Path.open:
            file.close()
    assert not shared_file._files


def test_demuxers_and_loads_take_turns(media_path: Media) -> None:
    path = media_path("h264.mp4")
    windows = [(0.4, 0.8), (0, 0.2), (0.8, 1.2)]

    def walk(src: Any) -> list[list[float]]:
        with spdl.io.Demuxer(src) as demuxer:
            found = [demuxer.demux_video(window).get_timestamps() for window in windows]
            chunks = demuxer.streaming_demux(num_packets=8)
            return found + [chunk.get_timestamps(raw=True) for chunk in chunks]

    expected, image = walk(path), _bytes(spdl.io.load_image(path))
    with leaks.nothing_leaks():
        file = Torn(path.read_bytes())
        with ThreadPoolExecutor(8) as executor:
            walks = [executor.submit(walk, file) for _ in range(4)]
            loads = [executor.submit(spdl.io.load_image, file) for _ in range(4)]
            assert [future.result() for future in walks] == [expected] * 4
            assert [_bytes(future.result()) for future in loads] == [image] * 4
        del walks, loads


def test_a_demuxer_does_not_rely_on_where_the_file_stands(media_path: Media) -> None:
    path = media_path("long_s16.wav")
    with spdl.io.Demuxer(path) as demuxer:
        expected = [_raw(chunk) for chunk in demuxer.streaming_demux(num_packets=20)]
    assert len(expected) > 8
    with path.open("rb") as file, spdl.io.Demuxer(file) as demuxer:
        found = []
        for chunk in demuxer.streaming_demux(num_packets=20):
            found.append(_raw(chunk))
            spdl.io.load_audio(file, (30, 30.1))
            file.seek(12345)
    assert found == expected


def _raw(packets: Any) -> bytes:
    return _bytes(spdl.io.convert_frames(spdl.io.decode_packets(packets, filter_desc=None)))


def test_a_file_that_grew_is_measured_anew(media_path: Media, tmp_path: Path) -> None:
    data = media_path("s16.wav").read_bytes()
    path = tmp_path / "a.wav"
    path.write_bytes(data[: len(data) // 2])
    with path.open("rb") as file, spdl.io.Demuxer(file) as demuxer:
        half = spdl.io.load_audio(file).shape
        with path.open("ab") as more:
            more.write(data[len(data) // 2 :])
        assert spdl.io.load_audio(file).shape == spdl.io.load_audio(data).shape != half
        assert demuxer.demux_audio() is not None


def test_members_of_one_tar_share_its_file(media_path: Media, tmp_path: Path) -> None:
    path = media_path("long_s16.wav")
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        for index in range(4):
            packed.add(path, f"{index}.wav")
    expected = _bytes(spdl.io.load_audio(path, (10, 30)))
    file = Torn((tmp_path / "a.tar").read_bytes())
    file.seekable = lambda: True  # type: ignore[attr-defined]
    with tarfile.open(fileobj=file) as tar:
        members = [tar.extractfile(f"{index}.wav") for index in range(4)]
        for found in _both_ways("audio", members, [(10, 30)] * 4):
            assert found == [expected] * 4
        batch = spdl.io.load_audio_batch(members, timestamp=(10, 30))
        assert [_bytes(item) for item in np.asarray(batch)] == [expected] * 4


def test_an_operation_that_was_given_up_leaves_the_file_alone(media_path: Media) -> None:
    """It waits for its turn when it is cancelled, and does not take the turn any more."""
    file = Held(media_path("jpeg_420.jpg").read_bytes())

    async def run() -> None:
        first = asyncio.ensure_future(spdl.io.async_load_image(file))
        await asyncio.to_thread(file.is_asked.wait, 10)
        others = [asyncio.ensure_future(spdl.io.async_load_image(file)) for _ in range(4)]
        await asyncio.sleep(0.1)
        for other in others:
            other.cancel()
        start = time.monotonic()
        found = await asyncio.gather(*others, return_exceptions=True)
        assert time.monotonic() - start < 1 * sanitizer.PATIENCE
        assert [type(each) for each in found] == [asyncio.CancelledError] * 4
        file.go.set()
        await first

    with leaks.nothing_leaks():
        asyncio.run(run())
        before = Seekable(media_path("jpeg_420.jpg").read_bytes())
        spdl.io.load_image(before)
        assert file.num_reads == before.num_reads


def test_the_loop_does_not_wait_for_a_turn(media_path: Media) -> None:
    file = Held(media_path("jpeg_420.jpg").read_bytes())

    async def run() -> list[bytes]:
        first = asyncio.ensure_future(spdl.io.async_load_image(file))
        await asyncio.to_thread(file.is_asked.wait, 10)
        threading.Timer(1, file.go.set).start()
        second = asyncio.ensure_future(spdl.io.async_load_image(file))
        await asyncio.sleep(0)
        assert not file.go.is_set()
        return [_bytes(found) for found in await asyncio.gather(first, second)]

    with leaks.nothing_leaks():
        one, two = asyncio.run(run())
    assert one == two == _bytes(spdl.io.load_image(media_path("jpeg_420.jpg")))


def test_waiting_for_a_turn_meets_its_deadline(media_path: Media) -> None:
    file = Held(media_path("h264.mp4").read_bytes())
    with ThreadPoolExecutor(1) as executor, leaks.nothing_leaks():
        first = executor.submit(spdl.io.load_video, file)
        assert file.is_asked.wait(10)
        with spdl.io.limits(seconds=0.2), pytest.raises(spdl.io.DeadlineError):
            spdl.io.load_video(file)
        file.go.set()
        first.result()
        del first


def test_waiting_for_a_turn_can_be_interrupted(media_path: Media) -> None:
    data = media_path("h264.mp4").read_bytes()
    file = Held(data)
    with ThreadPoolExecutor(1) as executor, leaks.nothing_leaks():
        first = executor.submit(spdl.io.load_video, file)
        assert file.is_asked.wait(10)
        timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            spdl.io.load_video(file)
        timer.join()
        file.go.set()
        assert _bytes(first.result()) == _bytes(spdl.io.load_video(data))
        del first
    assert _bytes(spdl.io.load_video(file)) == _bytes(spdl.io.load_video(data))


def test_nothing_keeps_a_file_that_was_shared(media_path: Media) -> None:
    files = [Seekable(media_path("jpeg_420.jpg").read_bytes())]
    gone = weakref.ref(files[0])
    gc.disable()
    try:
        _in_threads([lambda: spdl.io.load_image(files[0])] * 4)
        files.clear()
        until = time.monotonic() + 5
        while gone() is not None and time.monotonic() < until:
            time.sleep(0.01)  # The feeders' threads end.
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.skipif(bool(sanitizer.NO_FORK), reason=sanitizer.NO_FORK)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_turn_of_the_parent_does_not_hold_up_a_child(media_path: Media) -> None:
    file = Held(media_path("jpeg_420.jpg").read_bytes())
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(spdl.io.load_image, file)
        assert file.is_asked.wait(10)
        child = os.fork()
        if child == 0:
            file.go = threading.Event()  # The parent's may be locked.
            file.go.set()
            with spdl.io.limits(seconds=20):
                is_there = spdl.io.load_image(file).shape == (120, 160, 3)
            os._exit(0 if is_there else 1)
        file.go.set()
        first.result()
    assert os.waitpid(child, 0)[1] == 0
