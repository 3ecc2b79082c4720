# SPDX-License-Identifier: BSD-2-Clause
"""Encoding: how frames are to become packets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spdl._native.arguments import Arguments, integer
from spdl._native.library import CData, lib

from ._frame_rate import FrameRate, read_rate

_INT_MAX = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class VideoEncodeConfig:
    """How to encode pictures. Made by `video_encode_config`."""

    height: int
    width: int
    frame_rate: tuple[int, int] | None
    pix_fmt: str
    bit_rate: int
    compression_level: int
    qscale: int
    gop_size: int
    max_b_frames: int
    colorspace: str | None
    color_primaries: str | None
    color_trc: str | None


@dataclass(frozen=True, kw_only=True)
class AudioEncodeConfig:
    """How to encode samples. Made by `audio_encode_config`."""

    num_channels: int
    sample_rate: int
    sample_fmt: str
    bit_rate: int
    compression_level: int
    qscale: int


def video_encode_config(
    *,
    height: int,
    width: int,
    frame_rate: FrameRate | None = None,
    pix_fmt: str = "rgb24",
    bit_rate: int = -1,
    compression_level: int = -1,
    qscale: int = -1,
    gop_size: int = -1,
    max_b_frames: int = -1,
    colorspace: str | None = None,
    color_primaries: str | None = None,
    color_trc: str | None = None,
) -> VideoEncodeConfig:
    """Say what pictures a stream takes, and how they are encoded. -1: the encoder's default.

    Parameters
    ----------
    height, width : int
        Of the pictures, in pixels.
    frame_rate : (int, int), int or Fraction, optional
        Pictures per second, as numerator and denominator or as a number; 25 by default. Its inverse
        is the tick to which times are rounded; two pictures cannot have the same.
    pix_fmt : str
        Pixel format of the frames. It must be one that the encoder takes; nothing is converted.
    bit_rate : int
        Bits per second.
    compression_level : int
        As the encoder understands it: 0 to 9 for PNG.
    qscale : int
        Constant quality, as in the `-q` of the ffmpeg command: 1 (2 for JPEG) is the best.
    gop_size : int
        Pictures from key frame to key frame.
    max_b_frames : int
        Pictures in a row that refer to later ones.
    colorspace, color_primaries, color_trc : str, optional
        FFmpeg's names: "bt709", "bt709", "iec61966-2-1".
    """
    return VideoEncodeConfig(
        height=integer(height, "`height`", 1, _INT_MAX),
        width=integer(width, "`width`", 1, _INT_MAX),
        frame_rate=None if frame_rate is None else read_rate(frame_rate),
        pix_fmt=pix_fmt,
        bit_rate=bit_rate,
        compression_level=compression_level,
        qscale=qscale,
        gop_size=gop_size,
        max_b_frames=max_b_frames,
        colorspace=colorspace,
        color_primaries=color_primaries,
        color_trc=color_trc,
    )


def audio_encode_config(
    *,
    num_channels: int,
    sample_rate: int,
    sample_fmt: str = "fltp",
    bit_rate: int = -1,
    compression_level: int = -1,
    qscale: int = -1,
) -> AudioEncodeConfig:
    """Say what samples a stream takes, and how they are encoded. -1: the encoder's default.

    Parameters
    ----------
    num_channels : int
    sample_rate : int
        In Hz.
    sample_fmt : str
        Sample format of the frames. It must be one that the encoder takes; nothing is converted.
    bit_rate, compression_level, qscale : int
        As in `video_encode_config`.
    """
    return AudioEncodeConfig(
        num_channels=integer(num_channels, "`num_channels`", 1, 1024),
        sample_rate=integer(sample_rate, "`sample_rate`", 1, _INT_MAX),
        sample_fmt=sample_fmt,
        bit_rate=bit_rate,
        compression_level=compression_level,
        qscale=qscale,
    )


_OPTIONAL = {
    "bit_rate": (lib.SPDL_ENCODE_BIT_RATE, 2**63 - 1),
    "compression_level": (lib.SPDL_ENCODE_COMPRESSION_LEVEL, _INT_MAX),
    "qscale": (lib.SPDL_ENCODE_QSCALE, 1000),
    "gop_size": (lib.SPDL_ENCODE_GOP_SIZE, _INT_MAX),
    "max_b_frames": (lib.SPDL_ENCODE_MAX_B_FRAMES, _INT_MAX),
}


def set_quality(cdata: CData, **values: int) -> None:
    """Put the numbers that are not -1 into `spdl_encode_options`."""
    for name, value in values.items():
        flag, largest = _OPTIONAL[name]
        number = integer(value, f"`{name}`", -1, largest)
        if number >= 0:
            cdata.flags |= flag
            setattr(cdata, name, number)


def encode_struct(
    config: VideoEncodeConfig | AudioEncodeConfig,
    encoder: str | None,
    encoder_config: Mapping[str, str] | None,
    arguments: Arguments,
) -> CData:
    """The `spdl_encode_options` of the public arguments."""
    cdata = arguments.struct("spdl_encode_options")
    cdata.encoder = arguments.text(encoder, "`encoder`")
    cdata.encoder_options = arguments.options(encoder_config, "`encoder_config`")
    cdata.num_encoder_options = len(encoder_config or ())
    set_quality(
        cdata,
        bit_rate=config.bit_rate,
        compression_level=config.compression_level,
        qscale=config.qscale,
    )
    if isinstance(config, AudioEncodeConfig):
        cdata.media = lib.SPDL_MEDIA_AUDIO
        cdata.format = arguments.text(config.sample_fmt, "`sample_fmt`")
        cdata.sample_rate, cdata.num_channels = config.sample_rate, config.num_channels
        return cdata
    cdata.media = lib.SPDL_MEDIA_VIDEO
    cdata.format = arguments.text(config.pix_fmt, "`pix_fmt`")
    cdata.width, cdata.height = config.width, config.height
    if config.frame_rate is not None:
        cdata.frame_rate.num, cdata.frame_rate.den = config.frame_rate
    set_quality(cdata, gop_size=config.gop_size, max_b_frames=config.max_b_frames)
    set_colors(cdata, config.colorspace, config.color_primaries, config.color_trc, arguments)
    return cdata


def set_colors(
    cdata: CData,
    colorspace: str | None,
    color_primaries: str | None,
    color_trc: str | None,
    arguments: Arguments,
) -> None:
    """Put colour properties into `spdl_encode_options`."""
    cdata.color_space = arguments.text(colorspace, "`colorspace`")
    cdata.color_primaries = arguments.text(color_primaries, "`color_primaries`")
    cdata.color_trc = arguments.text(color_trc, "`color_trc`")
