# SPDX-License-Identifier: BSD-2-Clause
"""Sources with a `read` method: what they load, what they are asked for, and how they fail."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import tarfile
import threading
import time
import weakref
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]

FILES = [("h264.mp4", "video"), ("h264.mkv", "video"), ("stereo.mp3", "audio")]
FILES += [("s16.wav", "audio"), ("s16.flac", "audio")]
FILES += [("jpeg_420.jpg", "image"), ("png_rgb24.png", "image"), ("gif_animated.gif", "image")]
# An index at the end, and padding at the end that FFmpeg cuts where it knows the size, as its
# command does with a pipe.
NEED_SEEKING = {"h264.mp4", "stereo.mp3"}


class Stream:
    """A file that can only be read on, at most so many bytes at a time."""

    def __init__(self, data: bytes, at_most: int = 1 << 30) -> None:
        self._file = io.BytesIO(data)
        self._at_most = at_most
        self.num_reads = 0
        self.threads: set[int] = set()

    def read(self, size: int) -> bytes:
        self.num_reads += 1
        self.threads.add(threading.get_ident())
        return self._file.read(min(size, self._at_most))


class Seekable(Stream):
    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _load(kind: str) -> Callable[..., Any]:
    load: Callable[..., Any] = getattr(spdl.io, f"load_{kind}")
    return load


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(np.asarray(a), np.asarray(b)))


MAKERS = [Path.open, Seekable, Stream, io.BytesIO]


@contextlib.contextmanager
def _opened(path: Path, make: Callable[..., Any]) -> Iterator[Any]:
    if make is not Path.open:
        yield make(path.read_bytes())
        return
    with path.open("rb") as file:
        yield file


@pytest.mark.parametrize(("name", "kind"), FILES)
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_they_load_what_the_file_has(
    media_path: Media, name: str, kind: str, make: Callable[..., Any]
) -> None:
    if make is Stream and name in NEED_SEEKING:
        pytest.skip("the file cannot be read without seeking")
    path = media_path(name)
    expected = _load(kind)(path)
    with _opened(path, make) as file:
        assert _same(_load(kind)(file), expected)
    load = getattr(spdl.io, f"async_load_{kind}")
    with _opened(path, make) as file:
        assert _same(asyncio.run(load(file)), expected)


def test_short_reads_are_put_together(media_path: Media) -> None:
    data = media_path("h264.mkv").read_bytes()
    assert _same(spdl.io.load_video(Stream(data, 1000)), spdl.io.load_video(data))


def test_blocks_are_large_and_one_thread_reads(media_path: Media) -> None:
    data = media_path("h264.mkv").read_bytes()
    file = Seekable(data)
    spdl.io.load_video(file)
    assert file.num_reads <= 4 + len(data) // 200_000
    assert len(file.threads) == 1


def test_the_whole_file_is_read_wherever_it_stands(media_path: Media) -> None:
    with open(media_path("jpeg_420.jpg"), "rb") as file:
        file.seek(100)
        assert _same(spdl.io.load_image(file), spdl.io.load_image(media_path("jpeg_420.jpg")))


def test_bytes_of_memory_can_change_later(media_path: Media) -> None:
    file = io.BytesIO(media_path("jpeg_420.jpg").read_bytes())
    packets = spdl.io.demux_image(file)
    before = np.asarray(spdl.io.convert_frames(spdl.io.decode_packets(packets))).copy()
    file.seek(0)
    file.write(bytes(500))
    file.truncate(10)
    assert _same(spdl.io.convert_frames(spdl.io.decode_packets(packets)), before)


def _walk(src: Any) -> list[list[float]]:
    with spdl.io.Demuxer(src) as demuxer:
        windows = [demuxer.demux_video(window) for window in [(0.4, 0.8), None, (0, 0.2)]]
        found = [packets.get_timestamps() for packets in windows]
        chunks = demuxer.streaming_demux(num_packets=8)
        return found + [packets.get_timestamps(raw=True) for packets in chunks]


def test_a_demuxer_goes_back_to_its_file(media_path: Media) -> None:
    path = media_path("h264.mp4")
    with leaks.nothing_leaks(), path.open("rb") as file:
        assert _walk(file) == _walk(path)


def test_members_of_archives(media_path: Media, tmp_path: Path) -> None:
    path = media_path("jpeg_420.jpg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.write(path, "a.jpg")
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        packed.add(path, "a.jpg")
    expected = spdl.io.load_image(path)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, archive.open("a.jpg") as file:
        assert _same(spdl.io.load_image(file), expected)
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert _same(spdl.io.load_image(tar.extractfile("a.jpg")), expected)


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
def test_a_batch_of_files(media_path: Media, is_async: bool) -> None:
    names = ["jpeg_420.jpg", "png_rgb24.png", "webp_lossy.webp"] * 20
    paths = [media_path(name) for name in names]
    files = [open(path, "rb") for path in paths]  # noqa: SIM115
    size = {"width": 64, "height": 48}
    with leaks.nothing_leaks():
        if is_async:
            batch = asyncio.run(spdl.io.async_load_image_batch(files, **size))
        else:
            batch = spdl.io.load_image_batch(files, **size)
        assert _same(batch, spdl.io.load_image_batch(paths, **size))
        del batch
    for file in files:
        file.close()


class Broken:
    def __init__(self, data: bytes, error: BaseException | None, answer: Any = None) -> None:
        self._stream = Stream(data, 4096)
        self._error, self._answer = error, answer

    def read(self, size: int) -> Any:
        if self._stream.num_reads < 2:
            return self._stream.read(size)
        if self._error is not None:
            raise self._error
        return self._answer


class OddError(Exception):
    """Its `errno` is none of the system's."""

    def __init__(self, errno: Any) -> None:
        self.errno = errno


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
@pytest.mark.parametrize(
    ("error", "answer", "cause"),
    [
        (ValueError("no more luck"), None, ValueError),
        (TimeoutError(110, "the network is gone"), None, TimeoutError),
        (None, None, TypeError),
        (None, "text", TypeError),
        (None, bytes(1 << 20), ValueError),
        (None, memoryview(bytes(1 << 20)).cast("q"), ValueError),
        (OddError(-5), None, OddError),
        (OddError(2**40), None, OddError),
        (OddError("gone"), None, OddError),
    ],
    ids=["ValueError", "OSError", "None", "str", "too much", "wide", "negative", "large", "text"],
)
def test_a_file_that_fails(
    media_path: Media, is_async: bool, error: Any, answer: Any, cause: type[BaseException]
) -> None:
    file = Broken(media_path("h264.mkv").read_bytes(), error, answer)
    with leaks.nothing_leaks():
        found = _error_of(file, is_async)
        assert "<Broken>" in str(found)
        assert isinstance(found.__cause__, cause)
        del found


