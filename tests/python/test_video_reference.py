# SPDX-License-Identifier: BSD-2-Clause
"""Video frames equal the ffmpeg CLI's, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import makers
import media
import numpy as np
import pytest
import shapes
import ways

import spdl.io

Media = Callable[[str], Path]

CUSTOM = {
    "fps=10,scale=w=80:h=60:flags=bicubic,format=pix_fmts=rgb24": (60, 80, 3),
    "hflip,fps=50,format=pix_fmts=yuv444p": (3, None, None),
    "crop=w=96:h=64:x=8:y=4,format=pix_fmts=yuv420p": (1, 96, 96),
}

# With reordered frames, variable frame rate, a late start, timestamps missing, each native format.
FILTERED = [
    "h264.mp4",
    "h264_422.mp4",
    "h264_444.mkv",
    "hevc.mp4",
    "vp9.webm",
    "av1.mp4",
    "mpeg4.avi",
    "vfr.mp4",
    "vfr.mkv",
    "late.ts",
    "h264.h264",
    "raw_nv12.nut",
    "raw_odd_yuv420p.nut",
]


@pytest.mark.parametrize("name", media.VIDEOS)
def test_rgb24(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    stream = reference.probe(path, "v")
    shape = (-1, stream["height"], stream["width"], 3)
    expected = np.frombuffer(reference.pictures(path), np.uint8).reshape(shape)
    assert len(expected) >= 5
    for way, array in ways.every("video", path):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("name", media.VIDEOS)
def test_native(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    stream = reference.probe(path, "v")
    width, height, pix_fmt = stream["width"], stream["height"], stream["pix_fmt"]
    if "_odd" in name:
        with pytest.raises(spdl.io.SPDLError, match=r"(?s)(rgb24.*yuv444p|yuv444p.*rgb24)"):
            spdl.io.load_video(path, filter_desc=None)
        return
    raw = np.frombuffer(reference.pictures(path, None), np.uint8)
    expected = raw.reshape(-1, *shapes.PICTURES[pix_fmt](width, height))
    for way, array in ways.every("video", path, filter_desc=None):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("desc", CUSTOM)
@pytest.mark.parametrize("name", FILTERED)
def test_custom_filter(name: str, desc: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    stream = reference.probe(path, "v")
    shape = CUSTOM[desc]
    if None in shape:
        shape = (3, stream["height"], stream["width"])
    expected = np.frombuffer(reference.pictures(path, desc), np.uint8).reshape(-1, *shape)
    for src in (path, path.read_bytes()):
        array = ways.load("video", src, filter_desc=desc)
        assert not reference.differences(array, expected), name


@pytest.mark.parametrize(
    "options",
    [
        {"frame_rate": (12, 1), "scale_width": 64, "scale_height": 64},
        {"scale_width": 96, "scale_height": 40, "scale_mode": "crop", "num_frames": 7},
        {"crop_width": 50, "crop_height": 40, "num_frames": 40, "pad_mode": "red"},
        {"width": 70, "height": 70, "scale_algo": "bilinear", "pix_fmt": "gray"},
        {"width": 48, "scale_mode": None, "pix_fmt": "yuv444p"},
    ],
)
def test_builder(options: dict[str, object], media_path: Media, reference: ModuleType) -> None:
    path = media_path("h264.mp4")
    desc = spdl.io.get_video_filter_desc(**options)
    array = ways.load("video", path, filter_desc=desc)
    expected = np.frombuffer(reference.pictures(path, desc), np.uint8)
    assert array.size
    assert not reference.differences(array, expected.reshape(array.shape)), desc


def test_demuxer_that_calls_the_end_a_failure(tmp_path: Path, reference: ModuleType) -> None:
    """FFmpeg's demuxer of RoQ ends with EIO; its command takes that for the end, and so do we."""
    path = tmp_path / "video.roq"
    makers.video("-c:v", "roqvideo", "-f", "roq", size="64x64", rate="30", seconds=0.4)(path)
    expected = np.frombuffer(reference.pictures(path), np.uint8).reshape(12, 64, 64, 3)
    for way, array in ways.every("video", path):
        assert not reference.differences(array, expected), way
