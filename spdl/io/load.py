# SPDX-License-Identifier: BSD-2-Clause
"""Loading: source to buffer in one operation."""

from __future__ import annotations

from typing import Any

from spdl._native.arguments import Arguments
from spdl._native.library import lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._fit import Fit
from ._window import Window, window_struct
from .buffer import CPUBuffer
from .decode import DecodeConfig, decode_struct
from .demux import DemuxConfig, demux_struct
from .filter import (
    DEFAULT,
    FrameRate,
    get_audio_filter_desc,
    get_video_filter_desc,
    wanted_filter,
)
from .source import SourceLike, open_source
from .storage import CPUStorage, output_memory


def _load(
    media: int,
    src: SourceLike,
    window: Window | None,
    demux_config: DemuxConfig | None,
    decode_config: DecodeConfig | None,
    filter_desc: str | None,
    name: str | None,
    storage: CPUStorage | None,
    out: Any,
    fit: Fit | None = None,
    is_own_filter: bool = False,
) -> Operation[CPUBuffer]:
    arguments = Arguments()
    source = open_source(src, name)
    options = arguments.struct("spdl_load_options")
    options.demux = demux_struct(demux_config, arguments)
    if fit is not None and fit.is_sized:
        filter_desc, is_own_filter = DEFAULT, True
        fit.fill(options, arguments)
    options.decode = decode_struct(decode_config, filter_desc, arguments)
    options.window = window_struct(window, arguments)
    options.out = output_memory(arguments, out, storage)
    return source._operation(
        "spdl_source_load",
        (media, options),
        CPUBuffer._wrap,
        arguments,
        is_short=lambda: (
            media == lib.SPDL_MEDIA_IMAGE
            and (is_own_filter or filter_desc is None or filter_desc == DEFAULT)
            and not (demux_config and demux_config.allow_nested)
            and source.is_bounded
        ),
    )


