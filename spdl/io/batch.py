# SPDX-License-Identifier: BSD-2-Clause
"""Batches: many images, videos or audio clips into one buffer in one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spdl._native.arguments import Arguments
from spdl._native.library import CData, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._batch import Windows, plan_batch
from ._fit import Fit
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
from .source import SourceLike
from .storage import CPUStorage, output_memory


def _set_common(
    options: Any,
    arguments: Arguments,
    demux_config: DemuxConfig | None,
    decode_config: DecodeConfig | None,
    filter_desc: str | None,
    storage: CPUStorage | None,
    pin_memory: bool,
    out: Any,
) -> None:
    options.demux = demux_struct(demux_config, arguments)
    options.decode = decode_struct(decode_config, filter_desc, arguments)
    options.flags |= lib.SPDL_BATCH_PINNED if pin_memory else 0
    options.out = output_memory(arguments, out, storage, pin_memory)


def _plan_load_image_batch(
    srcs: Sequence[SourceLike],
    *,
    width: int | None = None,
    height: int | None = None,
    scale_mode: str | None = "pad",
    pix_fmt: str | None = "rgb24",
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    storage: CPUStorage | None = None,
    strict: bool = True,
    pin_memory: bool = False,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load images into one buffer, on all workers.

    >>> srcs = ["sample.jpg", "missing.jpg", "sample.jpg"]
    >>> buffer = spdl.io.load_image_batch(srcs, width=64, height=48, strict=False)
    >>> buffer.shape, buffer.indices
    ((2, 48, 64, 3), [0, 2])
    >>> buffer.errors[0][:2], str(buffer.errors[0][2])
    ((1, 'missing.jpg'), 'Failed to open the input: missing.jpg (No such file or directory)')

    Parameters
    ----------
    srcs : sequence of paths, URLs, buffers of uint8 or files
        As in `load_image`. One may be there several times, but a file that cannot seek.
    width, height : int or None
        Each image is scaled to this size, in pixels; None keeps its own.
    scale_mode : {"pad", "crop", None}
        "pad" fits the image into the size and fills the rest with black; "crop" fills the size and
        cuts what is over; None stretches.
    pix_fmt : str or None
        Pixel format of the result; None keeps that of the files.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    filter_desc : str or None
        A chain of filters that replaces what `width`, `height`, `scale_mode` and `pix_fmt` ask for;
        None: no filter. All results must have one size and format: that of the first.
    storage : CPUStorage, optional
        From `cpu_storage`: memory of at least the size that all sources need.
    strict : bool
        Whether one item that fails makes the batch fail. If not, it is left out, and the result's
        `indices` and `errors` say what became of the sources.
    pin_memory : bool
        Whether to make page-locked memory for the result, as `cpu_storage` does.
    out : array or buffer, optional
        Writable, C-contiguous array of the shape and dtype that all sources make, or a row of as
        many bytes, that takes the result.

    Returns
    -------
    CPUBuffer
        (B, H, W, 3) uint8 for rgb24, in the order of `srcs`; for other formats, as `convert_frames`
        says.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong or `srcs` is empty.
    BatchError
        If an item failed, or with `strict=False` all of them. Its `failures` lists
        (index, source, error).
    MismatchError
        If `out` has another shape, dtype or size, or the storage is too small.
    BusyError
        If a buffer that is alive lies in the storage, or a file that cannot seek serves another
        operation.
    UnsupportedError
        If `pix_fmt` makes no array, or `pin_memory` is asked for without CUDA.
    LimitError
        If the buffer as a whole would be larger than `spdl.io.limits` allows.
    DeadlineError
        If the batch took longer than `spdl.io.limits` allows.
    """
    fit = Fit(width, height, scale_mode, pix_fmt).check()

    def set_options(options: Any, arguments: Arguments) -> None:
        if filter_desc == DEFAULT:
            fit.fill(options, arguments)
        _set_common(
            options, arguments, demux_config, decode_config, filter_desc, storage, pin_memory, out
        )

    return plan_batch(lib.SPDL_MEDIA_IMAGE, srcs, strict, set_options)


