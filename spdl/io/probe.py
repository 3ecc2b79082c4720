# SPDX-License-Identifier: BSD-2-Clause
"""Probing: what a source says of itself and its streams, without decoding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, cast

from spdl._native.arguments import Arguments, struct
from spdl._native.errors import check, new_error
from spdl._native.handle import Owned
from spdl._native.library import CData, lib, text, texts
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .demux import DemuxConfig, demux_struct
from .demuxer import Demuxer
from .source import SourceLike, open_source

StreamKind = Literal["audio", "video", "subtitle", "data", "attachment", "unknown"]


@dataclass(frozen=True)
class StreamInfo:
    """A stream of a source, as the headers describe it. What they do not say is None."""

    index: int
    """Position in the source."""
    media: StreamKind
    codec: str
    """FFmpeg's name of the codec: "h264"."""
    profile: str | None
    """Of the codec: "High"."""
    is_default: bool
    """Whether players begin with it."""
    is_attached_picture: bool
    """Whether it is a single picture, as the cover of an album."""
    time_base: Fraction
    """Seconds per tick."""
    start_time: float | None
    """Seconds in the source's own clock."""
    duration: float | None
    """Seconds."""
    bit_rate: int | None
    """Bits per second."""
    num_frames: int | None
    """As the header says."""
    sample_fmt: str | None
    sample_rate: int | None
    """In Hz."""
    num_channels: int | None
    channel_layout: str | None
    """FFmpeg's description of the channels: "stereo"."""
    pix_fmt: str | None
    width: int | None
    """In pixels, before rotation."""
    height: int | None
    """In pixels, before rotation."""
    frame_rate: Fraction | None
    """Pictures per second."""
    sample_aspect_ratio: Fraction | None
    """Width of a pixel to its height."""
    rotation: float | None
    """Degrees by which a player turns the pictures clockwise, from 0 to less than 360. Decoding
    does not turn them."""
    color_range: str | None
    """Limited, "tv", or full, "pc"."""
    color_space: str | None
    """Matrix: "bt709"."""
    color_primaries: str | None
    color_transfer: str | None
    metadata: dict[str, str]
    """Tags such as "language"."""


@dataclass(frozen=True)
class SourceInfo:
    """A source, as its headers describe it. What they do not say is None."""

    source: str
    """Its name."""
    format: str
    """FFmpeg's name of the demuxer: "mov,mp4,m4a,3gp,3g2,mj2"."""
    description: str
    """The format's name for people: "QuickTime / MOV"."""
    start_time: float | None
    """Seconds at which the source's own clock begins: the clock of windows and timestamps."""
    duration: float | None
    """Seconds."""
    bit_rate: int | None
    """Bits per second, of all streams."""
    audio_stream: int | None
    """Index of the stream that `demux_audio` reads."""
    video_stream: int | None
    """Index of the stream that `demux_video` and `demux_image` read."""
    metadata: dict[str, str]
    """Tags such as "title"."""
    streams: tuple[StreamInfo, ...]


def _plan_probe(
    src: SourceLike, *, demux_config: DemuxConfig | None = None, name: str | None = None
) -> Operation[SourceInfo]:
    """Say what a source holds, without decoding it.

    >>> info = spdl.io.probe("sample.mp4")
    >>> info.duration, [(stream.media, stream.codec) for stream in info.streams]
    (1.2, [('audio', 'aac'), ('video', 'h264')])
    >>> video = info.streams[info.video_stream]
    >>> video.width, video.height, video.pix_fmt, video.frame_rate
    (160, 120, 'yuv420p', Fraction(25, 1))

    Formats whose headers say too little are read on for a bounded while, in which FFmpeg may open
    decoders to fill in what is missing.

    Parameters
    ----------
    src : path, URL, buffer of uint8 or file-like object
        As in `demux_audio`.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    name : str, optional
        What messages call the source.

    Returns
    -------
    SourceInfo

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    NotFoundError, SPDLIOError, CorruptError, UnsupportedError, OptionError, DeadlineError
    BusyError
    """
    arguments = Arguments()
    source = open_source(src, name)
    options = demux_struct(demux_config, arguments)
    return source._operation("spdl_demuxer_open", (options,), _describe, arguments)


