# SPDX-License-Identifier: BSD-2-Clause
"""What encoders refuse, and what they say then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_encode import RATE, _pictures

import spdl.io

REFUSED: list[tuple[str | None, dict[str, Any], str]] = [
    ("mjpeg", {"pix_fmt": "rgb24"}, "rgb24; the encoder mjpeg takes yuvj420p"),
    ("png", {"pix_fmt": "no such"}, "Unsupported pixel format: no such"),
    ("png", {"colorspace": "no such"}, "Unsupported color space: no such; .*bt709"),
    ("png", {"color_primaries": "no such"}, "Unsupported color primaries: no such; .*bt709"),
    ("png", {"color_trc": "no such"}, "Unsupported color transfer: no such; .*bt709"),
    ("no such", {}, "Unsupported encoder: no such"),
    ("flac", {}, "flac does not encode pictures"),
    ("rawvideo", {"width": 2**31 - 1, "height": 2**31 - 1}, "cannot have the size"),
]


@pytest.mark.parametrize(("encoder", "options", "words"), REFUSED)
def test_refused_pictures(encoder: str | None, options: dict[str, Any], words: str) -> None:
    config = spdl.io.video_encode_config(**{"width": 32, "height": 24, **options})
    with pytest.raises(spdl.io.SPDLError, match=words) as caught:
        spdl.io.Muxer("a.mkv").add_encode_stream(config, encoder=encoder)
    assert caught.value.origin == "encode"
    assert caught.value.source == "a.mkv"


@pytest.mark.parametrize(
    ("encoder", "options", "words"),
    [
        ("aac", {"sample_fmt": "s16"}, "s16; the encoder aac takes fltp"),
        ("aac", {"sample_rate": 12345}, "12345; the encoder aac takes 96000, "),
        ("aac", {"sample_fmt": "no such"}, "Unsupported sample format: no such"),
        ("png", {}, "png does not encode samples"),
        ("flac", {"sample_fmt": "s16", "num_channels": 100}, "flac"),
    ],
)
def test_refused_samples(encoder: str, options: dict[str, Any], words: str) -> None:
    config = spdl.io.audio_encode_config(**{"num_channels": 2, "sample_rate": 44100, **options})
    with pytest.raises(spdl.io.UnsupportedError, match=words):
        spdl.io.Muxer("a.mkv").add_encode_stream(config, encoder=encoder)


def test_refused_options() -> None:
    muxer = spdl.io.Muxer("a.mkv")
    config = spdl.io.video_encode_config(width=32, height=24)
    for options in ({"no_such": "1"}, {"pred": "no such"}):
        with pytest.raises(spdl.io.OptionError):
            muxer.add_encode_stream(config, encoder="png", encoder_config=options)
    with pytest.raises(TypeError, match="encoder_config"):
        muxer.add_encode_stream(config, encoder_config=[("a", "b")])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="`config` must come from"):
        muxer.add_encode_stream(None)  # type: ignore[call-overload]
    for wrong in ({"width": 0}, {"qscale": 1001}, {"gop_size": -2}, {"frame_rate": (0, 1)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            muxer.add_encode_stream(
                spdl.io.video_encode_config(**{"width": 32, "height": 24, **wrong})
            )


def test_frames_that_do_not_fit() -> None:
    muxer = spdl.io.Muxer("a.mkv")
    video = muxer.add_encode_stream(spdl.io.video_encode_config(width=32, height=24), encoder="png")
    audio = muxer.add_encode_stream(
        spdl.io.audio_encode_config(num_channels=2, sample_rate=8000, sample_fmt="s16"),
        encoder="flac",
    )
    make = spdl.io.create_reference_video_frame
    sound = spdl.io.create_reference_audio_frame
    with pytest.raises(
        spdl.io.MismatchError, match="rgb24, 32x24, but the frames are rgb24, 30x24"
    ):
        video.encode(make(_pictures(1, 24, 30), "rgb24", RATE, 0))
    with pytest.raises(spdl.io.MismatchError, match="but the frames are bgr24"):
        video.encode(make(_pictures(1, 24, 32), "bgr24", RATE, 0))
    for fmt, rate, channels in (("s16p", 8000, 2), ("s16", 8001, 2), ("s16", 8000, 1)):
        shape = (channels, 10) if fmt == "s16p" else (10, channels)
        with pytest.raises(spdl.io.MismatchError, match="was set up for s16, 8000 Hz, 2 channels"):
            audio.encode(sound(np.zeros(shape, np.int16), fmt, rate, 0))
    with pytest.raises(TypeError, match="must be AudioFrames"):
        audio.encode(make(_pictures(1, 24, 32), "rgb24", RATE, 0))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be VideoFrames or ImageFrames"):
        video.encode(sound(np.zeros((10, 2), np.int16), "s16", 8000, 0))  # type: ignore[arg-type]
    # Nothing of it did harm.
    assert video.encode(make(_pictures(1, 24, 32), "rgb24", RATE, 0)) is not None
    assert video.flush() is None
    with pytest.raises(spdl.io.InvalidError, match="was flushed"):
        video.encode(make(_pictures(1, 24, 32), "rgb24", RATE, 1))
