# SPDX-License-Identifier: BSD-2-Clause
"""What the fast way is measured by: a picture at full size, resampled in float64."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[Any]

SAMPLINGS = ("444", "422", "420", "440", "411", "Gray")


def decode(jpeg: bytes) -> Picture:
    """(H, W, 3) by libjpeg, at full size and with its own interpolation of chroma."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB"))


def weights(size: int, scaled: int) -> Picture:
    """(scaled, size): the area of each new sample, or if they are more, the line between two."""
    ratio = size / scaled
    matrix = np.zeros((scaled, size))
    if ratio > 1:
        edges = np.arange(scaled + 1) * ratio
        for i in range(scaled):
            k = np.arange(int(edges[i]), min(size, int(np.ceil(edges[i + 1]))))
            matrix[i, k] = np.minimum(k + 1, edges[i + 1]) - np.maximum(k, edges[i])
    else:
        centers = np.clip((np.arange(scaled) + 0.5) * ratio - 0.5, 0, size - 1)
        first = np.minimum(centers.astype(int), max(size - 2, 0))
        rows = np.arange(scaled)
        matrix[rows, first] = 1 - (centers - first)
        matrix[rows, np.minimum(first + 1, size - 1)] += centers - first
    return matrix / matrix.sum(axis=1, keepdims=True)


def resample(picture: Picture, width: int, height: int) -> Picture:
    """(height, width, 3) float64."""
    rows = weights(picture.shape[0], height)
    columns = weights(picture.shape[1], width)
    return np.einsum("yh,hwc,xw->yxc", rows, picture.astype(np.float64), columns, optimize=True)


def _lines(samples: int, luma: int, phase: float) -> Picture:
    """(luma, samples): each luma sample lies between two samples of chroma."""
    places = np.clip((np.arange(luma) - phase) / 2, 0, samples - 1)
    first = np.minimum(places.astype(int), max(samples - 2, 0))
    matrix = np.zeros((luma, samples))
    matrix[np.arange(luma), first] = 1 - (places - first)
    matrix[np.arange(luma), np.minimum(first + 1, samples - 1)] += places - first
    return matrix


def from_yuv420p(planes: Picture) -> Picture:
    """(H, W, 3) float64 out of (1, H * 3 / 2, W) of BT.601, of limited range, as in MPEG-4."""
    _, rows, width = planes.shape
    height = rows * 2 // 3
    data = planes.reshape(-1).astype(np.float64)
    luma = (data[: width * height].reshape(height, width) - 16) * 255 / 219
    chroma = (data[width * height :].reshape(2, height // 2, width // 2) - 128) * 255 / 224
    down, across = _lines(height // 2, height, 0.5), _lines(width // 2, width, 0)
    blue, red = (down @ plane @ across.T for plane in chroma)
    green = -0.344136 * blue - 0.714136 * red
    return luma[..., None] + np.stack([1.402 * red, green, 1.772 * blue], axis=-1)


def psnr(found: Picture, expected: Picture) -> float:
    """In dB, of 8 bits."""
    error = np.mean((found.astype(np.float64) - expected) ** 2)
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


class Case(NamedTuple):
    jpeg: bytes
    sampling: str
    size: tuple[int, int]  # width, height


def encode(picture: Picture, sampling: str, quality: int) -> bytes:
    """A JPEG of an RGB picture."""
    pixels = np.ascontiguousarray(picture)
    if sampling == "Gray":
        gray = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
        return simplejpeg.encode_jpeg(np.ascontiguousarray(gray), quality, "GRAY", "Gray")
    return simplejpeg.encode_jpeg(pixels, quality, "RGB", sampling)


def windows(picture: Picture, count: int, seed: int) -> Iterator[Case]:
    """JPEGs of windows of a picture, of random sizes and all samplings."""
    random = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    for i in range(count):
        w = int(random.integers(min(160, width), min(640, width) + 1))
        h = int(random.integers(min(120, height), min(480, height) + 1))
        x, y = int(random.integers(width - w + 1)), int(random.integers(height - h + 1))
        sampling = SAMPLINGS[i % len(SAMPLINGS)]
        quality = int(random.integers(70, 96))
        yield Case(encode(picture[y : y + h, x : x + w], sampling, quality), sampling, (w, h))


def texture(width: int, height: int, seed: int) -> Picture:
    """(H, W, 3) uint8: like a photograph, the finer a detail the fainter it is (1/f)."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    frequency[0, 0] = 1
    planes = []
    for _ in range(3):
        noise = np.fft.rfft2(random.standard_normal((height, width))) / frequency**1.2
        noise[0, 0] = 0
        planes.append(np.fft.irfft2(noise, (height, width)))
    luma, *chroma = (plane / plane.std() for plane in planes)
    colors = [128 + 50 * luma + 15 * other for other in (chroma[0], -chroma[0], chroma[1])]
    return np.clip(np.stack(colors, axis=-1), 0, 255).astype(np.uint8)
