# SPDX-License-Identifier: BSD-2-Clause
"""Images: an array to a file in one operation."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spdl._native.arguments import Arguments, check_options, integer
from spdl._native.library import CData, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._array import as_numpy
from .encode import set_colors, set_quality
from .muxer import destination
from .reference import refer_to_image

_INT_MAX = 2**31 - 1


@dataclass(frozen=True)
class EncodeConfig:
    """How `encode_image` encodes. Made by `encode_config`."""

    muxer: str | None
    muxer_options: Mapping[str, str] | None
    encoder: str | None
    encoder_options: Mapping[str, str] | None
    format: str | None
    width: int
    height: int
    scale_algo: str | None
    filter_desc: str | None
    bit_rate: int
    compression_level: int
    qscale: int
    gop_size: int
    max_bframes: int


def encode_config(
    muxer: str | None = None,
    muxer_options: Mapping[str, str] | None = None,
    encoder: str | None = None,
    encoder_options: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002 (FFmpeg's word)
    width: int = -1,
    height: int = -1,
    scale_algo: str | None = None,
    filter_desc: str | None = None,
    bit_rate: int = -1,
    compression_level: int = -1,
    qscale: int = -1,
    gop_size: int = -1,
    max_bframes: int = -1,
) -> EncodeConfig:
    """Say how `encode_image` encodes.

    Parameters
    ----------
    muxer, encoder : str, optional
        FFmpeg's names, instead of those for the extension.
    muxer_options, encoder_options : dict, optional
        Their options, as strings.
    format : str, optional
        Pixel format that is encoded; by default the encoder's first.
    width, height : int
        Size that is encoded, in pixels; -1: that of the data.
    scale_algo : str, optional
        Algorithm of FFmpeg's scaler.
    filter_desc : str, optional
        A chain of filters, put before those that scale and change the format.
    bit_rate, compression_level, qscale, gop_size, max_bframes : int
        As in `video_encode_config`; -1: the encoder's default.
    """
    check_options(muxer_options, "`muxer_options`")
    check_options(encoder_options, "`encoder_options`")
    return EncodeConfig(
        muxer,
        muxer_options,
        encoder,
        encoder_options,
        format,
        width,
        height,
        scale_algo,
        filter_desc,
        bit_rate,
        compression_level,
        qscale,
        gop_size,
        max_bframes,
    )


def _plan_save_image(
    path: str | os.PathLike[str],
    data: Any,
    pix_fmt: str = "rgb24",
    *,
    bit_rate: int = -1,
    compression_level: int = -1,
    qscale: int = -1,
    gop_size: int = -1,
    max_b_frames: int = -1,
    colorspace: str | None = None,
    color_primaries: str | None = None,
    color_trc: str | None = None,
) -> Operation[None]:
    """Save a picture as it is. The file's kind is that of the extension; nothing is converted.

    >>> import numpy as np
    >>> picture = np.zeros((120, 160, 3), np.uint8)
    >>> spdl.io.save_image("black.png", picture)
    >>> spdl.io.load_image("black.png").shape
    (120, 160, 3)

    Parameters
    ----------
    path : path or URL
        A file that exists is replaced.
    data : array
        In CPU memory: (H, W, 3) uint8 for "rgb24" and "bgr24", (H, W, 4) for "rgba", (H, W) for
        "gray" and "gray8", (3, H, W) for "yuv444p"; (H, W) uint16 for "gray16", "gray16le" and
        "gray16be".
    pix_fmt : str
        One of these. It must be one that the encoder takes, too.
    bit_rate, compression_level, qscale, gop_size, max_b_frames, colorspace, color_primaries, \
