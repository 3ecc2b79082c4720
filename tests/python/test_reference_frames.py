# SPDX-License-Identifier: BSD-2-Clause
"""Arrays as frames: they share the memory, give it back once, and are checked."""

from __future__ import annotations

import gc
import mmap
import time
from collections.abc import Callable
from typing import Any

import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io
from spdl._native import memory

RATE = (25, 1)
PICTURES = [
    ("rgb24", (3, 5, 7, 3), "|u1"),
    ("bgr24", (3, 5, 7, 3), "|u1"),
    ("rgba", (3, 5, 7, 4), "|u1"),
    ("gray", (3, 5, 7), "|u1"),
    ("gray8", (3, 5, 7), "|u1"),
    ("gray16", (3, 5, 7), "=u2"),
    ("gray16le", (3, 5, 7), "<u2"),
    ("gray16be", (3, 5, 7), ">u2"),
    ("yuv444p", (3, 3, 5, 7), "|u1"),
]
SAMPLES = [("u8", "u1"), ("s16", "i2"), ("s32", "i4"), ("s64", "i8"), ("flt", "f4"), ("dbl", "f8")]


def _array(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def _converted(frames: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("pix_fmt", "shape", "dtype"), PICTURES)
def test_pictures(pix_fmt: str, shape: tuple[int, ...], dtype: str) -> None:
    array = _array(shape, dtype)
    frames = spdl.io.create_reference_video_frame(array, pix_fmt, RATE, 10)
    assert (len(frames), frames.width, frames.height) == (3, 7, 5)
    assert frames.pix_fmt == {"gray8": "gray", "gray16": "gray16le"}.get(pix_fmt, pix_fmt)
    assert frames.get_pts() == [10, 11, 12]
    assert frames.time_base == (1, 25)
    if pix_fmt in ("rgb24", "rgba", "yuv444p", "gray"):
        assert np.array_equal(_converted(frames).reshape(shape), array)


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize(("sample_fmt", "dtype"), SAMPLES)
def test_samples(sample_fmt: str, dtype: str, planar: bool) -> None:
    array = _array((2, 300) if planar else (300, 2), dtype)
    sample_fmt += "p" * planar
    frames = spdl.io.create_reference_audio_frame(array, sample_fmt, 8000, -16)
    assert (len(frames), frames.num_channels, frames.sample_rate) == (300, 2, 8000)
    assert frames.sample_fmt == sample_fmt
    buffer = spdl.io.convert_frames(frames)
    assert np.array_equal(spdl.io.to_numpy(buffer), array)
    assert buffer.pts == [-0.002]


def test_the_memory_is_shared() -> None:
    # What comes out after a change shows where the frames are; nobody else should do this.
    array = np.zeros((2, 50, 70, 3), np.uint8)
    frames = spdl.io.create_reference_video_frame(array, "rgb24", RATE, 0)
    array[0] = 7
    assert np.array_equal(_converted(frames[0]), array[0])
    samples = np.zeros((100, 2), np.int16)
    sound = spdl.io.create_reference_audio_frame(samples, "s16", 8000, 0)
    samples[:] = 9
    assert np.array_equal(_converted(sound), samples)


def test_the_memory_comes_back_once() -> None:
    with leaks.nothing_leaks():
        before = memory.count_lent()
        frames = spdl.io.create_reference_video_frame(
            np.zeros((4, 50, 70, 3), np.uint8), "rgb24", RATE, 0
        )
        assert memory.count_lent() == before + 1
        last = frames[3]
        del frames
        gc.collect()
        assert memory.count_lent() == before + 1
        del last
        gc.collect()
        _wait_until(lambda: memory.count_lent() == before)


def test_other_arrays() -> None:
    array = _array((2, 5, 7, 3), "u1")
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    buffer = spdl.io.convert_frames(spdl.io.create_reference_video_frame(array, "rgb24", RATE, 0))
    shaped = memoryview(array.tobytes()).cast("B", array.shape)
    for like in (torch.from_numpy(array), buffer, shaped):
        frames = spdl.io.create_reference_video_frame(like, "rgb24", RATE, 0)
        assert np.array_equal(_converted(frames), array)


def test_pictures_that_end_with_their_page() -> None:
    with mmap.mmap(-1, 4 * mmap.PAGESIZE) as room:
        array = np.frombuffer(room, np.uint8).reshape(2, 32, 64, 4)
        array[:] = _array(array.shape, "u1")
        frames = spdl.io.create_reference_video_frame(array, "rgba", RATE, 0)
        assert np.array_equal(_converted(frames), array)
        del frames, array
        gc.collect()
        memory.reclaim()


WRONG_PICTURES = [
    (np.zeros((2, 5, 7, 3), np.int8), "rgb24", "elements of type"),
    (np.zeros((2, 5, 7, 4), np.uint8), "rgb24", "shape"),
    (np.zeros((5, 7, 3), np.uint8), "rgb24", "shape"),
    (np.zeros((2, 5, 7, 3), np.uint8), "yuv444p", "shape"),
    (np.zeros((0, 5, 7, 3), np.uint8), "rgb24", "shape"),
    (np.zeros((2, 5, 0, 3), np.uint8), "rgb24", "shape"),
    (np.zeros((2, 5, 14, 3), np.uint8)[:, :, ::2], "rgb24", "contiguous"),
    (np.zeros((2, 5, 7), "<u2"), "gray16be", "astype"),
    (np.zeros((2, 5, 7), np.uint8), "yuv420p", "Unsupported pixel format"),
    (np.zeros((2, 5, 7), np.uint8), "no such", "Unsupported pixel format"),
]


@pytest.mark.parametrize(("array", "pix_fmt", "words"), WRONG_PICTURES)
def test_wrong_pictures(array: Any, pix_fmt: str, words: str) -> None:
    with pytest.raises(spdl.io.InvalidError, match=words) as caught:
        spdl.io.create_reference_video_frame(array, pix_fmt, RATE, 0)
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, ValueError)


