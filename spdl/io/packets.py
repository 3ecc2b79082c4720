# SPDX-License-Identifier: BSD-2-Clause
"""Packets: encoded units of one stream. Values: any thread, any number of times."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from spdl._native.arguments import struct
from spdl._native.errors import SPDLError, check, new_error
from spdl._native.handle import Handle, Owned, lend, made_by
from spdl._native.library import ffi, lib, text
from spdl._native.memory import view_of_bytes

from ._window import window_floats
from .codec import AudioCodec, Codec, ImageCodec, VideoCodec
from .frames import AudioFrames, ImageFrames, VideoFrames

P = TypeVar("P", bound="Packets[Any]")
C = TypeVar("C", bound="Codec")
FramesT = TypeVar("FramesT", AudioFrames, VideoFrames, ImageFrames)


class Packets(Handle, Generic[FramesT]):
    """What all kinds have in common. `FramesT` is what they decode to."""

    __slots__ = ("_codec_handle",)

    _noun = "spdl_packets"
    _media: ClassVar[str]
    """Name of the constant in C."""
    _frames: type[FramesT]
    _codec_handle: Any

    @classmethod
    def _wrap(cls: type[P], owned: Owned) -> P:
        self = super()._wrap(owned)
        self._codec_handle = None
        return self

    def clone(self: P) -> P:
        """Another reference to the same packets. It costs nothing: packets never change."""
        return self._share()

    def __getstate__(self) -> bytes:
        """The packets as bytes, from which `deserialize` makes them again."""
        owned = made_by(lib.spdl_packets_serialize, "spdl_buffer", self._pointer)
        info, error = struct("spdl_buffer_info"), new_error()
        assert owned.pointer is not None
        check(lib.spdl_buffer_get_info(owned.pointer, info, error), error)
        return bytes(ffi.buffer(info.data, info.size))

    def __reduce__(self: P) -> tuple[Callable[[bytes], P], tuple[bytes]]:
        return self.deserialize, (self.__getstate__(),)

    def __copy__(self: P) -> P:
        return self.clone()

    def __deepcopy__(self: P, memo: object) -> P:
        return self.clone()

    @classmethod
    def deserialize(cls: type[P], data: bytes) -> P:
        """Make packets out of the bytes that `__getstate__` gave, which are copied.

        This is what unpickling does. The bytes need not be trusted, unlike a pickle.

        >>> packets = spdl.io.demux_video("sample.mp4", timestamp=(0, 0.2))
        >>> again = spdl.io.VideoPackets.deserialize(packets.__getstate__())
        >>> spdl.io.decode_packets(again).num_frames
        5

        Parameters
        ----------
        data : bytes, bytearray, memoryview, or 1-D uint8 array

        Raises
        ------
        CorruptError
            If they are not such bytes, of another version of the format, cut or damaged.
        MismatchError
            If they are packets of another class.
        LimitError
            If they are a JPEG of too many scans.
        """
        return cls._deserialize(data, lib.SPDL_DESERIALIZE_COPY, "deserialize")

    @classmethod
    def deserialize_view(cls: type[P], data: memoryview) -> P:
        """As `deserialize`, but the packets stay in the memory of `data`, and so may the frames
        that are decoded from them. It is kept alive as long, and must not change.

        >>> state = spdl.io.demux_image("sample.jpg").__getstate__()
        >>> spdl.io.ImagePackets.deserialize_view(memoryview(state)).width
        160
        """
        return cls._deserialize(data, 0, "deserialize_view")

    @classmethod
    def _deserialize(cls: type[P], data: object, flags: int, name: str) -> P:
        function = f"{cls.__name__}.{name}"
        memory = lend(view_of_bytes(data, function))
        assert memory.pointer is not None
        inputs = memory.pointer, getattr(lib, cls._media), flags
        return cls._wrap(made_by(lib.spdl_packets_deserialize, cls._noun, *inputs))

    @property
    def _source_name(self) -> str:
        return text(self._get_info().source)

    @property
    def _filename(self) -> str | None:
        return None

    def _get_codec(self, cls: type[C]) -> C:
        if self._codec_handle is None:
            owned = made_by(lib.spdl_packets_get_codec, "spdl_codec", self._pointer)
            self._codec_handle = cls._wrap(owned)
        codec: C = self._codec_handle
        return codec

    def _timestamps(self, flags: int) -> list[float]:
        room = self._get_info().num_packets
        seconds, count = ffi.new("double[]", max(1, room)), ffi.new("size_t *")
        error = new_error()
        status = lib.spdl_packets_get_timestamps(self._pointer, flags, seconds, room, count, error)
        check(status, error)
        return list(ffi.unpack(seconds, min(room, count[0]))) if count[0] else []

    def _describe_codec(self) -> str:
        try:
            codec: Codec = self.codec
            return f"Codec=<{codec.describe()}>"
        except SPDLError:
            return "Codec=<unknown>"

    @property
    def codec(self) -> Any:
        raise NotImplementedError


class _StreamPackets(Packets[FramesT]):
    """Packets of a stream with time in it."""

    __slots__ = ()

    @property
    def timestamp(self) -> tuple[float, float] | None:
        """The window [start, end) in seconds that was asked for; None: everything."""
        info = self._get_info()
        return window_floats(info.window_flags, info.window_start, info.window_end)

    def __len__(self) -> int:
        """Packets in the window, by their time; without a window, all."""
        return int(self._get_info().num_in_window)

    def get_timestamps(self, raw: bool = False) -> list[float]:
        """Presentation times in seconds: those in the window, sorted, or with `raw` all of them in
        decode order. NaN where the source gives none."""
        return self._timestamps(lib.SPDL_TIMESTAMPS_RAW if raw else 0)

    def __repr__(self) -> str:
        info = self._get_info()
        source = f"{text(info.source)}:{info.stream_index}"
        parts = [f'src="{source}"', f"num_packets={info.num_in_window}"]
        seconds = [time for time in self._timestamps(0) if not math.isnan(time)]
        if seconds:
            parts.append(f"pts=[{seconds[0]:.3f}, {seconds[-1]:.3f}]")
        if self.timestamp:
            parts.append("timestamp=({:.12g}, {:.12g})".format(*self.timestamp))
        return f"{type(self).__name__}<{', '.join(parts)}, {self._describe_codec()}>"


class AudioPackets(_StreamPackets[AudioFrames]):
    """Encoded samples."""

    __slots__ = ()

    _frames = AudioFrames
    _media = "SPDL_MEDIA_AUDIO"

    @property
    def codec(self) -> AudioCodec:
        """How the samples are encoded."""
        return self._get_codec(AudioCodec)

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.codec.sample_rate

    @property
    def num_channels(self) -> int:
        """Of each sample in time: 2 of stereo."""
        return self.codec.num_channels


class VideoPackets(_StreamPackets[VideoFrames]):
    """Encoded moving pictures, in decode order. They begin at the key frame before the window."""

    __slots__ = ()

    _frames = VideoFrames
    _media = "SPDL_MEDIA_VIDEO"

    @property
    def codec(self) -> VideoCodec:
        """How the pictures are encoded."""
        return self._get_codec(VideoCodec)

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format: "yuv420p"."""
        return self.codec.pix_fmt

    @property
    def width(self) -> int:
        """In pixels."""
        return self.codec.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.codec.height

    @property
    def frame_rate(self) -> tuple[int, int]:
        """Frames per second, as numerator and denominator; (0, 1) if unknown."""
        return self.codec.frame_rate


class ImagePackets(Packets[ImageFrames]):
    """An encoded picture."""

    __slots__ = ()

    _frames = ImageFrames
    _media = "SPDL_MEDIA_IMAGE"

    @property
    def codec(self) -> ImageCodec:
        """How the picture is encoded. The first use reads its header."""
        return self._get_codec(ImageCodec)

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format: "yuvj420p"."""
        return self.codec.pix_fmt

    @property
    def width(self) -> int:
        """In pixels."""
        return self.codec.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.codec.height

    def __repr__(self) -> str:
        return f'ImagePackets<src="{self._source_name}", {self._describe_codec()}>'
