# SPDX-License-Identifier: BSD-2-Clause
"""Bitstream filters: what they change, and what they leave as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io

Media = Callable[[str], Path]
CASES = [
    ("video", "h264.mp4", "h264_mp4toannexb"),
    ("video", "hevc.mp4", "hevc_mp4toannexb"),
    ("video", "h264.mp4", "h264_metadata=level=4.1,h264_mp4toannexb"),
    ("video", "vp9.webm", "vp9_superframe_split"),
    ("audio", "stereo.m4a", "null"),
    ("image", "jpeg_420.jpg", "null"),
]


def _array(packets: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(spdl.io.decode_packets(packets)))


@pytest.mark.parametrize(("kind", "name", "bsf"), CASES)
def test_every_way(kind: str, name: str, bsf: str, media_path: Media) -> None:
    path = media_path(name)
    demux, async_demux = (getattr(spdl.io, f"{form}demux_{kind}") for form in ("", "async_"))
    packets = demux(path)
    expected = _array(packets)
    demuxer = spdl.io.Demuxer(path)
    ways = [
        spdl.io.apply_bsf(packets, bsf),
        asyncio.run(spdl.io.async_apply_bsf(packets, bsf)),
        spdl.io.BSF(packets.codec, bsf).filter(packets, flush=True),
        asyncio.run(spdl.io.BSF(packets.codec, bsf).async_filter(packets, True)),
        demux(path, bsf=bsf),
        asyncio.run(async_demux(path, bsf=bsf)),
        getattr(demuxer, f"demux_{kind}")(bsf=bsf),
    ]
    for filtered in ways:
        assert type(filtered) is type(packets)
        assert filtered.codec.time_base == packets.codec.time_base
        assert np.array_equal(_array(filtered), expected)


@pytest.mark.parametrize("window", [None, (0.3, 0.7)])
def test_times_stay(window: Any, media_path: Media) -> None:
    path = media_path("h264.mp4")
    packets = spdl.io.demux_video(path, timestamp=window)
    filtered = spdl.io.demux_video(path, timestamp=window, bsf="h264_mp4toannexb")
    assert filtered.get_timestamps(raw=True) == packets.get_timestamps(raw=True)
    assert (filtered.timestamp, len(filtered)) == (packets.timestamp, len(packets))
    assert filtered.frame_rate == packets.frame_rate
    assert np.array_equal(_array(filtered), _array(packets))
    assert b"\0\0\0\1" in filtered.__getstate__()


def test_in_parts(media_path: Media) -> None:
    with leaks.nothing_leaks():
        packets = spdl.io.demux_video(media_path("h264.mp4"))
        bsf = spdl.io.BSF(packets.codec, "h264_mp4toannexb")
        assert bsf.flush() is None
        for flush in (False, True):
            filtered = bsf.filter(packets, flush)
            assert filtered is not None
            assert len(filtered) == len(packets)
        assert asyncio.run(bsf.async_flush()) is None
        bsf = spdl.io.BSF(packets.codec, "noise=drop=1")
        assert bsf.filter(packets) is None
        assert len(spdl.io.apply_bsf(packets, "noise=drop=1")) == 0
        del bsf, packets, filtered


def test_errors(media_path: Media) -> None:
    video = spdl.io.demux_video(media_path("h264.mp4"))
    image = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    for bsf, error, message in (
        ("nothing", spdl.io.UnsupportedError, "Unsupported bitstream filter: nothing"),
        ("hevc_mp4toannexb", spdl.io.UnsupportedError, "does not take h264"),
        ("h264_metadata=nothing=1", spdl.io.OptionError, "Failed to parse the bitstream filter"),
        ("", spdl.io.OptionError, "Failed to parse the bitstream filter"),
    ):
        for call in (
            lambda bsf: spdl.io.BSF(video.codec, bsf),
            lambda bsf: spdl.io.apply_bsf(video, bsf),
            lambda bsf: spdl.io.demux_video(media_path("h264.mp4"), bsf=bsf),
        ):
            with pytest.raises(error, match=message) as caught:
                call(bsf)
            assert caught.value.origin == "bsf"
    with pytest.raises(spdl.io.MismatchError):
        spdl.io.BSF(video.codec, "null").filter(image)
    with pytest.raises(spdl.io.CorruptError, match="makes no packet"):
        spdl.io.apply_bsf(image, "noise=drop=1")
    with spdl.io.limits(max_bytes=100), pytest.raises(spdl.io.LimitError):
        spdl.io.apply_bsf(video, "null")


@pytest.mark.parametrize("wrong", [None, 1, b"null"], ids=repr)
def test_wrong_types(wrong: Any, media_path: Media) -> None:
    packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    bsf = spdl.io.BSF(packets.codec, "null")
    for call in (
        lambda: spdl.io.BSF(wrong, "null"),
        lambda: spdl.io.BSF(packets.codec, wrong),
        lambda: spdl.io.apply_bsf(packets, wrong),
        lambda: spdl.io.apply_bsf(wrong, "null"),
        lambda: bsf.filter(wrong),
    ):
        with pytest.raises(TypeError):
            call()
