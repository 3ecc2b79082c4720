# SPDX-License-Identifier: BSD-2-Clause
"""Still images equal the ffmpeg CLI's, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import makers
import media
import numpy as np
import pytest
import shapes
import ways

import spdl.io

Media = Callable[[str], Path]

# A description, and the shape of what comes out of it.
CUSTOM = {
    "hflip,scale=w=64:h=48:flags=bilinear,format=pix_fmts=rgb24": (48, 64, 3),
    "crop=w=100:h=60:x=4:y=6,format=pix_fmts=gray": (60, 100, 1),
    "scale=w=80:h=60:flags=area,format=pix_fmts=yuv420p": (1, 90, 80),
}


# One picture per kind of native format, and odd sizes.
FILTERED = [
    "jpeg_420.jpg",
    "jpeg_440.jpg",
    "jpeg_gray.jpg",
    "jpeg_odd_422.jpg",
    "png_pal8.png",
    "png_rgb48.png",
    "png_rgba.png",
    "webp_lossless.webp",
    "webp_odd.webp",
    "gif_animated.gif",
    "bmp_odd.bmp",
]

NO_ARRAY = {"pal8", "monob", "monow"}
SUBSAMPLED = re.compile(r"4(20|22|40|11|10)|nv")


def _size(name: str) -> tuple[int, int]:
    odd = "_odd" in name
    return (makers.ODD_WIDTH, makers.ODD_HEIGHT) if odd else (makers.WIDTH, makers.HEIGHT)


@pytest.mark.parametrize("name", media.IMAGES)
def test_rgb24(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    width, height = _size(name)
    expected = np.frombuffer(reference.image(path), np.uint8).reshape(height, width, 3)
    for way, array in ways.every("image", path):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("desc", CUSTOM)
@pytest.mark.parametrize("name", FILTERED)
def test_custom_filter(name: str, desc: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    expected = np.frombuffer(reference.image(path, desc), np.uint8).reshape(CUSTOM[desc])
    for src in (path, path.read_bytes()):
        array = ways.load("image", src, filter_desc=desc)
        assert not reference.differences(array, expected), name


@pytest.mark.parametrize("name", media.IMAGES)
def test_native(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    width, height = _size(name)
    pix_fmt = reference.probe(path, "v")["pix_fmt"]
    if pix_fmt in NO_ARRAY:
        with pytest.raises(spdl.io.SPDLError, match=f"Unsupported pixel format: {pix_fmt}"):
            spdl.io.load_image(path, filter_desc=None)
    elif "_odd" in name and SUBSAMPLED.search(pix_fmt):
        with pytest.raises(spdl.io.SPDLError, match=r"(?s)(rgb24.*yuv444p|yuv444p.*rgb24)"):
            spdl.io.load_image(path, filter_desc=None)
    else:
        raw = reference.image(path, None)
        expected = np.frombuffer(raw, ">u2" if pix_fmt.endswith("be") else np.uint8)
        shape = shapes.PICTURES.get(pix_fmt)
        for way, array in ways.every("image", path, filter_desc=None):
            if shape:
                assert array.shape == shape(width, height)
            assert np.array_equal(array.reshape(-1), expected), (way, name)


def test_exif_rotation_is_not_applied(media_path: Media) -> None:
    array = spdl.io.to_numpy(spdl.io.load_image(media_path("jpeg_exif.jpg")))
    assert array.shape == (makers.HEIGHT, makers.WIDTH, 3)


def test_video_file_as_image_gives_its_first_frame(
    media_path: Media, reference: ModuleType
) -> None:
    for name in ("h264.mp4", "late.ts", "vp9.webm", "gif_animated.gif"):
        path = media_path(name)
        first = np.frombuffer(reference.image(path), np.uint8)
        expected = first.reshape(makers.HEIGHT, makers.WIDTH, 3)
        for way, array in ways.every("image", path):
            assert not reference.differences(array, expected), (way, name)


def test_animated_image_as_video_gives_all_frames(media_path: Media, reference: ModuleType) -> None:
    path = media_path("gif_animated.gif")
    expected = np.frombuffer(reference.pictures(path), np.uint8)
    expected = expected.reshape(-1, makers.HEIGHT, makers.WIDTH, 3)
    assert len(expected) == 5
    for way, array in ways.every("video", path):
        assert not reference.differences(array, expected), way


@pytest.mark.parametrize("desc", ["loop=3:1", "tpad=stop=5", "tpad=start=2:color=red", "fps=100"])
def test_filter_that_makes_more_frames(desc: str, media_path: Media, reference: ModuleType) -> None:
    """The first one is the image, and a batch has room for no more."""
    path = media_path("jpeg_420.jpg")
    desc += ",format=pix_fmts=rgb24"
    raw = np.frombuffer(reference.image(path, desc), np.uint8)
    expected = raw.reshape(makers.HEIGHT, makers.WIDTH, 3)
    for way, array in ways.every("image", path, filter_desc=desc):
        assert not reference.differences(array, expected), way
    options: dict[str, Any] = {"width": None, "height": None, "pix_fmt": None, "filter_desc": desc}
    guarded = np.full((5, *expected.shape), 7, np.uint8)
    for batch in (
        spdl.io.load_image_batch([path] * 3, **options),
        spdl.io.load_image_batch([path] * 3, out=guarded[1:4], **options),
    ):
        assert np.array_equal(spdl.io.to_numpy(batch), np.stack([expected] * 3))
    assert (guarded[[0, 4]] == 7).all()