def _plan_load_audio(
    src: SourceLike,
    timestamp: Window | None = None,
    *,
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    sample_rate: int | None = None,
    num_channels: int | None = None,
    sample_fmt: str | None = "fltp",
    num_frames: int | None = None,
    name: str | None = None,
    storage: CPUStorage | None = None,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load the samples of the best audio stream: demux, decode, convert.

    >>> buffer = spdl.io.load_audio("sample.mp4", (0.5, 1))
    >>> buffer.shape, str(buffer.dtype), buffer.sample_rate, buffer.pts
    ((2, 22050), 'float32', 44100, [0.5])
    >>> spdl.io.load_audio("sample.mp4", sample_rate=16000, num_channels=1, num_frames=16000).shape
    (1, 16000)

    Parameters
    ----------
    src : path, URL, buffer of uint8 or binary file
        A str with "://" is a URL, any other str a local file. Buffers are read in place, files
        with `read` in blocks.
    timestamp : (start, end), optional
        Load the half-open window [start, end) in seconds of the source's own clock, exact to the
        sample. Bounds are numbers, fractions, decimals or their text; infinite means no bound.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    filter_desc : str or None
        A chain of filters; by default the one of `get_audio_filter_desc()`, which gives float32
        samples in planes. None keeps the format of the stream.
    sample_rate, num_channels, sample_fmt, num_frames : optional
        As in `get_audio_filter_desc`, instead of a `filter_desc`.
    name : str, optional
        What messages call the source.
    storage : CPUStorage, optional
        From `cpu_storage`: memory of at least the size of the result that takes it.
    out : array or buffer, optional
        Writable, C-contiguous array of the result's shape and dtype, or a row of as many bytes,
        that takes the result.

    Returns
    -------
    CPUBuffer
        (C, N) float32: C channels, N samples in each; with another filter, as `convert_frames`
        says.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    NotFoundError, SPDLIOError, NoStreamError, CorruptError, UnsupportedError, OptionError
    FilterError, MismatchError, LimitError, DeadlineError, BusyError
    """
    desc, _ = wanted_filter(
        get_audio_filter_desc,
        filter_desc,
        sample_rate=sample_rate,
        num_channels=num_channels,
        sample_fmt=sample_fmt,
        num_frames=num_frames,
    )
    media = lib.SPDL_MEDIA_AUDIO
    return _load(media, src, timestamp, demux_config, decode_config, desc, name, storage, out)


def _plan_load_video(
    src: SourceLike,
    timestamp: Window | None = None,
    *,
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    width: int | None = None,
    height: int | None = None,
    scale_mode: str | None = "pad",
    frame_rate: FrameRate | None = None,
    num_frames: int | None = None,
    pix_fmt: str | None = "rgb24",
    name: str | None = None,
    storage: CPUStorage | None = None,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load the frames of the best video stream: demux, decode, convert.

    Arguments and errors are those of `load_audio`; the default filter is that of
    `get_video_filter_desc()`, which gives rgb24.

    >>> spdl.io.load_video("sample.mp4", (0, 0.2)).shape
    (5, 120, 160, 3)
    >>> spdl.io.load_video("sample.mp4", width=64, height=64, frame_rate=10, num_frames=8).shape
    (8, 64, 64, 3)

    Parameters
    ----------
    width, height, scale_mode, frame_rate, num_frames, pix_fmt : optional
        As in `get_video_filter_desc`, instead of a `filter_desc`.

    Returns
    -------
    CPUBuffer
        (N, H, W, 3) uint8; with another filter, as `convert_frames` says.
    """
    desc, _ = wanted_filter(
        get_video_filter_desc,
        filter_desc,
        width=width,
        height=height,
        scale_mode=scale_mode,
        frame_rate=frame_rate,
        num_frames=num_frames,
        pix_fmt=pix_fmt,
    )
    is_timed = frame_rate is not None or num_frames is not None
    fit = None if is_timed else Fit(width, height, scale_mode, pix_fmt)
    media = lib.SPDL_MEDIA_VIDEO
    return _load(media, src, timestamp, demux_config, decode_config, desc, name, storage, out, fit)


def _plan_load_image(
    src: SourceLike,
    *,
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    width: int | None = None,
    height: int | None = None,
    scale_mode: str | None = "pad",
    pix_fmt: str | None = "rgb24",
    name: str | None = None,
    storage: CPUStorage | None = None,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load an image, or the first frame of a video or animation: demux, decode, convert.

    Arguments and errors are those of `load_audio`; the default filter is that of
    `get_video_filter_desc()`, which gives rgb24.

    >>> import numpy as np
    >>> out = np.empty((120, 160, 3), np.uint8)
    >>> spdl.io.load_image("sample.jpg", out=out)
    CPUBuffer<shape=(120, 160, 3), dtype="|u1", backend="ffmpeg">
    >>> spdl.io.load_image("sample.jpg", width=64, height=64, scale_mode="crop").shape
    (64, 64, 3)

    Parameters
    ----------
    width, height, scale_mode, pix_fmt : optional
        As in `get_video_filter_desc`, instead of a `filter_desc`.

    Returns
    -------
    CPUBuffer
        (H, W, 3) uint8; with another filter, as `convert_frames` says.
    """
    desc, is_own = wanted_filter(
        get_video_filter_desc,
        filter_desc,
        width=width,
        height=height,
        scale_mode=scale_mode,
        pix_fmt=pix_fmt,
    )
    fit = Fit(width, height, scale_mode, pix_fmt)
    media = lib.SPDL_MEDIA_IMAGE
    return _load(
        media, src, None, demux_config, decode_config, desc, name, storage, out, fit, is_own
    )


load_audio = blocking(_plan_load_audio)
async_load_audio = awaitable(_plan_load_audio)
load_video = blocking(_plan_load_video)
async_load_video = awaitable(_plan_load_video)
load_image = blocking(_plan_load_image)
async_load_image = awaitable(_plan_load_image)
