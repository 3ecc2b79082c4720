# SPDX-License-Identifier: BSD-2-Clause
"""Sources with a `read` method: how they fail."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import pytest
from file_likes import Seekable, Stream

import spdl.io

Media = Callable[[str], Path]


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
        found.__cause__.__traceback__ = None  # The error outlives the test.
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
