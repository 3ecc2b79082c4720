# SPDX-License-Identifier: BSD-2-Clause
"""The shape of one picture of width w and height h in each pixel format, as the docs give it."""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[int, int], tuple[int, ...]]


def _interleaved(channels: int) -> Shape:
    return lambda w, h: (h, w, channels)


def _planes(height_times_two: int) -> Shape:
    """Linear planes in one column of rows: luma, then chroma."""
    return lambda w, h: (1, h * height_times_two // 2, w)


PICTURES: dict[str, Shape] = {
    "rgb24": _interleaved(3),
    "rgba": _interleaved(4),
    "gray": _interleaved(1),
    "nv12": _planes(3),
    "yuv420p": _planes(3),
    "yuvj420p": _planes(3),
    "yuv422p": _planes(4),
    "yuvj422p": _planes(4),
    "yuv444p": lambda w, h: (3, h, w),
    "yuvj444p": lambda w, h: (3, h, w),
}

# Formats whose planes have no whole shape if a size is odd, with the sizes that must be even.
SUBSAMPLED: dict[str, str] = {
    "nv12": "wh",
    "yuv420p": "wh",
    "yuvj420p": "wh",
    "yuv422p": "w",
    "yuvj422p": "w",
}
