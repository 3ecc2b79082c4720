# SPDX-License-Identifier: BSD-2-Clause
"""Encoders: frames to packets."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, Owned
from spdl._native.library import lib, text
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .frames import AudioFrames, ImageFrames, VideoFrames
from .packets import AudioPackets, VideoPackets

E = TypeVar("E", bound="Encoder[Any]")
P = TypeVar("P", AudioPackets, VideoPackets)


class Encoder(Handle, Generic[P]):
    """What both kinds have in common."""

    __slots__ = ("_file",)

    _noun = "spdl_encoder"
    _packets: type[P]

    _file: tuple[str, str | None]
    """Name and path of the file that its packets are for."""

    @classmethod
    def make(cls: type[E], owned: Owned, file: tuple[str, str | None]) -> E:
        """An encoder of the library, for a file."""
        self = cls._wrap(owned)
        self._file = file
        return self

    @property
    def name(self) -> str:
        """FFmpeg's name of the encoder: "mpeg4"."""
        return text(self._get_info().name)

    @property
    def time_base(self) -> tuple[int, int]:
        """Seconds per tick of the packets, as numerator and denominator."""
        return self._get_ratio("time_base")

    @property
    def _source_name(self) -> str:
        return self._file[0]

    @property
    def _filename(self) -> str | None:
        return self._file[1]

    def _encode(self, frames: Any, kinds: tuple[type[Handle], ...]) -> Operation[P | None]:
        if not isinstance(frames, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"`frames` must be {wanted}, not {type(frames).__name__}.")
        return self._run("spdl_encoder_encode", (self._pointer, frames._pointer))

    def _flush(self) -> Operation[P | None]:
        return self._run("spdl_encoder_flush", (self._pointer,))

    def _run(self, function: str, inputs: tuple[Any, ...]) -> Operation[P | None]:
        wrap, lose = self._packets._wrap, self._lose
        return Operation(function, inputs, wrap, subject=self, on_unclaimed=lose)

    def _lose(self, packets: Owned | None) -> None:
        if packets is not None:
            error = new_error()
            check(lib.spdl_encoder_give_up(self._pointer, error), error)

    def __repr__(self) -> str:
        num, den = self.time_base
        return f'{type(self).__name__}<name="{self.name}", time_base={num}/{den}>'


class AudioEncoder(Encoder[AudioPackets]):
    """Encodes the samples of one stream. `Muxer.add_encode_stream` makes it.

    A machine: one operation at a time; a second one, on another thread, raises `BusyError`.
    """

    __slots__ = ()

    _packets = AudioPackets

    @property
    def frame_size(self) -> int:
        """Samples per channel in each packet but the last; 0: as many as each frame has."""
        return int(self._get_info().frame_size)

    def _plan_encode(self, frames: AudioFrames) -> Operation[AudioPackets | None]:
        """Encode samples. Returns the packets that came out, or None.

        Samples that do not fill a packet wait for more. Those with no time of their own follow what
        came before. Errors: `VideoEncoder.encode`.
        """
        return self._encode(frames, (AudioFrames,))

    def _plan_flush(self) -> Operation[AudioPackets | None]:
        """End the stream. Returns the packets that were held back, or None."""
        return self._flush()

    encode = blocking(_plan_encode)
    async_encode = awaitable(_plan_encode)
    flush = blocking(_plan_flush)
    async_flush = awaitable(_plan_flush)


class VideoEncoder(Encoder[VideoPackets]):
    """Encodes the pictures of one stream. `Muxer.add_encode_stream` makes it.

    A machine: one operation at a time; a second one, on another thread, raises `BusyError`.
    """

    __slots__ = ()

    _packets = VideoPackets

    def _plan_encode(self, frames: VideoFrames | ImageFrames) -> Operation[VideoPackets | None]:
        """Encode pictures. Returns the packets that came out, or None.

        Raises
        ------
        TypeError
            If `frames` is of another type.
        MismatchError
            If the frames have another format or size than the encoder was set up for, or are not
            later than those that were encoded before.
        InvalidError
            After `flush`, after the file was closed, or after an operation that failed halfway.
        UnsupportedError, LimitError, DeadlineError, BusyError, ForkedError
        """
        return self._encode(frames, (VideoFrames, ImageFrames))

    def _plan_flush(self) -> Operation[VideoPackets | None]:
        """End the stream. Returns the packets that were held back, or None."""
        return self._flush()

    encode = blocking(_plan_encode)
    async_encode = awaitable(_plan_encode)
    flush = blocking(_plan_flush)
    async_flush = awaitable(_plan_flush)
