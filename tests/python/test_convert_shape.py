# SPDX-License-Identifier: BSD-2-Clause
"""Shapes and element types of converted pictures, and the sizes that have none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import shapes
import ways

import spdl.io

Media = Callable[[str], Path]


@pytest.mark.parametrize("pix_fmt", shapes.PICTURES)
def test_shape_of_every_format(pix_fmt: str, media_path: Media, reference: ModuleType) -> None:
    desc = f"scale=w=64:h=48,format=pix_fmts={pix_fmt}"
    shape = shapes.PICTURES[pix_fmt](64, 48)
    image, video = media_path("jpeg_444.jpg"), media_path("raw_rgb24.nut")

    array = ways.load("image", image, filter_desc=desc)
    assert array.dtype == np.uint8
    raw = np.frombuffer(reference.image(image, desc), np.uint8)
    assert not reference.differences(array, raw.reshape(shape))

    array = ways.load("video", video, filter_desc=desc)
    raw = np.frombuffer(reference.pictures(video, desc), np.uint8)
    assert not reference.differences(array, raw.reshape(5, *shape))

    frames = [
        spdl.io.decode_packets(spdl.io.demux_image(src), filter_desc=desc)
        for src in (image, media_path("png_rgb24.png"))
    ]
    batch = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    assert batch.shape == (2, *shape)
    batch = spdl.io.to_numpy(spdl.io.convert_frames(frames[:1]))
    assert batch.shape == (1, *shape)


@pytest.mark.parametrize("pix_fmt", shapes.PICTURES)
@pytest.mark.parametrize(("width", "height"), [(63, 48), (64, 47), (63, 47), (1, 1)])
def test_odd_sizes(
    width: int, height: int, pix_fmt: str, media_path: Media, reference: ModuleType
) -> None:
    path = media_path("png_rgb24.png")
    desc = f"scale=w={width}:h={height},format=pix_fmts={pix_fmt}"
    must_be_even = shapes.SUBSAMPLED.get(pix_fmt, "")
    if ("w" in must_be_even and width % 2) or ("h" in must_be_even and height % 2):
        for load in (ways.load, ways.staged):
            with pytest.raises(spdl.io.SPDLError) as caught:
                load("image", path, filter_desc=desc)
            for word in ("rgb24", "yuv444p", pix_fmt):
                assert word in str(caught.value)
    else:
        array = ways.load("image", path, filter_desc=desc)
        raw = np.frombuffer(reference.image(path, desc), np.uint8)
        assert array.shape == shapes.PICTURES[pix_fmt](width, height)
        assert not reference.differences(array, raw.reshape(array.shape))


@pytest.mark.parametrize("pix_fmt", ["yuva420p", "monob", "pal8", "rgb565le"])
def test_formats_without_a_shape(pix_fmt: str, media_path: Media) -> None:
    with pytest.raises(spdl.io.SPDLError, match=f"^Unsupported pixel format: {pix_fmt}"):
        spdl.io.load_image(media_path("png_rgb24.png"), filter_desc=f"format=pix_fmts={pix_fmt}")


def test_frames_that_disagree(media_path: Media) -> None:
    def frames(name: str, desc: str | None) -> object:
        return spdl.io.decode_packets(spdl.io.demux_image(media_path(name)), filter_desc=desc)

    first = frames("png_rgb24.png", "format=pix_fmts=rgb24")
    for other in (
        frames("png_odd.png", "format=pix_fmts=rgb24"),
        frames("png_rgb24.png", "format=pix_fmts=gray"),
    ):
        with pytest.raises(spdl.io.SPDLError):
            spdl.io.convert_frames([first, other])
    with pytest.raises(spdl.io.SPDLError, match="No frame to convert to buffer"):
        spdl.io.convert_frames([])
    audio = spdl.io.decode_packets(spdl.io.demux_audio(media_path("s16.wav")))
    with pytest.raises(TypeError):
        spdl.io.convert_frames([first, audio])