WRONG_SAMPLES = [
    (np.zeros(10, np.float32), "fltp", "shape"),
    (np.zeros((2, 0), np.float32), "fltp", "shape"),
    (np.zeros((2, 10), np.float64), "fltp", "elements of type"),
    (np.zeros((10, 2), np.float32).T, "fltp", "contiguous"),
    (np.zeros((2, 10), np.float32), "fltpp", "Unsupported sample format"),
    (np.zeros((2000, 1), np.float32), "fltp", "channels"),
]


@pytest.mark.parametrize(("array", "sample_fmt", "words"), WRONG_SAMPLES)
def test_wrong_samples(array: Any, sample_fmt: str, words: str) -> None:
    with pytest.raises(spdl.io.InvalidError, match=words):
        spdl.io.create_reference_audio_frame(array, sample_fmt, 8000, 0)


def test_wrong_numbers() -> None:
    pictures, samples = np.zeros((2, 5, 7, 3), np.uint8), np.zeros((2, 10), np.float32)
    for rate in ((0, 1), (25, 0), (-1, 1), (2**31, 1)):
        with pytest.raises(ValueError, match="frame_rate"):
            spdl.io.create_reference_video_frame(pictures, "rgb24", rate, 0)
    for rate in (25.0, (25,), None, (25.0, 1)):
        with pytest.raises(TypeError, match="frame_rate"):
            spdl.io.create_reference_video_frame(pictures, "rgb24", rate, 0)  # type: ignore[arg-type]
    for pts in (2**63, -(2**63), 2**63 - 1):
        with pytest.raises(ValueError, match=r"pts|timestamps"):
            spdl.io.create_reference_video_frame(pictures, "rgb24", RATE, pts)
    for hertz in (0, -1, 2**31):
        with pytest.raises(ValueError, match="sample_rate"):
            spdl.io.create_reference_audio_frame(samples, "fltp", hertz, 0)
    with pytest.raises(TypeError, match="is no array"):
        spdl.io.create_reference_video_frame([1, 2], "rgb24", RATE, 0)
