# SPDX-License-Identifier: BSD-2-Clause
"""Conversion: frames to one contiguous buffer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spdl._native.arguments import Arguments
from spdl._native.errors import MismatchError
from spdl._native.library import lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .buffer import CPUBuffer, lend_output
from .frames import AudioFrames, ImageFrames, VideoFrames

_FRAMES = (AudioFrames, VideoFrames, ImageFrames)


def _plan_convert_frames(
    frames: AudioFrames
    | VideoFrames
    | ImageFrames
    | Sequence[AudioFrames]
    | Sequence[VideoFrames]
    | Sequence[ImageFrames],
    *,
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
    out : array or buffer, optional
        Writable, C-contiguous memory of exactly the right number of bytes that takes the result.

    Returns
    -------
    CPUBuffer
        On the memory of `out`, if that is given.

    Raises
    ------
    TypeError
        If `frames` is of another type, or of several.
    MismatchError
        If items disagree, there is nothing to convert, a subsampled format has an odd size, or
        `out` has another size.
    UnsupportedError
        If the pixel format cannot be converted.
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
    options.out = lend_output(out, arguments)
    return Operation(
        "spdl_frames_convert",
        (arguments.handles("spdl_frames", items), len(items), options),
        CPUBuffer._wrap,
        keep=(arguments,),
        is_short=lambda: True,
    )


convert_frames = blocking(_plan_convert_frames)
async_convert_frames = awaitable(_plan_convert_frames)