def _error_of(
    file: Any, is_async: bool, kind: type[BaseException] = spdl.io.SPDLIOError
) -> BaseException:
    with pytest.raises(kind) as caught:  # noqa: PT012 (two forms)
        if is_async:
            asyncio.run(spdl.io.async_load_video(file))
        else:
            spdl.io.load_video(file)
    return caught.value


def test_a_batch_tells_which_file_failed_and_why(media_path: Media) -> None:
    good = media_path("jpeg_420.jpg")
    bad = Broken(good.read_bytes(), KeyError("a key"))
    buffer = spdl.io.load_image_batch([good, bad, good], width=32, height=32, strict=False)
    assert buffer.indices == [0, 2]
    ((index, source, error),) = buffer.errors
    assert (index, source) == (1, bad)
    assert isinstance(error.__cause__, KeyError)


@pytest.mark.parametrize("file", [io.StringIO("text"), open(__file__)], ids=["StringIO", "open"])  # noqa: SIM115
def test_text_is_refused(file: Any) -> None:
    with pytest.raises(TypeError, match="binary"):
        spdl.io.load_image(file)


class Endless:
    """Gives one byte of nothing at a time, slowly."""

    def read(self, size: int) -> bytes:
        time.sleep(0.02)
        return b"\0"


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
def test_no_more_threads(
    media_path: Media, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch fails as a whole, and leaves nothing behind: no thread that waits, and no result that
    another operation takes for its own."""
    start, started = threading.Thread.start, []

    def start_two(thread: threading.Thread) -> None:
        if thread.name == "spdl-feed":
            if len(started) == 2:
                raise RuntimeError("can't start new thread")
            started.append(thread)
        start(thread)

    data = media_path("jpeg_420.jpg").read_bytes()
    files = [Seekable(data) for _ in range(4)]
    monkeypatch.setattr(threading.Thread, "start", start_two)
    with leaks.nothing_leaks():
        with pytest.raises(RuntimeError, match="new thread"):  # noqa: PT012
            if is_async:
                asyncio.run(spdl.io.async_load_image_batch(files, width=8, height=8))
            else:
                spdl.io.load_image_batch(files, width=8, height=8)
        monkeypatch.undo()
        assert spdl.io.load_video(media_path("h264.mp4"), (0, 0.2)).shape[0] == 5
    for thread in started:
        thread.join(5)
        assert not thread.is_alive()


def test_a_failure_keeps_no_file_alive() -> None:
    file = Broken(b"", None, "no bytes")
    file._stream.num_reads = 2
    gone = weakref.ref(file)
    gc.disable()
    try:
        with contextlib.suppress(spdl.io.SPDLIOError):
            spdl.io.load_video(file)
        del file
        until = time.monotonic() + 5
        while gone() is not None and time.monotonic() < until:
            time.sleep(0.01)  # The feeder's thread ends.
        assert gone() is None
    finally:
        gc.enable()


def test_a_slow_file_can_be_cancelled() -> None:
    async def cancel() -> None:
        task = asyncio.ensure_future(spdl.io.async_load_video(Endless()))
        await asyncio.sleep(0.2)
        task.cancel()
        start = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - start < 1

    with leaks.nothing_leaks():
        asyncio.run(cancel())


def test_a_slow_file_meets_its_deadline() -> None:
    with leaks.nothing_leaks():
        with spdl.io.limits(seconds=0.2):
            error = _error_of(Endless(), False, spdl.io.DeadlineError)
        assert "<Endless>" in str(error)
        del error


def test_a_load_that_is_never_awaited_reads_nothing() -> None:
    file = Stream(b"")
    with leaks.nothing_leaks():
        spdl.io.async_load_video(file).close()
    assert file.num_reads == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "spdl-feed"]