color_trc : optional
        As in `video_encode_config`.

    Raises
    ------
    InvalidError
        If the array does not fit the format. It is a ValueError.
    UnsupportedError
        If the extension is unknown, or the encoder does not take the format; the message lists what
        it takes.
    NotFoundError, SPDLIOError
        If the file cannot be written.
    """
    arguments = Arguments()
    encode = _encode_struct(arguments)
    set_quality(
        encode,
        bit_rate=bit_rate,
        compression_level=compression_level,
        qscale=qscale,
        gop_size=gop_size,
        max_b_frames=max_b_frames,
    )
    set_colors(encode, colorspace, color_primaries, color_trc, arguments)
    options = arguments.struct("spdl_save_options")
    options.encode = encode
    return _save(path, None, data, pix_fmt, options, arguments)


def _plan_encode_image(
    path: str | os.PathLike[str],
    data: Any,
    pix_fmt: str = "rgb24",
    encode_config: EncodeConfig | None = None,
) -> Operation[None]:
    """Save a picture, brought to a format that the encoder takes.

    >>> import numpy as np
    >>> picture = np.zeros((120, 160, 3), np.uint8)
    >>> config = spdl.io.encode_config(width=80, height=60, qscale=2)
    >>> spdl.io.encode_image("small.jpg", picture, encode_config=config)
    >>> spdl.io.load_image("small.jpg").shape
    (60, 80, 3)

    Parameters
    ----------
    path : path or URL
        A file that exists is replaced.
    data : array or tensor
        As in `save_image`; tensors may be in the memory of a GPU, from where they are copied.
    pix_fmt : str
        What the data is.
    encode_config : EncodeConfig, optional
        From `encode_config`.

    Raises
    ------
    InvalidError
        If the array does not fit the format.
    FilterError
        If the filters are wrong.
    UnsupportedError, OptionError, NotFoundError, SPDLIOError, LimitError, DeadlineError

    Warns
    -----
    UserWarning
        If 16-bit data is converted to the encoder's first format, since none was named.
    """
    config = _DEFAULT if encode_config is None else encode_config
    if not isinstance(config, EncodeConfig):
        raise TypeError(f"`encode_config` must come from encode_config(), not {config!r}.")
    if pix_fmt.startswith("gray16") and config.format is None:
        message = f"{pix_fmt} may lose bits; name a format in encode_config(format={pix_fmt!r})."
        warnings.warn(message, stacklevel=3)
    arguments = Arguments()
    options = arguments.struct("spdl_save_options")
    options.flags = lib.SPDL_SAVE_CONVERT
    options.muxer_options = arguments.options(config.muxer_options, "`muxer_options`")
    options.num_muxer_options = len(config.muxer_options or ())
    options.filter_desc = arguments.text(config.filter_desc, "`filter_desc`")
    options.scale_algo = arguments.text(config.scale_algo, "`scale_algo`")
    options.encode = _read_config(config, arguments)
    return _save(path, config.muxer, _to_cpu(data), pix_fmt, options, arguments)


def _encode_struct(arguments: Arguments) -> CData:
    encode = arguments.struct("spdl_encode_options")
    encode.media = lib.SPDL_MEDIA_IMAGE
    return encode


def _read_config(config: EncodeConfig, arguments: Arguments) -> CData:
    """The `spdl_encode_options` of a config."""
    encode = _encode_struct(arguments)
    encode.encoder = arguments.text(config.encoder, "`encoder`")
    encode.encoder_options = arguments.options(config.encoder_options, "`encoder_options`")
    encode.num_encoder_options = len(config.encoder_options or ())
    encode.format = arguments.text(config.format, "`format`")
    encode.width = max(0, integer(config.width, "`width`", -1, _INT_MAX))
    encode.height = max(0, integer(config.height, "`height`", -1, _INT_MAX))
    set_quality(
        encode,
        bit_rate=config.bit_rate,
        compression_level=config.compression_level,
        qscale=config.qscale,
        gop_size=config.gop_size,
        max_b_frames=config.max_bframes,
    )
    return encode


class _File:
    """What is written, for errors."""

    def __init__(self, name: str, filename: str | None) -> None:
        self._source_name = name
        self._filename = filename


def _save(
    path: str | os.PathLike[str],
    muxer: str | None,
    data: Any,
    pix_fmt: str,
    options: CData,
    arguments: Arguments,
) -> Operation[None]:
    name, options.muxer, filename = destination(path, muxer, arguments)
    picture = refer_to_image(_as_picture(data, pix_fmt), pix_fmt)
    return Operation(
        "spdl_frames_save",
        (picture._pointer, name, options),
        keep=(arguments, picture),
        subject=_File(os.fspath(path), filename),
    )


def _as_picture(data: Any, pix_fmt: str) -> Any:
    """The array, contiguous, and 16-bit values in the byte order of the format."""
    import numpy as np

    array = as_numpy(data)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        order = {"gray16be": ">u2", "gray16le": "<u2", "gray16": "=u2"}.get(pix_fmt)
        array = array if order is None else array.astype(order, copy=False)
    return np.ascontiguousarray(array)


def _to_cpu(data: Any) -> Any:
    torch = sys.modules.get("torch")
    return data.cpu() if torch is not None and isinstance(data, torch.Tensor) else data


_DEFAULT = encode_config()

save_image = blocking(_plan_save_image)
async_save_image = awaitable(_plan_save_image)
encode_image = blocking(_plan_encode_image)
async_encode_image = awaitable(_plan_encode_image)