def _describe(owned: Owned) -> SourceInfo:
    demuxer = Demuxer._wrap(owned)
    about: Any = demuxer._get_info()
    info: Any = struct("spdl_container_info")
    error = new_error()
    check(lib.spdl_demuxer_get_container(demuxer._pointer, info, error), error)
    described = SourceInfo(
        source=text(about.source),
        format=text(info.format),
        description=text(info.description),
        start_time=_seconds(info, "start_time", lib.SPDL_KNOWN_START_TIME),
        duration=_seconds(info, "duration", lib.SPDL_KNOWN_DURATION),
        bit_rate=info.bit_rate or None,
        audio_stream=about.audio_stream if about.audio_stream >= 0 else None,
        video_stream=about.video_stream if about.video_stream >= 0 else None,
        metadata=texts(info.metadata, info.num_metadata),
        streams=tuple(_stream(demuxer, index) for index in range(info.num_streams)),
    )
    demuxer.close()
    return described


_KINDS: dict[int, StreamKind] = {
    lib.SPDL_STREAM_AUDIO: "audio",
    lib.SPDL_STREAM_VIDEO: "video",
    lib.SPDL_STREAM_SUBTITLE: "subtitle",
    lib.SPDL_STREAM_DATA: "data",
    lib.SPDL_STREAM_ATTACHMENT: "attachment",
}


def _stream(demuxer: Demuxer, index: int) -> StreamInfo:
    info: Any = struct("spdl_stream_info")
    error = new_error()
    check(lib.spdl_demuxer_get_stream(demuxer._pointer, index, info, error), error)
    media = _KINDS.get(info.kind, "unknown")
    return StreamInfo(
        index=index,
        media=media,
        codec=text(info.codec),
        profile=_known(info.profile),
        is_default=bool(info.disposition & lib.SPDL_DISPOSITION_DEFAULT),
        is_attached_picture=bool(info.disposition & lib.SPDL_DISPOSITION_ATTACHED_PICTURE),
        time_base=Fraction(info.time_base.num, info.time_base.den),
        start_time=_seconds(info, "start_time", lib.SPDL_KNOWN_START_TIME),
        duration=_seconds(info, "duration", lib.SPDL_KNOWN_DURATION),
        bit_rate=info.bit_rate or None,
        num_frames=info.num_frames or None,
        sample_fmt=_known(info.format) if media == "audio" else None,
        sample_rate=info.sample_rate or None,
        num_channels=info.num_channels or None,
        channel_layout=_known(info.channel_layout),
        pix_fmt=_known(info.format) if media == "video" else None,
        width=info.width or None,
        height=info.height or None,
        frame_rate=_ratio(info.frame_rate),
        sample_aspect_ratio=_ratio(info.sample_aspect_ratio),
        rotation=float(info.rotation) if media == "video" else None,
        color_range=_known(info.color_range),
        color_space=_known(info.color_space),
        color_primaries=_known(info.color_primaries),
        color_transfer=_known(info.color_transfer),
        metadata=texts(info.metadata, info.num_metadata),
    )


def _known(chars: CData) -> str | None:
    # What does not belong to the kind is NULL.
    return (text(chars) or None) if chars else None


def _ratio(ratio: Any) -> Fraction | None:
    return Fraction(ratio.num, ratio.den) if ratio.num and ratio.den else None


def _seconds(info: Any, name: str, flag: int) -> float | None:
    ratio = getattr(info, name)
    return cast(float, ratio.num / ratio.den) if info.known & flag else None


probe = blocking(_plan_probe)
async_probe = awaitable(_plan_probe)
