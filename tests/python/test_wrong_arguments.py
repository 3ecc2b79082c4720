# SPDX-License-Identifier: BSD-2-Clause
"""Arguments that are likely mistakes: refused at once, by a message that says what to do."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io
from spdl.io.utils import tracing

READERS: list[tuple[Callable[..., Any], str]] = [
    (spdl.io.load_wav, "load_wav"),
    (spdl.io.parse_wav, "parse_wav"),
    (spdl.io.load_npy, "load_npy"),
    (spdl.io.load_npz, "load_npz"),
    (spdl.io.VideoPackets.deserialize, "VideoPackets.deserialize"),
    (spdl.io.ImagePackets.deserialize_view, "ImagePackets.deserialize_view"),
]


@pytest.mark.parametrize(("reader", "name"), READERS)
def test_paths_and_files_instead_of_bytes(reader: Callable[..., Any], name: str) -> None:
    for given, what in (
        ("x.wav", "a path"),
        (Path("x.wav"), "a path"),
        (io.BytesIO(b"RIFF"), "a file"),
    ):
        with pytest.raises(TypeError) as caught:
            reader(given)
        assert str(caught.value).startswith(
            f"`{name}` takes the bytes of the file, not {what}; read it first: {name}("
        )
    with pytest.raises(TypeError, match=r"^int is no buffer of bytes\.$"):
        reader(7)


def test_a_path_of_an_archive() -> None:
    for given in ("x.tar", Path("x.tar")):
        with pytest.raises(TypeError, match=r"not a path; open it first: iter_tarfile\(open\("):
            spdl.io.iter_tarfile(given)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="no buffer of bytes"):
        spdl.io.iter_tarfile(7)  # type: ignore[call-overload]


def test_awaited_readers() -> None:
    with pytest.raises(TypeError, match=r"`load_wav` takes the bytes of the file, not a path"):
        asyncio.run(spdl.io.async_load_wav("x.wav"))  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [25, (25, 1), Fraction(25), [50, 2]])
def test_frame_rates(rate: Any) -> None:
    pictures = np.zeros((2, 6, 8, 3), np.uint8)
    frames = spdl.io.create_reference_video_frame(pictures, "rgb24", rate, 0)
    assert frames.get_timestamps() == [0, 0.04]
    config = spdl.io.video_encode_config(width=8, height=6, frame_rate=rate)
    num, den = config.frame_rate  # type: ignore[misc]
    assert Fraction(num, den) == 25
    assert "fps=" in (spdl.io.get_video_filter_desc(frame_rate=rate) or "")


@pytest.mark.parametrize(
    ("rate", "error"),
    [
        *((rate, TypeError) for rate in (29.97, "25", True, (25,), (25.0, 1))),
        *((rate, ValueError) for rate in (0, (25, 0), -25)),
    ],
)
def test_wrong_frame_rates(rate: Any, error: type[Exception]) -> None:
    pictures = np.zeros((2, 6, 8, 3), np.uint8)
    with pytest.raises(error, match="`frame_rate`"):
        spdl.io.create_reference_video_frame(pictures, "rgb24", rate, 0)
    with pytest.raises(error, match="`frame_rate`"):
        spdl.io.video_encode_config(width=8, height=6, frame_rate=rate)
    with pytest.raises(error, match="`frame_rate`"):
        spdl.io.get_video_filter_desc(frame_rate=rate)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (spdl.io.decode_config, "decoder_options"),
        (spdl.io.demux_config, "format_options"),
        (spdl.io.encode_config, "encoder_options"),
        (spdl.io.encode_config, "muxer_options"),
    ],
)
def test_options_of_configs(config: Callable[..., Any], name: str) -> None:
    for wrong in ({"threads": 1}, {1: "threads"}, [("threads", "1")]):
        with pytest.raises(TypeError, match=f"`{name}` must be a dict"):
            config(**{name: wrong})
    with pytest.raises(ValueError, match=f"`{name}` must not contain a null"):
        config(**{name: {"threads": "1\0"}})
    config(**{name: {"threads": "1"}})


def test_pictures_of_floats(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).random((6, 8, 3))
    with pytest.raises(spdl.io.InvalidError) as caught:
        spdl.io.save_image(tmp_path / "x.png", picture)
    advice = "(array * 255).round().astype('uint8')"
    assert str(caught.value).endswith(f"scale it, if 1 is its largest value: {advice}.")
    spdl.io.save_image(tmp_path / "x.png", eval(advice, {"array": picture}))
    assert np.asarray(spdl.io.load_image(tmp_path / "x.png")).max() > 200
    with pytest.raises(spdl.io.InvalidError, match=r"65535\)\.round\(\)\.astype\('uint16'\)"):
        spdl.io.save_image(tmp_path / "x.png", picture[..., 0], "gray16")
    with pytest.raises(spdl.io.InvalidError, match=r"convert it with array\.astype\('\|u1'\)"):
        spdl.io.save_image(tmp_path / "x.png", np.zeros((6, 8, 3), np.int32))


def test_traces_into_text(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"`output` must be .* a binary file, not StringIO"):
        tracing(io.StringIO())  # type: ignore[arg-type]
    with (
        open(tmp_path / "text", "w") as text,
        pytest.raises(TypeError, match="not TextIOWrapper"),
    ):
        tracing(text)  # type: ignore[arg-type]


def test_scale_modes() -> None:
    text = r'\(fill\): it is "pad", "crop" or None\.$'
    with pytest.raises(ValueError, match=text):
        spdl.io.load_image("x.jpg", scale_mode="fill", width=8)
    with pytest.raises(ValueError, match=text):
        spdl.io.load_image_batch(["x.jpg"], scale_mode="fill", width=8)
