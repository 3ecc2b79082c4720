# SPDX-License-Identifier: BSD-2-Clause
"""Conversion: frames to one contiguous buffer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spdl._native.arguments import Arguments
from spdl._native.errors import MismatchError
from spdl._native.handle import made_by
from spdl._native.library import ffi, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .buffer import CPUBuffer
from .frames import AudioFrames, ImageFrames, VideoFrames
from .storage import CPUStorage, output_memory

_FRAMES = (AudioFrames, VideoFrames, ImageFrames)


def _plan_convert_frames(
    frames: AudioFrames
    | VideoFrames
    | ImageFrames
    | Sequence[AudioFrames]
    | Sequence[VideoFrames]
    | Sequence[ImageFrames],
    storage: CPUStorage | None = None,
    *,
    pin_memory: bool = False,
    out: Any = None,
) -> Operation[CPUBuffer]:
    """Copy frames into one contiguous buffer. The frames stay usable.

    | format                              | shape        | dtype             |
    |-------------------------------------|--------------|-------------------|
    | rgb24, bgr24, rgb48                 | (H, W, 3)    | uint8, uint16     |
    | rgba, bgra, argb, rgba64            | (H, W, 4)    | uint8, uint16     |
    | ya8, ya16, yuyv422, y210            | (H, W, 2)    | uint8, uint16     |
    | gray                                | (H, W, 1)    | uint8             |
    | gray9 ... gray16, grayf32           | (1, H, W)    | uint16, float32   |
    | yuv444p, gbrp (G, B, R)             | (3, H, W)    | uint8 ... float32 |
    | yuva444p, gbrap (G, B, R, alpha)    | (4, H, W)    | uint8 ... float32 |
    | yuv422p, yuv440p, nv16              | (1, 2 H, W)  | uint8, uint16     |
    | yuv420p, yuv411p, nv12, nv21, p010  | (1, 3H/2, W) | uint8, uint16     |
    | yuv410p                             | (1, 9H/8, W) | uint8             |
    | nv24, p410                          | (1, 3 H, W)  | uint8, uint16     |
    | u8p s16p s32p s64p fltp dblp        | (C, N)       | uint8 ... float64 |
    | u8 s16 s32 s64 flt dbl              | (N, C)       | uint8 ... float64 |

    Elements are in the machine's order of bytes, whatever that of the format. Halved chroma asks
    for even sizes.

    Video puts the number of frames in front.

    >>> frames = spdl.io.decode_packets(spdl.io.demux_image("sample.jpg"), filter_desc=None)
    >>> frames.pix_fmt, spdl.io.convert_frames(frames).shape
    ('yuvj420p', (1, 180, 160))
    >>> spdl.io.convert_frames([frames, frames]).shape
    (2, 1, 180, 160)

    Parameters
    ----------
    frames : frames, or a sequence of frames of one type
        The items of a sequence must agree in format, size, channels and number of frames. A
        sequence puts the number of items in front of the shape, also if there is one only.
    storage : CPUStorage, optional
        From `cpu_storage`: memory of at least the size of the result that takes it.
    pin_memory : bool
        Whether to make page-locked memory for the result, as `cpu_storage` does.
    out : array or buffer, optional
        Writable, C-contiguous array of the result's shape and dtype, or a row of as many bytes,
        that takes the result.

    Returns
    -------
    CPUBuffer
        On the memory of `storage` or `out`, if that is given.

    Raises
    ------
    TypeError
        If `frames` is of another type, or of several.
    ValueError
        If `out` is read-only or not contiguous, or there are several places for the result.
    MismatchError
        If items disagree, there is nothing to convert, a subsampled format has an odd size, `out`
        has another shape, dtype or size, or the storage is too small.
    BusyError
        If a buffer that is alive lies in the storage.
    UnsupportedError
        If the pixel format cannot be converted, or `pin_memory` is asked for without CUDA.
    """
    batch = not isinstance(frames, _FRAMES)
    if batch and not isinstance(frames, Iterable):
        raise TypeError(
            f"`frames` must be frames or a sequence of them, not {type(frames).__name__}."
        )
    items: list[Any] = [frames] if isinstance(frames, _FRAMES) else list(frames)
    for item in items:
        if not isinstance(item, _FRAMES) or type(item) is not type(items[0]):
            kinds = sorted({type(item).__name__ for item in items})
            raise TypeError(f"`frames` must be frames of one type, not {', '.join(kinds)}.")
    if not items:
        raise MismatchError("No frame to convert to buffer.", origin="convert")
    arguments = Arguments()
    options = arguments.struct("spdl_convert_options")
    options.flags = lib.SPDL_CONVERT_BATCH if batch else 0
    options.flags |= lib.SPDL_CONVERT_PINNED if pin_memory else 0
    options.out = output_memory(arguments, out, storage, pin_memory)
    return Operation(
        "spdl_frames_convert",
        (arguments.handles("spdl_frames", items), len(items), options),
        CPUBuffer._wrap,
        keep=(arguments,),
        is_short=lambda: True,
    )


def convert_array(vals: Any, storage: CPUStorage | None = None, *, out: Any = None) -> CPUBuffer:
    """Copy integers into a buffer. It takes no longer than the copy, and has no awaitable form.

    >>> import numpy as np
    >>> buffer = spdl.io.convert_array(np.arange(3))
    >>> buffer.shape, str(buffer.dtype)
    ((3,), 'int64')

    Parameters
    ----------
    vals : array or tensor
        One dimension, at least one value. Types other than int64 are cast, if that changes no
        value.
    storage : CPUStorage, optional
        As in `convert_frames`.
    out : array or buffer, optional
        As in `convert_frames`.

    Returns
    -------
    CPUBuffer
        (N,) int64.

    Raises
    ------
    TypeError
        If `vals` is no array.
    ValueError
        If it is empty, has another number of dimensions, or a value that is no int64.
    MismatchError, BusyError
        As `convert_frames`.
    """
    values = _integers(vals)
    arguments = Arguments()
    memory = output_memory(arguments, out, storage)
    pointer = ffi.from_buffer("int64_t[]", values)
    make = lib.spdl_buffer_from_integers
    return CPUBuffer._wrap(made_by(make, "spdl_buffer", pointer, len(values), memory))


def _integers(vals: Any) -> Any:
    """A contiguous array of int64."""
    import numpy as np

    if not (hasattr(vals, "__array_interface__") or hasattr(vals, "__array__")):
        raise TypeError(f"`vals` must be an array, not {type(vals).__name__}.")
    given = np.asarray(vals)
    if given.ndim != 1:
        raise ValueError(f"`vals` must have one dimension, not {given.ndim}.")
    if given.dtype.kind not in "iuf":
        raise TypeError(f"`vals` must hold numbers, not {given.dtype}.")
    with np.errstate(invalid="ignore"):
        values = np.ascontiguousarray(given, np.int64)
    if not np.array_equal(values, given) or np.any((values < 0) != (given < 0)):
        raise ValueError("`vals` has a value that is no int64.")
    return values


convert_frames = blocking(_plan_convert_frames)
async_convert_frames = awaitable(_plan_convert_frames)
