# SPDX-License-Identifier: BSD-2-Clause
"""Demuxing: source to packets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from spdl._native.arguments import Arguments, check_options, integer
from spdl._native.library import NULL, CData, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._window import Window, window_struct
from .packets import AudioPackets, ImagePackets, Packets, VideoPackets
from .source import SourceLike, open_source

P = TypeVar("P", bound=Packets[Any])


@dataclass(frozen=True)
class DemuxConfig:
    """How to open a source. Made by `demux_config`."""

    format: str | None
    format_options: Mapping[str, str] | None
    buffer_size: int
    allow_nested: bool


def demux_config(
    format: str | None = None,  # noqa: A002 (FFmpeg's word)
    format_options: Mapping[str, str] | None = None,
    buffer_size: int = 65536,
    *,
    allow_nested: bool = False,
) -> DemuxConfig:
    """Say how to open a source.

    Parameters
    ----------
    format : str, optional
        FFmpeg's name of the demuxer, instead of looking at the data.
    format_options : dict, optional
        Options of the demuxer, as strings.
    buffer_size : int
        Bytes per read of the source.
    allow_nested : bool
        Let playlists and references (hls, concat, ...) open other sources. Only for input that you
        trust.

    Raises
    ------
    TypeError, ValueError
        If `buffer_size` is not above 0, or 2**31 or more; if an option is no string.
    """
    size = integer(buffer_size, "`buffer_size`", 1, 2**31 - 1)
    check_options(format_options, "`format_options`")
    return DemuxConfig(format, format_options, size, allow_nested)


def demux_struct(config: DemuxConfig | None, arguments: Arguments) -> CData:
    """The `spdl_demux_options` of a config; NULL for None."""
    if config is None:
        return NULL
    if not isinstance(config, DemuxConfig):
        raise TypeError(f"`demux_config` must come from demux_config(), not {config!r}.")
    cdata = arguments.struct("spdl_demux_options")
    cdata.flags = lib.SPDL_DEMUX_ALLOW_NESTED if config.allow_nested else 0
    cdata.format = arguments.text(config.format, "`format`")
    cdata.format_options = arguments.options(config.format_options, "`format_options`")
    cdata.num_format_options = len(config.format_options or ())
    cdata.buffer_size = config.buffer_size
    return cdata


def _demux(
    cls: type[P],
    media: int,
    src: SourceLike,
    window: Window | None,
    config: DemuxConfig | None,
    bsf: str | None,
    name: str | None,
) -> Operation[P]:
    arguments = Arguments()
    source = open_source(src, name)
    cut = window_struct(window, arguments)
    # Without a filter there is one argument less.
    desc = () if bsf is None else (arguments.text(bsf, "`bsf`"),)
    return source._operation(
        "spdl_source_demux" if bsf is None else "spdl_source_demux_bsf",
        (media, cut, *desc, demux_struct(config, arguments)),
        cls._wrap,
        arguments,
        is_short=lambda: (
            cls is ImagePackets and not (config and config.allow_nested) and source.is_bounded
        ),
    )


def _plan_demux_audio(
    src: SourceLike,
    *,
    timestamp: Window | None = None,
    demux_config: DemuxConfig | None = None,
    bsf: str | None = None,
    name: str | None = None,
) -> Operation[AudioPackets]:
    """Read the packets of the best audio stream.

    >>> packets = spdl.io.demux_audio("sample.mp4", timestamp=(0.25, "3/4"))
    >>> packets.sample_rate, packets.timestamp
    (44100, (0.25, 0.75))

    Parameters
    ----------
    src : path, URL, buffer of uint8 or binary file
        A str with "://" is a URL, any other str a local file. Buffers are read in place, files
        with `read` in blocks.
    timestamp : (start, end), optional
        Read for the half-open window [start, end) in seconds of the source's own clock. Bounds are
        numbers, fractions, decimals or their text; infinite means no bound.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    bsf : str, optional
        A bitstream filter for the packets, as in `apply_bsf`.
    name : str, optional
        What messages call the source.

    Returns
    -------
    AudioPackets
        With no packets if nothing is in the window.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    NotFoundError, SPDLIOError, NoStreamError, CorruptError, UnsupportedError, OptionError
    LimitError, DeadlineError, BusyError
    """
    return _demux(AudioPackets, lib.SPDL_MEDIA_AUDIO, src, timestamp, demux_config, bsf, name)


def _plan_demux_video(
    src: SourceLike,
    *,
    timestamp: Window | None = None,
    demux_config: DemuxConfig | None = None,
    bsf: str | None = None,
    name: str | None = None,
) -> Operation[VideoPackets]:
    """Read the packets of the best video stream. Arguments and errors: `demux_audio`.

    >>> packets = spdl.io.demux_video("sample.mp4", timestamp=(0, 0.2))
    >>> packets.codec.name, packets.frame_rate, len(packets)
    ('h264', (25, 1), 5)

    Returns
    -------
    VideoPackets
        From the key frame before the window on; decoding drops what comes before it.
    """
    return _demux(VideoPackets, lib.SPDL_MEDIA_VIDEO, src, timestamp, demux_config, bsf, name)


def _plan_demux_image(
    src: SourceLike,
    *,
    demux_config: DemuxConfig | None = None,
    bsf: str | None = None,
    name: str | None = None,
) -> Operation[ImagePackets]:
    """Read an image, or the first frame of a video or animation. Arguments and errors:
    `demux_audio`.

    >>> with open("sample.jpg", "rb") as file:
    ...     packets = spdl.io.demux_image(file.read(), name="a picture")
    >>> packets.width, packets.height, packets.pix_fmt
    (160, 120, 'yuvj420p')

    Returns
    -------
    ImagePackets
    """
    return _demux(ImagePackets, lib.SPDL_MEDIA_IMAGE, src, None, demux_config, bsf, name)


demux_audio = blocking(_plan_demux_audio)
async_demux_audio = awaitable(_plan_demux_audio)
demux_video = blocking(_plan_demux_video)
async_demux_video = awaitable(_plan_demux_video)
demux_image = blocking(_plan_demux_image)
async_demux_image = awaitable(_plan_demux_image)
