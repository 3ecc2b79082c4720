# SPDX-License-Identifier: BSD-2-Clause
"""The text that the filter builders write."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest

import spdl.io
from spdl.io import get_audio_filter_desc, get_filter_desc, get_video_filter_desc

PAD = "scale=w=8:h=6:flags=bicubic:force_original_aspect_ratio=decrease,"
PAD += "pad=w=8:h=6:x=-1:y=-1:color=black"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "aformat=sample_fmts=fltp"),
        ({"sample_fmt": None}, None),
        ({"sample_fmt": "s16"}, "aformat=sample_fmts=s16"),
        ({"sample_fmt": None, "num_channels": 2}, "aformat=channel_layouts=2c"),
        ({"sample_fmt": None, "sample_rate": 8000}, "aresample=8000"),
        ({"sample_fmt": None, "timestamp": (-math.inf, 1)}, "atrim=end=1"),
        ({"sample_fmt": None, "timestamp": (0, math.inf)}, "atrim=start=0"),
        ({"sample_fmt": None, "timestamp": (-math.inf, math.inf)}, None),
        ({"sample_fmt": None, "num_frames": 10}, "apad,atrim=end_sample=10"),
        ({"sample_fmt": None, "filter_desc": "volume=2"}, "volume=2"),
        (
            {
                "num_channels": 1,
                "sample_rate": 16000,
                "timestamp": (0.5, 1),
                "num_frames": 8000,
            },
            "aformat=channel_layouts=1c,aresample=16000,atrim=start=0.5:end=1,"
            "apad,atrim=end_sample=8000,aformat=sample_fmts=fltp",
        ),
    ],
)
def test_audio(arguments: dict[str, Any], text: str | None) -> None:
    assert get_audio_filter_desc(**arguments) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "format=pix_fmts=rgb24"),
        ({"pix_fmt": None}, None),
        ({"pix_fmt": None, "frame_rate": (30000, 1001)}, "fps=30000/1001"),
        ({"pix_fmt": None, "width": 8, "height": 6}, PAD),
        ({"pix_fmt": None, "scale_width": 8, "scale_height": 6}, PAD),
        ({"pix_fmt": None, "width": 8, "scale_height": 6}, PAD),
        (
            {"pix_fmt": None, "width": 8, "scale_algo": "area", "scale_mode": None},
            "scale=w=8:h=0:flags=area",
        ),
        ({"pix_fmt": None, "height": 6, "scale_mode": None}, "scale=w=0:h=6:flags=bicubic"),
        (
            {"pix_fmt": None, "width": 8, "height": 6, "scale_mode": "crop"},
            "scale=w=8:h=6:flags=bicubic:force_original_aspect_ratio=increase,crop=w=8:h=6",
        ),
        (
            {"pix_fmt": None, "width": 8, "height": 6, "pad_mode": "red"},
            PAD.replace("black", "red"),
        ),
        (
            {"pix_fmt": None, "width": 8, "scale_mode": "crop"},
            "scale=w=8:h=0:flags=bicubic:force_original_aspect_ratio=increase,crop=w=8:h=ih",
        ),
        ({"pix_fmt": None, "crop_width": 5}, "crop=w=5:h=ih"),
        ({"pix_fmt": None, "crop_width": 5, "crop_height": 4}, "crop=w=5:h=4"),
        (
            {"pix_fmt": None, "num_frames": 3},
            "tpad=stop=-1:stop_mode=clone,trim=end_frame=3",
        ),
        (
            {"pix_fmt": None, "num_frames": 3, "pad_mode": "red"},
            "tpad=stop=-1:stop_mode=add:color=red,trim=end_frame=3",
        ),
        ({"filter_desc": "hflip"}, "hflip,format=pix_fmts=rgb24"),
        (
            {
                "frame_rate": (25, 1),
                "timestamp": (0.5, 1),
                "scale_width": 224,
                "scale_height": 224,
                "num_frames": 8,
            },
            "fps=25/1,trim=start=0.5:end=1,"
            "scale=w=224:h=224:flags=bicubic:force_original_aspect_ratio=decrease,"
            "pad=w=224:h=224:x=-1:y=-1:color=black,"
            "tpad=stop=-1:stop_mode=clone,trim=end_frame=8,format=pix_fmts=rgb24",
        ),
    ],
)
def test_video(arguments: dict[str, Any], text: str | None) -> None:
    assert get_video_filter_desc(**arguments) == text


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (0.1, "0.1"),
        (Fraction(1, 3), "0.333333333"),
        ("1/8", "0.125"),
        (Decimal("2.50"), "2.5"),
        (-1.5, "-1.5"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (100000, "100000"),
    ],
)
def test_bounds_are_decimal_text(bound: Any, text: str) -> None:
    """FFmpeg reads neither fractions nor exponents in a time."""
    got = get_video_filter_desc(timestamp=(bound, math.inf), pix_fmt=None)
    assert got == f"trim=start={text}"


def test_unknown_scale_mode() -> None:
    with pytest.raises(ValueError, match=r'\(stretch\): it is "pad", "crop" or None\.$'):
        get_video_filter_desc(width=8, height=8, scale_mode="stretch")


def test_a_size_has_one_name_at_a_time() -> None:
    with pytest.raises(ValueError, match="width"):
        get_video_filter_desc(width=8, scale_width=8)
    with pytest.raises(ValueError, match="height"):
        get_video_filter_desc(height=8, scale_height=8)


def test_arguments_are_keywords() -> None:
    builders: list[Any] = [get_audio_filter_desc, get_video_filter_desc]
    for builder in builders:
        with pytest.raises(TypeError):
            builder(1)


def test_by_packets(media_path: Any) -> None:
    audio = spdl.io.demux_audio(media_path("both.mp4"), timestamp=(0, 1))
    video = spdl.io.demux_video(media_path("both.mp4"), timestamp=(0, 1))
    image = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    # The window needs no filter.
    assert get_filter_desc(audio) == "aformat=sample_fmts=fltp"
    assert get_filter_desc(video) == get_filter_desc(image) == "format=pix_fmts=rgb24"
    assert get_filter_desc(audio, sample_rate=8000) == get_audio_filter_desc(sample_rate=8000)
    assert get_filter_desc(image, width=8) == get_video_filter_desc(width=8)
    wrongs: list[Any] = [None, "a.jpg", spdl.io.decode_packets(image)]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="packets"):
            get_filter_desc(wrong)


@pytest.mark.parametrize("size", [(96, 96), (50, 200), (37, 23), (64, None), (None, 40)])
@pytest.mark.parametrize("pix_fmt", ["rgb24", "gray", "yuv444p"])
def test_a_batch_is_filtered_as_the_builder_says(
    size: tuple[int | None, int | None], pix_fmt: str, tmp_path: Path
) -> None:
    for seed in range(3):
        (tmp_path / f"{seed}.jpg").write_bytes(makers.jpeg_bytes(seed))
    srcs = sorted(tmp_path.iterdir())
    width, height = size
    text = get_video_filter_desc(width=width, height=height, pix_fmt=pix_fmt)
    reference = spdl.io.decode_config(backend="ffmpeg")
    by_size = spdl.io.load_image_batch(
        srcs, width=width, height=height, pix_fmt=pix_fmt, decode_config=reference
    )
    by_text = spdl.io.load_image_batch(srcs, width=None, height=None, filter_desc=text)
    one_by_one = [spdl.io.to_numpy(spdl.io.load_image(src, filter_desc=text)) for src in srcs]
    assert np.array_equal(spdl.io.to_numpy(by_size), np.stack(one_by_one))
    assert np.array_equal(spdl.io.to_numpy(by_text), np.stack(one_by_one))


def test_one_side_alone(media_path: Any) -> None:
    image = media_path("jpeg_420.jpg")
    for options, shape in [
        ({"crop_width": 50}, (120, 50, 3)),
        ({"crop_height": 40}, (40, 160, 3)),
        ({"width": 80, "scale_mode": "crop"}, (120, 80, 3)),
    ]:
        desc = get_video_filter_desc(**options)
        assert spdl.io.load_image(image, filter_desc=desc).shape == shape


@pytest.mark.parametrize(
    "arguments",
    [
        {"frame_rate": "5"},
        {"frame_rate": (5,)},
        {"frame_rate": (0, 1)},
        {"frame_rate": 2.5},
        {"width": "a"},
        {"width": 64.5},
        {"width": True},
        {"width": 0},
        {"height": -1},
        {"crop_width": -1},
        {"num_frames": 0},
    ],
    ids=str,
)
def test_wrong_numbers_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=f"`{next(iter(arguments))}` must be"):
        spdl.io.get_video_filter_desc(**arguments)


@pytest.mark.parametrize("name", ["sample_rate", "num_channels", "num_frames"])
def test_wrong_numbers_of_audio_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        spdl.io.get_audio_filter_desc(**{name: 0})


@pytest.mark.parametrize("rate", [(30, 1), 30, Fraction(30)], ids=repr)
def test_frame_rates_of_each_kind(rate: Any) -> None:
    assert spdl.io.get_video_filter_desc(frame_rate=rate, pix_fmt=None) == "fps=30/1"
