# SPDX-License-Identifier: BSD-2-Clause
"""Frames: decoded pictures or samples. Values: any thread, any number of times."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator
from typing import Any, SupportsIndex, TypeVar, overload

from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, made_by
from spdl._native.library import NULL, ffi, lib, text, texts

F = TypeVar("F", bound="_Frames")
P = TypeVar("P", bound="_PictureFrames")

_NO_PTS = -(2**63)


class _Frames(Handle):
    __slots__ = ()

    _noun = "spdl_frames"

    def clone(self: F) -> F:
        """Another reference to the same frames. It costs nothing: frames never change."""
        return self._share()

    @property
    def num_corrupt(self) -> int:
        """Packets that did not decode, and frames that are damaged or cut short."""
        return int(self._get_info().num_corrupt)

    @property
    def _format(self) -> str:
        return text(self._get_info().format) or "n/a"

    def _pts(self) -> list[int]:
        room = self._get_info().num_timestamps
        ticks, count = ffi.new("int64_t[]", max(1, room)), ffi.new("size_t *")
        error = new_error()
        check(lib.spdl_frames_get_pts(self._pointer, ticks, room, count, error), error)
        return list(ffi.unpack(ticks, min(room, count[0]))) if count[0] else []

    def _seconds(self) -> list[float]:
        num, den = self._get_ratio("time_base")
        return [math.nan if ticks == _NO_PTS else ticks * num / den for ticks in self._pts()]

    def _span(self) -> str:
        seconds = self._seconds() or [math.nan]
        return f"[{seconds[0]:.3f}, {seconds[-1]:.3f}]"


class _TimedFrames(_Frames):
    """Frames of a stream with time in it."""

    __slots__ = ()

    @property
    def time_base(self) -> tuple[int, int]:
        """Seconds per tick of `get_pts`, as numerator and denominator."""
        return self._get_ratio("time_base")

    def get_pts(self) -> list[int]:
        """Presentation time of each picture, or of the first sample of each block of samples, in
        ticks of `time_base`; -2**63 where there is none."""
        return self._pts()

    def get_timestamps(self) -> list[float]:
        """Presentation time of each picture, or of the first sample of each block of samples, in
        seconds; NaN where there is none."""
        return self._seconds()


class AudioFrames(_TimedFrames):
    """Decoded samples."""

    __slots__ = ()

    @property
    def num_frames(self) -> int:
        """Samples per channel."""
        return int(self._get_info().num_frames)

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
        """FFmpeg's name of the sample format: "fltp"; "n/a" of empty frames."""
        return self._format

    def __len__(self) -> int:
        """Samples per channel."""
        return self.num_frames

    def __repr__(self) -> str:
        return (
            f'AudioFrames<num_frames={self.num_frames}, sample_format="{self.sample_fmt}", '
            f"sample_rate={self.sample_rate}, num_channels={self.num_channels}, "
            f"timestamp={self._span()}>"
        )


class _PictureFrames(_Frames):
    __slots__ = ()

    @property
    def num_planes(self) -> int:
        """Planes of a picture; -1 of empty frames."""
        return self._of_pictures("num_planes")

    @property
    def width(self) -> int:
        """In pixels; -1 of empty frames."""
        return self._of_pictures("width")

    @property
    def height(self) -> int:
        """In pixels; -1 of empty frames."""
        return self._of_pictures("height")

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format: "rgb24"; "n/a" of empty frames."""
        return self._format

    def _of_pictures(self, name: str) -> int:
        info: Any = self._get_info()
        return int(getattr(info, name)) if info.num_frames else -1


class VideoFrames(_PictureFrames, _TimedFrames):
    """Decoded moving pictures: a sequence of `ImageFrames`.

    >>> frames = spdl.io.decode_packets(spdl.io.demux_video("sample.mp4"))
    >>> len(frames), frames[-1].pts, len(frames[::2]), len(frames[[0, 5, 5]])
    (30, 1.16, 15, 3)
    """

    __slots__ = ()

    @property
    def num_frames(self) -> int:
        """How many pictures there are."""
        return int(self._get_info().num_frames)

    @overload
    def __getitem__(self, index: SupportsIndex) -> ImageFrames: ...
    @overload
    def __getitem__(self, index: slice | Iterable[SupportsIndex]) -> VideoFrames: ...

    def __getitem__(self, index: SupportsIndex | slice | Iterable[SupportsIndex]) -> Any:
        """One frame, or those of a slice or of a sequence of indices, in its order.

        They are shared, not copied. Negative indices count from the end.
        """
        if isinstance(index, slice):
            return self._select(VideoFrames, list(range(*index.indices(len(self)))))
        if isinstance(index, Iterable) and not isinstance(index, (str, bytes)):
            return self._select(VideoFrames, [self._position(one) for one in index])
        return self._select(ImageFrames, [self._position(index)])

    def __iter__(self) -> Iterator[ImageFrames]:
        return (self[index] for index in range(len(self)))

    def _position(self, index: Any) -> int:
        """The index, counted from the start."""
        try:
            number = operator.index(index)
        except TypeError:
            kind = type(index).__name__
            raise TypeError(f"Indices of frames must be integers or slices, not {kind}.") from None
        count = len(self)
        if not -count <= number < count:
            raise IndexError(f"Frame index must be [0, {count}), or negative; {number} is not.")
        return number % count

    def _select(self, cls: type[P], positions: list[int]) -> P:
        media = lib.SPDL_MEDIA_IMAGE if cls is ImageFrames else lib.SPDL_MEDIA_VIDEO
        chosen = ffi.new("int64_t[]", positions)
        inputs = self._pointer, chosen, len(positions), media
        return cls._wrap(made_by(lib.spdl_frames_select, "spdl_frames", *inputs))

    def __len__(self) -> int:
        return self.num_frames

    def __repr__(self) -> str:
        return (
            f'VideoFrames<num_frames={self.num_frames}, pixel_format="{self.pix_fmt}", '
            f"num_planes={self.num_planes}, width={self.width}, height={self.height}, "
            f"timestamp={self._span()}>"
        )


class ImageFrames(_PictureFrames):
    """A decoded picture."""

    __slots__ = ()

    @property
    def pts(self) -> float:
        """Presentation time in seconds; NaN if there is none."""
        return next(iter(self._seconds()), math.nan)

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of the picture: "Orientation", "DateTime" of a JPEG with Exif."""
        count, error = ffi.new("size_t *"), new_error()
        get = lib.spdl_frames_get_metadata
        check(get(self._pointer, 0, NULL, 0, count, error), error)
        room = count[0]
        entries = ffi.new("spdl_entry[]", max(1, room))
        check(get(self._pointer, 0, entries, room, count, error), error)
        return texts(entries, min(room, count[0]))

    def __repr__(self) -> str:
        return (
            f'ImageFrames<pixel_format="{self.pix_fmt}", num_planes={self.num_planes}, '
            f"width={self.width}, height={self.height}, timestamp={self.pts:.3f}>"
        )
