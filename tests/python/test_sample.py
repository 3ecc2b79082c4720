# SPDX-License-Identifier: BSD-2-Clause
"""Sampled frames are those of the whole decode, whatever the stream's order and key frames."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io

Media = Callable[[str], Path]
VIDEOS = [
    "h264.mp4",
    "h264.mkv",
    "hevc.mp4",  # open groups of pictures
    "vp9.webm",
    "av1.mp4",
    "mpeg4.avi",  # without pts
    "mjpeg.avi",
    "vfr.mp4",
    "late.ts",
    "mpeg2.ts",
    "h264.h264",  # without timestamps
    "raw_rgb24.nut",
]


def _array(frames: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


def _check(packets: spdl.io.VideoPackets, indices: list[int], **options: Any) -> None:
    whole = spdl.io.decode_packets(packets, **options)
    images = spdl.io.sample_decode_video(packets, indices, **options)
    assert all(isinstance(image, spdl.io.ImageFrames) for image in images)
    times = whole.get_timestamps()
    assert [image.pts for image in images] == pytest.approx([times[i] for i in indices])
    assert np.array_equal(_array(images), _array(whole)[indices])


@pytest.mark.parametrize("name", VIDEOS)
def test_equals_the_whole(name: str, media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path(name))
    count = len(packets)
    _check(packets, list(range(count)))
    rng = random.Random(name)
    for size in (1, 2, 3):
        _check(packets, sorted(rng.sample(range(count), size)), filter_desc=None)
    _check(packets, [0])
    _check(packets, [count - 1], filter_desc="hflip,format=gray")


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mp4", "vp9.webm", "mpeg2.ts", "vfr.mp4"])
@pytest.mark.parametrize("window", [(0.1, 0.5), (0.47, 0.9), ("1/3", "inf")])
def test_window(name: str, window: tuple[Any, Any], media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path(name), timestamp=window)
    count = len(packets)
    if count:
        _check(packets, list(range(count)))
        _check(packets, [0, count - 1] if count > 1 else [0])
    with pytest.raises(IndexError, match=rf"^Frame index must be \[0, {count}\)"):
        spdl.io.sample_decode_video(packets, [count])


def test_awaited(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    expected = _array(spdl.io.sample_decode_video(packets, [1, 13, 14]))

    async def main() -> list[Any]:
        calls = [spdl.io.async_sample_decode_video(packets, [1, 13, 14]) for _ in range(20)]
        return await asyncio.gather(*calls)

    for images in asyncio.run(main()):
        assert np.array_equal(_array(images), expected)


def test_any_number_of_workers(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("hevc.mp4"))
    before = spdl.io.get_num_threads()
    results = []
    try:
        for number in (1, 2, 7):
            spdl.io.set_num_threads(number)
            results.append(_array(spdl.io.sample_decode_video(packets, [0, 11, 12, 20])))
    finally:
        spdl.io.set_num_threads(before)
    assert all(np.array_equal(one, results[0]) for one in results)


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        ([], "Frame indices must be non-empty."),
        ([1, 1], "Frame indices must be unique."),
        ([2, 1], "Frame indices must be sorted in ascending order."),
    ],
)
def test_wrong_indices(indices: list[int], message: str, media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    with pytest.raises(ValueError, match=f"^{message}$"):
        spdl.io.sample_decode_video(packets, indices)


@pytest.mark.parametrize("index", [-1, 10**6, 2**70])
def test_frames_that_are_not_there(index: int, media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    with pytest.raises(IndexError, match=r"^Frame index must be \[0, \d+\)"):
        spdl.io.sample_decode_video(packets, [index])


def test_other_kinds(media_path: Media) -> None:
    for packets in (
        spdl.io.demux_image(media_path("jpeg_420.jpg")),
        spdl.io.demux_audio(media_path("s16.wav")),
    ):
        with pytest.raises(TypeError, match="must be VideoPackets"):
            spdl.io.sample_decode_video(packets, [0])  # type: ignore[arg-type]
    video = spdl.io.demux_video(media_path("h264.mp4"))
    for indices in (5, [1.5], ["a"], None):
        with pytest.raises(TypeError, match="sequence of integers"):
            spdl.io.sample_decode_video(video, indices)  # type: ignore[arg-type]


def _cut_video(media_path: Media) -> spdl.io.VideoPackets:
    """Pictures that decode alone, the fourth of them destroyed."""
    packets = spdl.io.demux_video(media_path("mjpeg.avi"))
    state = bytearray(packets.__getstate__())
    starts = [at for at in range(0, len(state), 64) if state[at : at + 3] == b"\xff\xd8\xff"]
    assert len(starts) == len(packets)
    state[starts[3] : starts[4] - 128] = bytes(starts[4] - 128 - starts[3])
    return spdl.io.VideoPackets.deserialize(state)


def test_strict(media_path: Media) -> None:
    packets = _cut_video(media_path)
    with leaks.nothing_leaks():
        with pytest.raises(spdl.io.BatchError, match=r"^Failed to decode some frames\.") as caught:
            spdl.io.sample_decode_video(packets, [1, 3, 5])
        ((index, source, error),) = caught.value.failures
        assert index == 3
        assert isinstance(error, spdl.io.CorruptError)
        assert str(source).endswith("mjpeg.avi")
        with pytest.raises(spdl.io.BatchError, match=r"^Failed to decode all the frames\."):
            spdl.io.sample_decode_video(packets, [3])
        del caught, error


def test_not_strict(media_path: Media) -> None:
    images = spdl.io.sample_decode_video(_cut_video(media_path), [1, 3, 5], strict=False)
    whole = spdl.io.demux_video(media_path("mjpeg.avi"))
    assert np.array_equal(_array(images), _array(spdl.io.decode_packets(whole))[[1, 5]])
    assert spdl.io.sample_decode_video(_cut_video(media_path), [3], strict=False) == []


def test_errors_of_the_whole(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    config = spdl.io.decode_config
    for error, options in (
        (spdl.io.UnsupportedError, {"decode_config": config(decoder="nothing")}),
        (spdl.io.OptionError, {"decode_config": config(decoder_options={"no_such": "1"})}),
        (spdl.io.FilterError, {"filter_desc": "no_such_filter"}),
        (spdl.io.FilterError, {"filter_desc": "select=0"}),
    ):
        for strict in (True, False):
            with pytest.raises(error):
                spdl.io.sample_decode_video(packets, [0, 15], strict=strict, **options)


def test_limits(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    for limit in ({"max_frames": 1}, {"max_pixels": 100}, {"max_bytes": 40_000}):
        with spdl.io.limits(**limit), pytest.raises(spdl.io.LimitError):
            spdl.io.sample_decode_video(packets, [0, 15], strict=False)
    with spdl.io.limits(seconds=1e-9), pytest.raises(spdl.io.DeadlineError):
        spdl.io.sample_decode_video(packets, [0, 15], strict=False)


def test_cancelling(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(spdl.io.async_sample_decode_video(packets, [0, 15]), timeout=0)

    with leaks.nothing_leaks():
        asyncio.run(main())
