# SPDX-License-Identifier: BSD-2-Clause
"""Bitstream filters: packets to packets, without decoding them."""

from __future__ import annotations

import contextlib
from typing import Any, TypeVar

from spdl._native.arguments import Arguments
from spdl._native.errors import SPDLError
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import NULL, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .codec import AudioCodec, Codec, ImageCodec, VideoCodec
from .packets import AudioPackets, ImagePackets, Packets, VideoPackets

P = TypeVar("P", bound=Packets[Any])

_PACKETS: dict[type[Codec], type[Packets[Any]]] = {
    AudioCodec: AudioPackets,
    VideoCodec: VideoPackets,
    ImageCodec: ImagePackets,
}


def _check_packets(packets: object) -> None:
    if not isinstance(packets, Packets):
        raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")


class BSF(Handle):
    """A bitstream filter for the packets of one stream, in their order. Times and window stay.

    >>> packets = spdl.io.demux_video("sample.mp4")
    >>> bsf = spdl.io.BSF(packets.codec, "h264_mp4toannexb")
    >>> filtered = bsf.filter(packets)
    >>> filtered.get_timestamps() == packets.get_timestamps()
    True
    >>> bsf.flush() is None  # Nothing was held back.
    True

    Parameters
    ----------
    codec : AudioCodec, VideoCodec or ImageCodec
        Of the packets that will come.
    name : str
        The filter as FFmpeg describes it: "h264_mp4toannexb", with options
        "h264_metadata=level=4.1", several with commas between them.

    Raises
    ------
    TypeError
        If an argument is of another type.
    UnsupportedError
        If there is no such filter, or it does not take this codec.
    OptionError
        If an option is unknown or refused.
    """

    __slots__ = ("_packets",)

    _noun = "spdl_bsf"
    _packets: type[Packets[Any]]

    def __init__(self, codec: AudioCodec | VideoCodec | ImageCodec, name: str) -> None:
        if type(codec) not in _PACKETS:
            raise TypeError(f"`codec` must be a codec, not {type(codec).__name__}.")
        arguments = Arguments()
        desc = arguments.text(_check_name(name, "`name`"), "`name`")
        self._owned = made_by(lib.spdl_bsf_open, self._noun, codec._pointer, desc)
        self._packets = _PACKETS[type(codec)]

    def _plan_filter(self, packets: P, flush: bool = False) -> Operation[P | None]:
        """Filter packets that follow those before.

        Parameters
        ----------
        packets : AudioPackets, VideoPackets or ImagePackets
            Of the codec of this filter.
        flush : bool
            Whether they are the last ones: what is held back comes out, too, and the next ones
            begin a new stream.

        Returns
        -------
        AudioPackets, VideoPackets, ImagePackets or None
            None if nothing comes out.

        Raises
        ------
        MismatchError
            If the packets are of another codec.
        CorruptError, LimitError, DeadlineError
            The filter then begins anew, as it does when it is cancelled.
        BusyError
            If another thread uses this filter.
        """
        _check_packets(packets)
        flags = lib.SPDL_BSF_FLUSH if flush else 0
        inputs = (self._pointer, packets._pointer, flags)
        wrap, lose = packets._wrap, self._begin_anew
        return Operation("spdl_bsf_filter", inputs, wrap, subject=packets, on_unclaimed=lose)

    def _plan_flush(self) -> Operation[Packets[Any] | None]:
        """Say that the stream is over. Returns what was held back, or None."""
        inputs = (self._pointer, NULL, lib.SPDL_BSF_FLUSH)
        return Operation("spdl_bsf_filter", inputs, self._packets._wrap)

    def _begin_anew(self, lost: Owned | None) -> None:
        """As after an operation that was cancelled half way."""
        with contextlib.suppress(SPDLError):
            self._plan_flush().call()

    filter = blocking(_plan_filter)
    async_filter = awaitable(_plan_filter)
    flush = blocking(_plan_flush)
    async_flush = awaitable(_plan_flush)

    def __repr__(self) -> str:
        return f"BSF<{'closed' if self._owned is None else self._packets.__name__}>"


def _check_name(name: object, what: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{what} must be a str, not {type(name).__name__}.")
    return name


def _plan_apply_bsf(packets: P, bsf: str) -> Operation[P]:
    """Put all packets of a stream through a bitstream filter. `demux_*(bsf=…)` does it at once.

    >>> packets = spdl.io.demux_video("sample.mp4")
    >>> spdl.io.apply_bsf(packets, "h264_mp4toannexb").codec.name
    'h264'

    Parameters
    ----------
    packets : AudioPackets, VideoPackets or ImagePackets
    bsf : str
        As the `name` of `BSF`.

    Returns
    -------
    AudioPackets, VideoPackets or ImagePackets
        At the same times, with the same window.

    Raises
    ------
    TypeError
        If an argument is of another type.
    UnsupportedError, OptionError, CorruptError, LimitError, DeadlineError
    """
    _check_packets(packets)
    arguments = Arguments()
    inputs = (packets._pointer, arguments.text(_check_name(bsf, "`bsf`"), "`bsf`"))
    return Operation(
        "spdl_packets_apply_bsf", inputs, packets._wrap, keep=(arguments,), subject=packets
    )


apply_bsf = blocking(_plan_apply_bsf)
async_apply_bsf = awaitable(_plan_apply_bsf)
