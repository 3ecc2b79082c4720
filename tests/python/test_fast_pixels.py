# SPDX-License-Identifier: BSD-2-Clause
"""What the fast way makes of pictures, by the rule of docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fidelity
import numpy as np
import pytest
from PIL import Image

import spdl.io

Media = Callable[[str], Path]

# Width, height: smaller, so much smaller that libjpeg scales, larger, one side of each kind.
SIZES = [(96, 64), (31, 17), (150, 410), (500, 390), (224, 224)]


def _check(found: list[float]) -> None:
    assert min(found) >= 34
    assert np.quantile(found, 0.05) >= 40


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_pictures_are_close_to_the_exact_ones(size: tuple[int, int]) -> None:
    width, height = size
    found = []
    for case in fidelity.windows(fidelity.texture(700, 520, 1), 24, sum(size)):
        buffer = spdl.io.load_image(case.jpeg, width=width, height=height, scale_mode=None)
        assert buffer.backend == "fast"
        expected = fidelity.resample(fidelity.decode(case.jpeg), width, height)
        found.append(fidelity.psnr(np.asarray(buffer), expected))
    _check(found)


def test_large_pictures_are_scaled_by_libjpeg() -> None:
    """At an eighth of its size, of which a last column and row are a part of a block."""
    picture = fidelity.texture(1613, 1207, 2)
    for sampling in fidelity.SAMPLINGS:
        jpeg = fidelity.encode(picture, sampling, 90)
        full = fidelity.decode(jpeg)
        for width, height in [(100, 75), (200, 150), (50, 40)]:
            buffer = spdl.io.load_image(jpeg, width=width, height=height, scale_mode=None)
            expected = fidelity.resample(full, width, height)
            assert fidelity.psnr(np.asarray(buffer), expected) >= 40, (sampling, width)


@pytest.mark.parametrize("shape", [(300, 100), (100, 300), (120, 90), (97, 61)], ids=str)
def test_modes(shape: tuple[int, int]) -> None:
    jpeg = fidelity.encode(fidelity.texture(*shape, 3), "420", 95)
    full = fidelity.decode(jpeg)
    for size in [(64, 64), (80, 40), (33, 71)]:
        for mode in ("pad", "crop"):
            buffer = spdl.io.load_image(jpeg, width=size[0], height=size[1], scale_mode=mode)
            array = np.asarray(buffer)
            choose = min if mode == "pad" else max
            width = choose(size[0], round(size[1] * shape[0] / shape[1]))
            height = choose(size[1], round(size[0] * shape[1] / shape[0]))
            picture = fidelity.resample(full, width, height)
            x, y = abs(size[0] - width) // 2, abs(size[1] - height) // 2
            if mode == "crop":
                picture = picture[y : y + size[1], x : x + size[0]]
                assert fidelity.psnr(array, picture) >= 40
                continue
            inside = (slice(y, y + height), slice(x, x + width))
            assert fidelity.psnr(array[inside], picture) >= 40
            outside = array.copy()
            outside[inside] = 0
            assert not outside.any()


def test_formats() -> None:
    jpeg = fidelity.encode(fidelity.texture(200, 150, 4), "422", 90)
    rgb = np.asarray(spdl.io.load_image(jpeg, width=50, height=40))
    bgr = np.asarray(spdl.io.load_image(jpeg, width=50, height=40, pix_fmt="bgr24"))
    gray = np.asarray(spdl.io.load_image(jpeg, width=50, height=40, pix_fmt="gray"))
    assert np.array_equal(rgb[..., ::-1], bgr)
    luma = rgb.astype(float) @ (0.299, 0.587, 0.114)
    assert gray.shape == (40, 50, 1)
    assert np.abs(gray[..., 0] - luma).max() <= 1.5


def test_other_formats_go_the_reference_way() -> None:
    jpeg = fidelity.encode(fidelity.texture(200, 150, 4), "422", 90)
    for options in (
        {"pix_fmt": "yuv444p"},
        {"pix_fmt": None},
        {"decode_config": spdl.io.decode_config(backend="ffmpeg")},
        {"filter_desc": "scale=50:40,format=rgb24"},
    ):
        size: dict[str, Any] = {} if "filter_desc" in options else {"width": 50, "height": 40}
        assert spdl.io.load_image(jpeg, **size, **options).backend == "ffmpeg"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["png_rgba.png", "png_gray.png"])
def test_pictures_without_chroma_of_their_own(name: str, media_path: Media) -> None:
    with Image.open(media_path(name)) as image:
        picture = np.asarray(image.convert("RGB"))
    height, width = picture.shape[:2]
    for size in [(width // 2, height // 3), (width * 2, height), (width, height)]:
        buffer = spdl.io.load_image(
            media_path(name), width=size[0], height=size[1], scale_mode=None
        )
        assert buffer.backend == "fast"
        expected = fidelity.resample(picture, *size)
        assert fidelity.psnr(np.asarray(buffer), expected) >= 50


@pytest.mark.parametrize("kind", ["image", "video"])
def test_frames_of_videos(kind: str, media_path: Media) -> None:
    """Chroma is to the left."""
    load = getattr(spdl.io, f"load_{kind}")
    planes = np.asarray(load(media_path("both.mp4"), filter_desc=None))
    for width, height in [(40, 30), (80, 40), (160, 120), (200, 250)]:
        buffer = load(media_path("both.mp4"), width=width, height=height, scale_mode=None)
        assert buffer.backend == "fast"
        frames = np.asarray(buffer) if kind == "video" else np.asarray(buffer)[None]
        for i in range(0, len(frames), 7):
            full = fidelity.from_yuv420p(planes[i] if kind == "video" else planes)
            expected = np.clip(fidelity.resample(full, width, height), 0, 255)
            assert fidelity.psnr(frames[i], expected) >= 45


def test_same_bytes_in_any_order() -> None:
    jpegs = [case.jpeg for case in fidelity.windows(fidelity.texture(700, 520, 5), 18, 5)]
    singles = [np.asarray(spdl.io.load_image(jpeg, width=64, height=64)) for jpeg in jpegs]
    for order in (range(18), reversed(range(18)), np.random.default_rng(0).permutation(18)):
        numbers = list(order)
        batch = spdl.io.load_image_batch([jpegs[i] for i in numbers], width=64, height=64)
        assert np.array_equal(np.asarray(batch), np.stack([singles[i] for i in numbers]))
