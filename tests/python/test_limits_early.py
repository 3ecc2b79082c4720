# SPDX-License-Identifier: BSD-2-Clause
"""Limits that end an operation before it has done the work that they forbid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import makers
import pytest
import resident

import spdl.io

Media = Callable[[str], Path]

TOO_LARGE = r"2[06]000x\d+ .*max_pixels=134217728"


class Endless:
    """A stream that begins again and again."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self.num_bytes = 0

    def read(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        self._at = (self._at + len(part)) % len(self._data)
        self.num_bytes += len(part)
        return part


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Endless]:
    path = tmp_path_factory.mktemp("endless") / "video.ts"
    makers.video("-c:v", "mpeg2video", "-f", "mpegts", seconds=2)(path)
    data = path.read_bytes()
    return lambda: Endless(data)


@pytest.mark.parametrize(
    "options",
    [{}, {"filter_desc": None}, {"filter_desc": "scale=16:16,format=pix_fmts=gray"}],
    ids=str,
)
def test_frames_of_a_source_without_an_end(
    options: dict[str, Any], endless: Callable[[], Endless]
) -> None:
    with spdl.io.limits(max_frames=100, seconds=60):
        src = endless()
        with pytest.raises(spdl.io.LimitError, match="max_frames=100") as caught:
            spdl.io.load_video(src, **options)  # type: ignore[arg-type]
        assert caught.value.origin == "demux"
        assert src.num_bytes < 20 << 20
        with pytest.raises(spdl.io.LimitError, match="max_frames=100"):
            asyncio.run(spdl.io.async_load_video(endless(), **options))  # type: ignore[arg-type]
        with pytest.raises(spdl.io.BatchError) as batch:
            spdl.io.load_video_batch([endless()], **options)  # type: ignore[list-item]
        assert isinstance(batch.value.failures[0][2], spdl.io.LimitError)


def test_frames_that_are_dropped_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "long.mkv"
    makers.video("-c:v", "mpeg4", seconds=4)(path)
    assert len(spdl.io.demux_video(path)) == 100
    with spdl.io.limits(max_frames=10):
        assert spdl.io.load_video(path, frame_rate=2).shape[0] <= 10
        assert spdl.io.load_video(path, num_frames=10).shape[0] == 10
        assert spdl.io.load_video(path, (1, 1.4)).shape[0] == 10
        assert len(spdl.io.demux_video(path)) == 100
        with pytest.raises(spdl.io.LimitError):
            spdl.io.load_video(path)


@resident.measurable
@pytest.mark.parametrize(
    "options",
    [
        {"width": 20000, "height": 20000},
        {"width": 20000, "height": 20000, "scale_mode": None},
        {"filter_desc": "scale=20000:20000,format=rgb24"},
        {"filter_desc": "scale=20000:20000,scale=20:20,format=rgb24"},
    ],
    ids=str,
)
def test_sizes_that_are_asked_for(options: dict[str, Any], media_path: Media) -> None:
    image, video = media_path("jpeg_420.jpg"), media_path("h264.mp4")
    spdl.io.load_image(image)
    with resident.peaks_at_most(150 * resident.MIB):
        for load, path in ((spdl.io.load_image, image), (spdl.io.load_video, video)):
            with pytest.raises(spdl.io.LimitError, match=TOO_LARGE):
                load(path, **options)
        with pytest.raises(spdl.io.LimitError, match=TOO_LARGE):
            asyncio.run(spdl.io.async_load_image(image, **options))


def test_sizes_beyond_those_of_filters(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    size: Any = {"width": 40000, "height": 40000}
    with pytest.raises(spdl.io.LimitError, match="40000x40000"):
        spdl.io.load_image(path, **size)
    with pytest.raises(spdl.io.LimitError, match="40000x40000"):
        spdl.io.load_image_batch([path], **size)
    with spdl.io.limits(max_pixels=64 * 48 - 1), pytest.raises(spdl.io.LimitError, match="64x48"):
        spdl.io.load_video(media_path("h264.mp4"), width=64, height=48)
