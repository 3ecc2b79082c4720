# SPDX-License-Identifier: BSD-2-Clause
"""The reference itself: the CLI is the library's FFmpeg, and the command measures what we say."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import cli
import makers
import numpy as np
import pytest

Media = Callable[[str], Path]


def test_cli_has_the_versions_of_the_library(reference: ModuleType) -> None:
    assert {"libavcodec", "libavformat", "libavfilter"} <= set(reference.versions())


def test_other_versions_are_refused() -> None:
    major, minor, micro = cli.versions()["libavcodec"]
    with pytest.raises(AssertionError, match="no reference"):
        cli.check_versions({"libavcodec": (major, minor, micro + 1)})
    with pytest.raises(AssertionError):
        cli.check_versions({})


def test_big_endian_is_swapped(media_path: Media) -> None:
    source = media_path("png_gray16.png")
    little = cli.image(source, "format=pix_fmts=gray16le")
    big = cli.image(source, "format=pix_fmts=gray16be")
    assert little != big
    assert cli.native_endian(big, "gray16be") == np.frombuffer(little, "<u2").tobytes()
    assert cli.native_endian(big, "gray16le") == big


def test_a_window_is_cut_before_the_description(media_path: Media) -> None:
    source = media_path("h264.mp4")
    size = makers.WIDTH * makers.HEIGHT * 3
    window = (Fraction(1, 2), Fraction(1))
    whole = cli.pictures(source)
    assert cli.pictures(source, window=window) == whole[13 * size : 25 * size]
    padded = cli.pictures(
        source, f"tpad=stop=-1:stop_mode=clone,trim=end_frame=20,{cli.RGB24}", window
    )
    assert padded == whole[13 * size : 25 * size] + 8 * whole[24 * size : 25 * size]


def test_differences_tells_what_differs() -> None:
    one = np.zeros((2, 3), np.uint8)
    two = one.copy()
    two[1, 2] = 7
    assert cli.differences(one, one) == ""
    assert "1 of 6 differ" in cli.differences(one, two)
    assert "shape" in cli.differences(one, one[:1])
    assert "dtype" in cli.differences(one, one.astype(np.uint16))
