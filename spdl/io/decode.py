# SPDX-License-Identifier: BSD-2-Clause
"""Decoding: packets to frames, through a filter graph or without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spdl._native.arguments import Arguments, check_options, integer
from spdl._native.library import CData, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .filter import DEFAULT, set_filter
from .packets import FramesT, ImagePackets, Packets


@dataclass(frozen=True)
class DecodeConfig:
    """How to decode. Made by `decode_config`."""

    decoder: str | None
    decoder_options: Mapping[str, str] | None
    on_corrupt: str
    backend: str | None


def decode_config(
    decoder: str | None = None,
    decoder_options: Mapping[str, str] | None = None,
    *,
    on_corrupt: str = "skip",
    backend: str | None = None,
) -> DecodeConfig:
    """Say how to decode.

    >>> config = spdl.io.decode_config(decoder_options={"threads": "2"}, on_corrupt="raise")
    >>> spdl.io.load_video("sample.mp4", decode_config=config).shape
    (30, 120, 160, 3)

    Parameters
    ----------
    decoder : str, optional
        FFmpeg's name of the decoder, instead of the codec's own.
    decoder_options : dict, optional
        Options of the decoder, as strings. Decoders use one thread unless "threads" is given.
    on_corrupt : {"skip", "raise"}
        What happens to a packet that does not decode, or to a picture that is damaged or cut short:
        the packet is left out, the picture kept, and both are counted in `num_corrupt`; or they
        raise `CorruptError`.
    backend : {None, "ffmpeg"}
        None lets each operation choose; "ffmpeg" forces the way whose results equal those of the
        `ffmpeg` command, and leaves WAV files to FFmpeg, with the same result.

    Raises
    ------
    TypeError, ValueError
        If a choice is unknown, or an option is no string.
    """
    if on_corrupt not in ("skip", "raise"):
        raise ValueError(f'`on_corrupt` must be "skip" or "raise", not {on_corrupt!r}.')
    if backend not in (None, "ffmpeg"):
        raise ValueError(f'`backend` must be None or "ffmpeg", not {backend!r}.')
    check_options(decoder_options, "`decoder_options`")
    return DecodeConfig(decoder, decoder_options, on_corrupt, backend)


def decode_struct(
    config: DecodeConfig | None, filter_desc: str | None, arguments: Arguments
) -> CData:
    """The `spdl_decode_options` of the public arguments."""
    cdata = arguments.struct("spdl_decode_options")
    set_filter(cdata, filter_desc, arguments)
    if config is not None:
        if not isinstance(config, DecodeConfig):
            raise TypeError(f"`decode_config` must come from decode_config(), not {config!r}.")
        cdata.decoder = arguments.text(config.decoder, "`decoder`")
        cdata.decoder_options = arguments.options(config.decoder_options, "`decoder_options`")
        cdata.num_decoder_options = len(config.decoder_options or ())
        cdata.flags |= lib.SPDL_DECODE_STRICT if config.on_corrupt == "raise" else 0
        cdata.flags |= lib.SPDL_DECODE_REFERENCE if config.backend == "ffmpeg" else 0
    return cdata


def _plan_decode_packets(
    packets: Packets[FramesT],
    filter_desc: str | None = DEFAULT,
    decode_config: DecodeConfig | None = None,
    *,
    num_frames: int = -1,
) -> Operation[FramesT]:
    """Decode packets into frames.

    Packets stay usable: decoding consumes nothing. Frames outside of the packets' window are
    dropped before the filter graph; of samples, the window is exact to the sample.

    >>> packets = spdl.io.demux_video("sample.mp4", timestamp=(0, 0.2))
    >>> spdl.io.decode_packets(packets).pix_fmt
    'rgb24'
    >>> frames = spdl.io.decode_packets(packets, filter_desc="hflip,format=pix_fmts=gray")
    >>> frames
    VideoFrames<num_frames=5, pixel_format="gray", num_planes=1, width=160, height=120, \
timestamp=[0.000, 0.160]>

    Parameters
    ----------
    packets : AudioPackets, VideoPackets or ImagePackets
    filter_desc : str or None
        A chain of filters, as `get_filter_desc` makes it and that is the default: samples become
        fltp, pictures rgb24. None decodes to the format of the stream itself.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    num_frames : int
        Stop once this number of frames (of audio: blocks of samples) came out; -1: all.

    Returns
    -------
    AudioFrames, VideoFrames or ImageFrames
        Empty if the window is.

    Raises
    ------
    TypeError
        If `packets` is of another type.
    FilterError, OptionError, UnsupportedError, CorruptError, LimitError, DeadlineError
    """
    if not isinstance(packets, Packets):
        raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")
    wanted = integer(num_frames, "`num_frames`", -1, 2**63 - 1)
    if wanted == 0:
        raise ValueError("`num_frames` must be -1 or above 0, not 0.")
    arguments = Arguments()
    options = decode_struct(decode_config, filter_desc, arguments)
    options.num_frames = max(0, wanted)
    return Operation(
        "spdl_packets_decode",
        (packets._pointer, options),
        packets._frames._wrap,
        keep=(arguments,),
        subject=packets,
        is_short=lambda: (
            isinstance(packets, ImagePackets) and (filter_desc is None or filter_desc == DEFAULT)
        ),
    )


decode_packets = blocking(_plan_decode_packets)
async_decode_packets = awaitable(_plan_decode_packets)
