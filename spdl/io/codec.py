# SPDX-License-Identifier: BSD-2-Clause
"""Codecs: how packets are encoded, as the source's headers say."""

from __future__ import annotations

from typing import Any

from spdl._native.handle import Handle
from spdl._native.library import text


class Codec(Handle):
    """What all kinds have in common."""

    __slots__ = ()

    _noun = "spdl_codec"

    @property
    def name(self) -> str:
        """FFmpeg's name of the codec: "h264"."""
        return text(self._get_info().name)

    @property
    def time_base(self) -> tuple[int, int]:
        """Seconds per tick of the stream, as numerator and denominator."""
        return self._get_ratio("time_base")

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self.describe()}>"

    def describe(self) -> str:
        """What its repr shows."""
        info = self._get_info()
        parts = [
            f"bit_rate={info.bit_rate}",
            f"bits_per_sample={info.bits_per_sample}",
            f'codec="{text(info.name)}"',
            *self._details(info),
        ]
        return ", ".join(parts)

    def _details(self, info: Any) -> list[str]:
        raise NotImplementedError


class AudioCodec(Codec):
    """How samples are encoded."""

    __slots__ = ()

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return int(self._get_info().sample_rate)

    @property
    def num_channels(self) -> int:
        """Of each sample in time: 2 of stereo."""
        return int(self._get_info().num_channels)

    @property
    def sample_fmt(self) -> str:
        """FFmpeg's name of the sample format: "fltp"."""
        return text(self._get_info().format)

    @property
    def channel_layout(self) -> str:
        """FFmpeg's description of the channels: "stereo"."""
        return text(self._get_info().channel_layout)

    def _details(self, info: Any) -> list[str]:
        return [
            f'sample_format="{text(info.format)}"',
            f"sample_rate={info.sample_rate}",
            f"num_channels={info.num_channels}",
        ]


class ImageCodec(Codec):
    """How a picture is encoded."""

    __slots__ = ()

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self._get_info().width)

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self._get_info().height)

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format: "yuv420p"."""
        return text(self._get_info().format)

    @property
    def sample_aspect_ratio(self) -> tuple[int, int]:
        """Width of a pixel to its height; (0, 1) if unknown."""
        return self._get_ratio("sample_aspect_ratio")

    def _details(self, info: Any) -> list[str]:
        size = [f"width={info.width}", f"height={info.height}"]
        return [f'pixel_format="{text(info.format)}"', *size]


class VideoCodec(ImageCodec):
    """How moving pictures are encoded."""

    __slots__ = ()

    @property
    def frame_rate(self) -> tuple[int, int]:
        """Frames per second, as numerator and denominator; (0, 1) if unknown."""
        return self._get_ratio("frame_rate")

    def _details(self, info: Any) -> list[str]:
        pixel_format, *size = super()._details(info)
        num, den = self.frame_rate
        return [pixel_format, f"frame_rate={num}/{den}", *size]
