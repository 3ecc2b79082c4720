# SPDX-License-Identifier: BSD-2-Clause
"""Reference frames: arrays as frames, without a copy."""

from __future__ import annotations

from typing import Any, TypeVar

from spdl._native.arguments import Arguments, integer
from spdl._native.handle import lend, made_by
from spdl._native.library import CData, lib

from ._array import SAMPLES, as_numpy, check_picture, check_type, wrong
from ._frame_rate import FrameRate, set_rate
from .frames import AudioFrames, ImageFrames, VideoFrames

F = TypeVar("F", AudioFrames, VideoFrames, ImageFrames)

_INT64_MAX = 2**63 - 1
_INT_MAX = 2**31 - 1


def create_reference_audio_frame(
    array: Any, sample_fmt: str, sample_rate: int, pts: int
) -> AudioFrames:
    """Make frames of the samples in an array, for encoders and filters.

    The memory is shared, not copied: do not change it as long as the frames, or encoders and
    filters that took them, need it. It is kept alive until then.

    >>> import numpy as np
    >>> samples = np.zeros((2, 8000), np.float32)
    >>> spdl.io.create_reference_audio_frame(samples, "fltp", 16000, pts=0)
    AudioFrames<num_frames=8000, sample_format="fltp", sample_rate=16000, num_channels=2, \
timestamp=[0.000, 0.000]>

    Parameters
    ----------
    array : array
        C-contiguous, in CPU memory: (N, C) for packed formats ("s16"), (C, N) for planar ones
        ("s16p"); N samples of C channels, of the format's type.
    sample_fmt : str
        "u8", "s16", "s32", "s64", "flt", "dbl", or one of these with a "p".
    sample_rate : int
        In Hz.
    pts : int
        Time of the first sample, in ticks of 1 / `sample_rate` seconds.

    Raises
    ------
    InvalidError
        If the array does not fit the format, or is not contiguous.
    TypeError, ValueError
        If an argument is wrong in itself.
    """
    packed = sample_fmt.removesuffix("p")
    if packed not in SAMPLES:
        raise wrong(
            f"Unsupported sample format: {sample_fmt!r}; an array can be one of "
            f'{", ".join(SAMPLES)}, or of these with a "p".'
        )
    samples = as_numpy(array)
    if samples.ndim != 2 or 0 in samples.shape:
        axes = "N, C" if packed == sample_fmt else "C, N"
        raise wrong(f"Samples of format {sample_fmt} have the shape ({axes}), not {samples.shape}.")
    check_type(samples, SAMPLES[packed], sample_fmt)
    arguments = Arguments()
    layout = arguments.struct("spdl_frames_options")
    layout.media = lib.SPDL_MEDIA_AUDIO
    layout.format = arguments.text(sample_fmt, "`sample_fmt`")
    count, channels = samples.shape if packed == sample_fmt else samples.shape[::-1]
    layout.num_frames, layout.num_channels = count, integer(channels, "The channels", 1, _INT_MAX)
    layout.sample_rate = integer(sample_rate, "`sample_rate`", 1, _INT_MAX)
    layout.pts = integer(pts, "`pts`", -_INT64_MAX, _INT64_MAX)
    return _refer(AudioFrames, samples, layout)


def create_reference_video_frame(
    array: Any, pix_fmt: str, frame_rate: FrameRate, pts: int
) -> VideoFrames:
    """Make frames of the pictures in an array, for encoders and filters.

    The memory is shared, as in `create_reference_audio_frame`.

    >>> import numpy as np
    >>> pictures = np.zeros((8, 48, 64, 3), np.uint8)
    >>> frames = spdl.io.create_reference_video_frame(pictures, "rgb24", (25, 1), pts=50)
    >>> len(frames), frames.pix_fmt, frames[1].pts
    (8, 'rgb24', 2.04)

    Parameters
    ----------
    array : array
        C-contiguous, in CPU memory: (N, H, W, 3) uint8 for "rgb24" and "bgr24", (N, H, W, 4) for
        "rgba", (N, H, W) for "gray" and "gray8", (N, 3, H, W) for "yuv444p"; (N, H, W) uint16 for
        "gray16", in the byte order of the machine, and "gray16le" and "gray16be", in theirs.
    pix_fmt : str
        One of these.
    frame_rate : (int, int), int or Fraction
        Pictures per second, as numerator and denominator or as a number.
    pts : int
        Time of the first picture, in ticks of 1 / `frame_rate` seconds.

    Raises
    ------
    InvalidError
        If the array does not fit the format, or is not contiguous.
    TypeError, ValueError
        If an argument is wrong in itself.
    """
    pictures = as_numpy(array)
    size = check_picture(pictures, pix_fmt, num_leading=1)
    arguments = Arguments()
    layout = _picture_layout(size, pix_fmt, arguments)
    layout.media = lib.SPDL_MEDIA_VIDEO
    layout.num_frames = pictures.shape[0]
    set_rate(layout.frame_rate, frame_rate)
    layout.pts = integer(pts, "`pts`", -_INT64_MAX, _INT64_MAX)
    return _refer(VideoFrames, pictures, layout)


def refer_to_image(array: Any, pix_fmt: str) -> ImageFrames:
    """One picture, likewise."""
    picture = as_numpy(array)
    size = check_picture(picture, pix_fmt)
    arguments = Arguments()
    layout = _picture_layout(size, pix_fmt, arguments)
    layout.media, layout.num_frames = lib.SPDL_MEDIA_IMAGE, 1
    return _refer(ImageFrames, picture, layout)


def _picture_layout(size: tuple[int, int], pix_fmt: str, arguments: Arguments) -> CData:
    layout = arguments.struct("spdl_frames_options")
    layout.format = arguments.text("gray" if pix_fmt == "gray8" else pix_fmt, "`pix_fmt`")
    layout.width, layout.height = (integer(side, "A side", 1, _INT_MAX) for side in size)
    return layout


def _refer(cls: type[F], array: Any, layout: CData) -> F:
    memory = lend(memoryview(array.reshape(-1).view("u1")))
    pointer = memory.pointer
    assert pointer is not None
    return cls._wrap(made_by(lib.spdl_frames_from_memory, "spdl_frames", pointer, layout))
