# SPDX-License-Identifier: BSD-2-Clause
"""Bounds of windows become exact rationals of 64-bit integers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io
from spdl.io._window import exact

INT64_MAX = 2**63 - 1


@pytest.mark.parametrize(
    ("bound", "value"),
    [
        (0, Fraction(0)),
        (7, Fraction(7)),
        (True, Fraction(1)),
        (0.5, Fraction(1, 2)),
        (0.1, Fraction(1, 10)),
        (-0.1, Fraction(-1, 10)),
        (0.1 + 0.2, Fraction(30000000000000004, 10**17)),
        (1e-7, Fraction(1, 10**7)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.float64(0.25), Fraction(1, 4)),
        (np.int64(3), Fraction(3)),
        (Fraction(1001, 30000), Fraction(1001, 30000)),
        (Decimal("0.1"), Fraction(1, 10)),
        (Decimal("1e-3"), Fraction(1, 1000)),
        ("0.1", Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
        ("-2", Fraction(-2)),
        (" 1e-3 ", Fraction(1, 1000)),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        (Decimal("-inf"), -math.inf),
        (1e300, math.inf),
        (-(10**400), -math.inf),
        (Decimal("1e400"), math.inf),
        (Fraction(10**400, 3), math.inf),
    ],
    ids=repr,
)
def test_exact(bound: Any, value: Fraction | float) -> None:
    assert exact(bound) == value


@pytest.mark.parametrize(
    "bound",
    [1e-300, 1e-10, 123456.789e-9, 2**61 + 0.5, Fraction(10**30, 10**30 + 1), Fraction(1, 3**60)],
)
def test_what_is_too_fine_is_rounded(bound: Any) -> None:
    got = exact(bound)
    assert isinstance(got, Fraction)
    bound = Fraction(str(bound))
    assert abs(got.numerator) <= INT64_MAX
    assert got.denominator <= INT64_MAX
    assert abs(got - bound) <= (abs(bound) + 1) / 2**62


def test_floats_are_what_was_written(media_path: Callable[[str], Path]) -> None:
    """The nearest binary number to 0.2 lies above 0.2, where a frame begins."""
    assert Fraction(0.2) > Fraction("0.2")
    frames = spdl.io.decode_packets(spdl.io.demux_video(media_path("both.mp4"), timestamp=(0, 0.2)))
    assert len(frames) == 5
    samples = spdl.io.load_audio(media_path("stereo.opus"), (0.2, 0.4))
    assert samples.shape == (2, 9600)


@pytest.mark.parametrize(
    "bound", [math.nan, "nan", Decimal("nan"), Decimal("snan"), "", "1/0", "x"]
)
def test_what_is_no_number(bound: Any) -> None:
    with pytest.raises(ValueError, match=r"number|NaN"):
        exact(bound)


@pytest.mark.parametrize("bound", [None, b"1", [1], 1j, (1, 2)])
def test_what_is_no_bound(bound: Any) -> None:
    with pytest.raises(TypeError, match="bound of a window must be a number or a str"):
        exact(bound)


@pytest.mark.parametrize("window", [3, "12", (1,), (1, 2, 3), [[], 1]])
def test_what_is_no_window(window: Any, media_path: Callable[[str], Path]) -> None:
    path = media_path("both.mp4")
    with spdl.io.Demuxer(path) as demuxer:
        for use in (
            lambda: spdl.io.demux_video(path, timestamp=window),
            lambda: spdl.io.load_audio(path, window),
            lambda: demuxer.demux_audio(window),
            lambda: spdl.io.get_video_filter_desc(timestamp=window),
        ):
            with pytest.raises(TypeError, match="window"):
                use()


def test_the_timestamp_comes_back_as_floats(media_path: Callable[[str], Path]) -> None:
    path = media_path("both.mp4")
    for window, floats in [
        ((0, "1/2"), (0.0, 0.5)),
        ((Decimal("0.25"), math.inf), (0.25, math.inf)),
        ((-math.inf, 1), (-math.inf, 1.0)),
        ((-math.inf, math.inf), None),
        (None, None),
    ]:
        given: Any = window
        for demux in (spdl.io.demux_audio, spdl.io.demux_video):
            assert demux(path, timestamp=given).timestamp == floats


def test_windows_without_time_in_them(media_path: Callable[[str], Path]) -> None:
    for window in [(math.inf, math.inf), (-math.inf, -math.inf), (1, 0), (0.5, 0.5), (9, 10)]:
        packets = spdl.io.demux_video(media_path("both.mp4"), timestamp=window)
        assert len(packets) == 0, window
        frames = spdl.io.decode_packets(packets)
        assert len(frames) == 0
        assert (frames.width, frames.pix_fmt, frames.get_timestamps()) == (-1, "n/a", [])
        assert "timestamp=[nan, nan]" in repr(frames)
        with pytest.raises(spdl.io.SPDLError):
            spdl.io.convert_frames(frames)