def _plan_load_video_batch(
    srcs: Sequence[SourceLike],
    *,
    timestamp: Windows | None = None,
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    width: int | None = None,
    height: int | None = None,
    scale_mode: str | None = "pad",
    frame_rate: FrameRate | None = None,
    num_frames: int | None = None,
    pix_fmt: str | None = "rgb24",
    storage: CPUStorage | None = None,
    strict: bool = True,
    pin_memory: bool = False,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load videos, or windows of videos, into one buffer, on all workers.

    Arguments and errors are those of `load_image_batch` and `load_video`. All items must have the
    shape and format of the first one that does not fail; those that differ fail with a
    `MismatchError` that names what brings them to one.

    >>> windows = [(0, 0.5), (0.5, 1)]
    >>> buffer = spdl.io.load_video_batch(["sample.mp4"] * 2, timestamp=windows, num_frames=8)
    >>> buffer.shape, [times[:2] for times in buffer.pts]
    ((2, 8, 120, 160, 3), [[0.0, 0.04], [0.52, 0.56]])

    Parameters
    ----------
    srcs : sequence of paths, URLs, buffers of uint8 or files
        One may be there several times, with different windows, but a file that cannot seek.
    timestamp : (start, end), or a sequence of them, optional
        One window for all sources, or one for each, of which None is the whole source.
    width, height, scale_mode, frame_rate, num_frames, pix_fmt : optional
        As in `get_video_filter_desc`, instead of a `filter_desc`.

    Returns
    -------
    CPUBuffer
        (B, N, H, W, 3) uint8, in the order of `srcs`; with another filter, as `convert_frames`
        says. Its `pts` and `num_corrupt` are lists with an entry for each item.
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
    fit = Fit(width, height, scale_mode, pix_fmt)
    if fit.is_sized and frame_rate is None and num_frames is None:
        desc = DEFAULT
    elif desc == DEFAULT:  # The library's own of a batch asks for no format.
        desc = get_video_filter_desc()

    def set_options(options: CData, arguments: Arguments) -> None:
        if desc == DEFAULT:
            fit.fill(options, arguments)
        _set_common(options, arguments, demux_config, decode_config, desc, storage, pin_memory, out)

    return plan_batch(lib.SPDL_MEDIA_VIDEO, srcs, strict, set_options, timestamp)


def _plan_load_audio_batch(
    srcs: Sequence[SourceLike],
    *,
    timestamp: Windows | None = None,
    demux_config: DemuxConfig | None = None,
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    sample_rate: int | None = None,
    num_channels: int | None = None,
    sample_fmt: str | None = "fltp",
    num_frames: int | None = None,
    storage: CPUStorage | None = None,
    strict: bool = True,
    pin_memory: bool = False,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Load audio clips, or windows of them, into one buffer, on all workers.

    Arguments and errors are those of `load_video_batch` and `load_audio`; all items must have one
    sample rate, too.

    >>> srcs = ["sample.mp4", "sample.wav"]
    >>> options = {"sample_rate": 16000, "num_channels": 1, "num_frames": 16000}
    >>> buffer = spdl.io.load_audio_batch(srcs, timestamp=(0.5, None), **options)
    >>> buffer.shape, buffer.sample_rate, buffer.pts
    ((2, 1, 16000), 16000, [0.5, 0.5])

    Parameters
    ----------
    timestamp : (start, end), or a sequence of them, optional
        One window for all sources, or one for each, of which None is the whole source.
    sample_rate, num_channels, sample_fmt, num_frames : optional
        As in `get_audio_filter_desc`, instead of a `filter_desc`.

    Returns
    -------
    CPUBuffer
        (B, C, N) float32, in the order of `srcs`; of a packed format (B, N, C). Its `pts` and
        `num_corrupt` have an entry for each item.
    """
    desc, _ = wanted_filter(
        get_audio_filter_desc,
        filter_desc,
        sample_rate=sample_rate,
        num_channels=num_channels,
        sample_fmt=sample_fmt,
        num_frames=num_frames,
    )

    def set_options(options: CData, arguments: Arguments) -> None:
        _set_common(options, arguments, demux_config, decode_config, desc, storage, pin_memory, out)

    return plan_batch(lib.SPDL_MEDIA_AUDIO, srcs, strict, set_options, timestamp)


load_image_batch = blocking(_plan_load_image_batch)
async_load_image_batch = awaitable(_plan_load_image_batch)
load_video_batch = blocking(_plan_load_video_batch)
async_load_video_batch = awaitable(_plan_load_video_batch)
load_audio_batch = blocking(_plan_load_audio_batch)
async_load_audio_batch = awaitable(_plan_load_audio_batch)
