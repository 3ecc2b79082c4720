# SPDX-License-Identifier: BSD-2-Clause
"""Decoders that are fed packets as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator  # noqa: F401 (what the public forms return)
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

from spdl._native.arguments import Arguments, integer
from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import lib
from spdl._native.operation import Done, Operation
from spdl._native.plan import Steps, async_iterating, iterating

from .codec import AudioCodec, Codec, ImageCodec, VideoCodec
from .decode import DecodeConfig, decode_struct
from .filter import DEFAULT
from .frames import AudioFrames, ImageFrames, VideoFrames
from .packets import FramesT, Packets

D = TypeVar("D", bound="_Decoder[Any]")


class _Decoder(Handle, Generic[FramesT]):
    """What decoders of all kinds have in common.

    One operation at a time: a second one, on another thread, raises `BusyError`.
    """

    __slots__ = ("_buffer_size", "_unclaimed")

    _noun = "spdl_decoder"
    _codec: type[Codec]
    _frames: type[FramesT]
    _buffer_size: int
    _unclaimed: list[FramesT]
    """What came out for callers that were interrupted at that moment."""

    def __init__(
        self,
        codec: Codec,
        *,
        filter_desc: str | None = DEFAULT,
        decode_config: DecodeConfig | None = None,
    ) -> None:
        if type(codec) is not self._codec:
            wanted, kind = self._codec.__name__, type(codec).__name__
            raise TypeError(f"`codec` of {type(self).__name__} must be {wanted}, not {kind}.")
        arguments = Arguments()
        options = decode_struct(decode_config, filter_desc, arguments)
        self._owned = made_by(lib.spdl_decoder_open, "spdl_decoder", codec._pointer, options)
        self._buffer_size = 0
        self._unclaimed = []

    def _plan_streaming_decode_packets(self, packets: Packets[FramesT]) -> Steps[FramesT]:
        """Decode packets that follow those before. They stay usable.

        Frames that need packets to come are held back, until those come or `flush`. What an
        iterator leaves undecoded, because it is not taken to its end, the next one begins with.

        Parameters
        ----------
        packets : AudioPackets, VideoPackets or ImagePackets
            Of the decoder's codec. All up to a `flush` have one window.

        Returns
        -------
        iterator of AudioFrames, VideoFrames or ImageFrames

        Raises
        ------
        TypeError
            If `packets` is of another type.
        MismatchError
            If the packets are of another codec, or have another window than those before.
        FilterError, OptionError, CorruptError, LimitError, DeadlineError
        """
        if not isinstance(packets, Packets):
            raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")
        waiting = [packets]

        def step() -> Operation[FramesT | None]:
            if waiting:
                error = new_error()
                check(lib.spdl_decoder_push(self._pointer, waiting[0]._pointer, error), error)
                waiting.clear()
            return self._pull()

        return Steps(step)

    def _plan_flush(self) -> Steps[FramesT]:
        """End the stream: give the frames that are held back. Packets may follow; they begin anew.

        Returns
        -------
        iterator of AudioFrames, VideoFrames or ImageFrames
        """
        waiting = [lib.spdl_decoder_end]

        def step() -> Operation[FramesT | None]:
            if waiting:
                error = new_error()
                check(waiting[0](self._pointer, error), error)
                waiting.clear()
            return self._pull()

        return Steps(step)

    streaming_decode_packets = iterating(_plan_streaming_decode_packets)
    async_streaming_decode_packets = async_iterating(_plan_streaming_decode_packets)
    flush = iterating(_plan_flush)
    async_flush = async_iterating(_plan_flush)

    def close(self) -> None:
        """End the decoder. Frames that came from it stay valid. Closing again does nothing."""
        self._close()

    def __enter__(self: D) -> D:
        self._pointer  # noqa: B018 (raises if closed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _pull(self) -> Operation[FramesT | None]:
        inputs = (self._pointer, self._buffer_size)
        if self._unclaimed:
            return Done(self._unclaimed.pop(0))
        wrap, keep = self._frames._wrap, self._keep_unclaimed
        return Operation("spdl_decoder_pull", inputs, wrap, on_unclaimed=keep)

    def _keep_unclaimed(self, frames: Owned | None) -> None:
        if frames is not None:
            self._unclaimed.append(self._frames._wrap(frames))


class AudioDecoder(_Decoder[AudioFrames]):
    """A decoder of samples. Each item has those of one packet. Made by `Decoder`."""

    __slots__ = ()

    _codec = AudioCodec
    _frames = AudioFrames


class VideoDecoder(_Decoder[VideoFrames]):
    """A decoder of moving pictures. Made by `Decoder`."""

    __slots__ = ()

    _codec = VideoCodec
    _frames = VideoFrames

    def set_buffer_size(self, num_frames: int) -> None:
        """Give items of this number of frames; the last item for some packets may have fewer.

        0, as at first, gives frames as they come.
        """
        self._buffer_size = integer(num_frames, "`num_frames`", 0, 2**31 - 1)


class ImageDecoder(_Decoder[ImageFrames]):
    """A decoder of pictures, each by itself. Made by `Decoder`."""

    __slots__ = ()

    _codec = ImageCodec
    _frames = ImageFrames


@overload
def Decoder(
    codec: AudioCodec, *, filter_desc: str | None = ..., decode_config: DecodeConfig | None = ...
) -> AudioDecoder: ...
@overload
def Decoder(  # type: ignore[overload-overlap]
    codec: VideoCodec, *, filter_desc: str | None = ..., decode_config: DecodeConfig | None = ...
) -> VideoDecoder: ...
@overload
def Decoder(
    codec: ImageCodec, *, filter_desc: str | None = ..., decode_config: DecodeConfig | None = ...
) -> ImageDecoder: ...
def Decoder(  # noqa: N802
    codec: Codec,
    *,
    filter_desc: str | None = DEFAULT,
    decode_config: DecodeConfig | None = None,
) -> AudioDecoder | VideoDecoder | ImageDecoder:
    """Make a decoder for packets that come piece by piece.

    All that it gives, together, is what `decode_packets` makes of all packets.

    >>> with spdl.io.Demuxer("sample.mp4") as demuxer:
    ...     decoder = spdl.io.Decoder(demuxer.video_codec)
    ...     decoder.set_buffer_size(8)
    ...     stream = demuxer.video_stream_index
    ...     counts = []
    ...     for packets in demuxer.streaming_demux(stream, num_packets=20):
    ...         counts += [len(frames) for frames in decoder.streaming_decode_packets(packets)]
    ...     counts += [len(frames) for frames in decoder.flush()]
    >>> sum(counts), max(counts)
    (30, 8)

    Parameters
    ----------
    codec : AudioCodec, VideoCodec or ImageCodec
        Of the packets that will come.
    filter_desc : str or None
        As in `decode_packets`.
    decode_config : DecodeConfig, optional
        From `decode_config`.

    Returns
    -------
    AudioDecoder, VideoDecoder or ImageDecoder

    Raises
    ------
    TypeError
        If `codec` is of another type.
    UnsupportedError
        If there is no such decoder.
    """
    for kind in (AudioDecoder, VideoDecoder, ImageDecoder):
        if type(codec) is kind._codec:
            return kind(codec, filter_desc=filter_desc, decode_config=decode_config)
    raise TypeError(f"`codec` must be a codec, not {type(codec).__name__}.")


def _plan_streaming_decode_packets(
    packets: Packets[FramesT],
    num_frames: int,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
) -> Steps[FramesT]:
    """Decode packets into frames, some at a time, so that few are held in memory.

    >>> packets = spdl.io.demux_video("sample.mp4")
    >>> [len(frames) for frames in spdl.io.streaming_decode_packets(packets, 12)]
    [12, 12, 6]

    Parameters
    ----------
    packets : AudioPackets, VideoPackets or ImagePackets
    num_frames : int
        Frames in an item (of audio: blocks of samples); the last may have fewer.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    filter_desc : str or None
        As in `decode_packets`.

    Returns
    -------
    iterator of AudioFrames, VideoFrames or ImageFrames

    Raises
    ------
    TypeError
        If `packets` is of another type.
    ValueError
        If `num_frames` is not above 0.
    FilterError, OptionError, UnsupportedError, CorruptError, LimitError, DeadlineError
    """
    if not isinstance(packets, Packets):
        raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")
    size = integer(num_frames, "`num_frames`", 1, 2**31 - 1)
    decoder = Decoder(packets.codec, filter_desc=filter_desc, decode_config=decode_config)
    decoder._buffer_size = size
    error = new_error()
    check(lib.spdl_decoder_push(decoder._pointer, packets._pointer, error), error)
    check(lib.spdl_decoder_end(decoder._pointer, error), error)
    return Steps(decoder._pull)


streaming_decode_packets = iterating(_plan_streaming_decode_packets)
async_streaming_decode_packets = async_iterating(_plan_streaming_decode_packets)
