# SPDX-License-Identifier: BSD-2-Clause
"""Descriptions of filter graphs: chains of FFmpeg's filters as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from spdl._native.arguments import Arguments, integer
from spdl._native.library import CData, lib
from spdl._native.limits import check_pixels

from ._frame_rate import FrameRate as FrameRate
from ._frame_rate import read_rate
from ._window import Window, bounds
from .packets import AudioPackets, ImagePackets, VideoPackets

DEFAULT: Final = "<default>"
"""Stands for the description that `get_filter_desc` gives for the packets at hand."""

_DEFAULTS = {"sample_fmt": "fltp", "pix_fmt": "rgb24", "scale_mode": "pad"}
"""Of the arguments that stand for a filter; None for the others."""


def get_audio_filter_desc(
    *,
    sample_rate: int | None = None,
    num_channels: int | None = None,
    sample_fmt: str | None = "fltp",
    timestamp: Window | None = None,
    num_frames: int | None = None,
    filter_desc: str | None = None,
) -> str | None:
    """Describe a filter graph for samples.

    >>> get_audio_filter_desc(sample_rate=16000, num_channels=1)
    'aformat=channel_layouts=1c,aresample=16000,aformat=sample_fmts=fltp'

    Parameters
    ----------
    sample_rate : int, optional
        Resample to this rate, in Hz.
    num_channels : int, optional
        Mix to this number of channels.
    sample_fmt : str or None
        Sample format of the result; None leaves it to the filters.
    timestamp : (start, end), optional
        Cut with `atrim`, to the microsecond. Windows given to demuxing are cut exactly and need
        no filter.
    num_frames : int, optional
        Pad with silence or cut, to this number of samples per channel.
    filter_desc : str, optional
        More filters, put before the change of the format.

    Returns
    -------
    str or None
        None if there is nothing to do.
    """
    _check_numbers(sample_rate=sample_rate, num_channels=num_channels, num_frames=num_frames)
    parts = [
        num_channels is not None and f"aformat=channel_layouts={num_channels}c",
        sample_rate is not None and f"aresample={sample_rate}",
        _trim("atrim", timestamp),
        num_frames is not None and f"apad,atrim=end_sample={num_frames}",
        filter_desc,
        sample_fmt is not None and f"aformat=sample_fmts={sample_fmt}",
    ]
    return ",".join(part for part in parts if part) or None


def get_video_filter_desc(
    *,
    frame_rate: FrameRate | None = None,
    timestamp: Window | None = None,
    width: int | None = None,
    height: int | None = None,
    scale_width: int | None = None,
    scale_height: int | None = None,
    scale_algo: str = "bicubic",
    scale_mode: str | None = "pad",
    crop_width: int | None = None,
    crop_height: int | None = None,
    num_frames: int | None = None,
    pad_mode: str | None = None,
    pix_fmt: str | None = "rgb24",
    filter_desc: str | None = None,
) -> str | None:
    """Describe a filter graph for pictures.

    >>> get_video_filter_desc(width=256, height=256, scale_mode="crop")
    'scale=w=256:h=256:flags=bicubic:force_original_aspect_ratio=increase,crop=w=256:h=256,format=pix_fmts=rgb24'

    Parameters
    ----------
    frame_rate : (int, int), int or Fraction, optional
        Frames per second, as numerator and denominator or as a number: frames are repeated or
        dropped.
    timestamp : (start, end), optional
        Cut with `trim`, to the microsecond. Windows given to demuxing are cut exactly and need no
        filter.
    width, height : int, optional
        Scale to this size, in pixels. If one alone is given, the other follows it in mode "pad",
        so that the picture keeps its shape, and stays as it is in the other modes. `scale_width`
        and `scale_height` are other names for them.
    scale_algo : str
        Scaling algorithm of FFmpeg: "bicubic", "bilinear", "area", ...
    scale_mode : {"pad", "crop", None}
        "pad" fits the picture into the size and fills the rest with `pad_mode`; "crop" fills the
        size and cuts what is over; None stretches.
    crop_width, crop_height : int, optional
        Cut out the middle, in pixels, after scaling; of one alone, the other stays.
    num_frames : int, optional
        Repeat the last frame (or add frames of colour `pad_mode`) or cut, to this number.
    pad_mode : str, optional
        A colour: "black", "#336699".
    pix_fmt : str or None
        Pixel format of the result; None leaves it to the filters.
    filter_desc : str, optional
        More filters, put before the change of the format.

    Returns
    -------
    str or None
        None if there is nothing to do.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of its range, `scale_mode` is unknown, or a size is given under
        both names.
    """
    _check_numbers(width=width, height=height, scale_width=scale_width, scale_height=scale_height)
    _check_numbers(crop_width=crop_width, crop_height=crop_height, num_frames=num_frames)
    size = _one_of("width", width, scale_width), _one_of("height", height, scale_height)
    parts = [
        frame_rate is not None and "fps={}/{}".format(*read_rate(frame_rate)),
        _trim("trim", timestamp),
        _scale(*size, scale_algo, scale_mode, pad_mode or "black"),
        (crop_width or crop_height) and _crop(crop_width, crop_height),
        num_frames is not None and f"{_repeat(pad_mode)},trim=end_frame={num_frames}",
        filter_desc,
        pix_fmt is not None and f"format=pix_fmts={pix_fmt}",
    ]
    return ",".join(part for part in parts if part) or None


def get_filter_desc(
    packets: AudioPackets | VideoPackets | ImagePackets, **filter_args: Any
) -> str | None:
    """Describe a filter graph for packets: `get_audio_filter_desc` or `get_video_filter_desc`.

    A window of the packets needs no filter, since decoding cuts it before the graph.

    Raises
    ------
    TypeError
        If `packets` is of another type.
    """
    if isinstance(packets, AudioPackets):
        return get_audio_filter_desc(**filter_args)
    if isinstance(packets, (VideoPackets, ImagePackets)):
        return get_video_filter_desc(**filter_args)
    raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")


def wanted_filter(
    build: Callable[..., str | None], filter_desc: str | None, **wanted: Any
) -> tuple[str | None, bool]:
    """The description of what is wanted by name, and whether it was made here.

    Raises
    ------
    ValueError
        If there is a description besides.
    LimitError
        If the size that is wanted is over `spdl.io.limits`.
    """
    given = {name: value for name, value in wanted.items() if value != _DEFAULTS.get(name)}
    if not given:
        return filter_desc, False
    if filter_desc != DEFAULT:
        names = ", ".join(f"`{name}`" for name in given)
        raise ValueError(f"Give either `filter_desc` or {names}: a description has it all.")
    desc = build(**wanted)
    if wanted.get("width") is not None and wanted.get("height") is not None:
        check_pixels(wanted["width"], wanted["height"])
    return desc, True


def set_filter(cdata: CData, filter_desc: str | None, arguments: Arguments) -> None:
    """Put a `filter_desc` of the public functions into `spdl_decode_options`."""
    if filter_desc is None:
        cdata.filter = lib.SPDL_FILTER_NONE
    elif filter_desc != DEFAULT:
        cdata.filter = lib.SPDL_FILTER_CUSTOM
        cdata.filter_desc = arguments.text(filter_desc, "`filter_desc`")


def _check_numbers(**values: int | None) -> None:
    """Each is None, or an integer above 0."""
    for name, value in values.items():
        if value is not None:
            integer(value, f"`{name}`", 1, 2**31 - 1)


def _one_of(name: str, value: int | None, scale_value: int | None) -> int | None:
    if value is not None and scale_value is not None:
        raise ValueError(f"Give either `{name}` or `scale_{name}`, not both.")
    return value if value is not None else scale_value


def _scale(
    width: int | None, height: int | None, algo: str, mode: str | None, color: str
) -> str | None:
    if mode not in ("pad", "crop", None):
        raise ValueError(f'Unexpected `scale_mode` value ({mode}): it is "pad", "crop" or None.')
    if width is None and height is None:
        return None
    size = f"w={width or 0}:h={height or 0}"
    scale = f"scale={size}:flags={algo}"
    if mode == "pad":
        pad = f"pad={size}:x=-1:y=-1:color={color}"
        return f"{scale}:force_original_aspect_ratio=decrease,{pad}"
    if mode == "crop":
        return f"{scale}:force_original_aspect_ratio=increase,{_crop(width, height)}"
    return scale


def _crop(width: int | None, height: int | None) -> str:
    # FFmpeg's crop takes no 0 for "as it is".
    return f"crop=w={width or 'iw'}:h={height or 'ih'}"


def _repeat(pad_mode: str | None) -> str:
    mode = f"add:color={pad_mode}" if pad_mode else "clone"
    return f"tpad=stop=-1:stop_mode={mode}"


def _trim(name: str, window: Window | None) -> str | None:
    if window is None:
        return None
    named = zip(("start", "end"), bounds(window), strict=True)
    options = [f"{key}={_seconds(bound)}" for key, bound in named if not math.isinf(bound)]
    return f"{name}={':'.join(options)}" if options else None


def _seconds(bound: Fraction | float) -> str:
    """Decimal text: FFmpeg reads neither fractions nor exponents in times, and 6 digits at most."""
    text = f"{float(bound):.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
