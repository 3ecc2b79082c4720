# SPDX-License-Identifier: BSD-2-Clause
"""Descriptions of the sources of a filter graph."""

from __future__ import annotations

import re

from .codec import AudioCodec, ImageCodec


def get_buffer_desc(codec: ImageCodec, label: str | None = None, pix_fmt: str | None = None) -> str:
    """Describe the source of a graph that takes pictures as a codec decodes them.

    >>> spdl.io.get_buffer_desc(spdl.io.demux_image("sample.jpg").codec, label="left")
    'buffer@left=video_size=160x120:pix_fmt=yuvj420p:time_base=1/25:pixel_aspect=1/1'

    Parameters
    ----------
    codec : VideoCodec or ImageCodec
    label : str, optional
        What tells the source from others: letters, digits, "_", "-" and ".".
    pix_fmt : str, optional
        The format of the pictures, if decoding brought them to another one.

    Returns
    -------
    str
        With `frame_rate` at its end, if the codec of a video has one: filters like "fps" need it.

    Raises
    ------
    TypeError
        If `codec` is of another type.
    ValueError
        If the label is none, or the codec has no pixel format and none is given.
    """
    if not isinstance(codec, ImageCodec):
        raise TypeError(f"`codec` must be VideoCodec or ImageCodec, not {type(codec).__name__}.")
    options = [
        f"video_size={codec.width}x{codec.height}",
        f"pix_fmt={_format(pix_fmt, codec.pix_fmt, 'pix_fmt')}",
        "time_base={}/{}".format(*codec.time_base),
        "pixel_aspect={}/{}".format(*codec.sample_aspect_ratio),
    ]
    num, den = getattr(codec, "frame_rate", (0, 1))
    if num > 0:
        options.append(f"frame_rate={num}/{den}")
    return f"buffer{_suffix(label)}={':'.join(options)}"


def get_abuffer_desc(
    codec: AudioCodec, *, label: str | None = None, sample_fmt: str | None = None
) -> str:
    """Describe the source of a graph that takes samples as a codec decodes them.

    >>> spdl.io.get_abuffer_desc(spdl.io.demux_audio("sample.mp4").codec)
    'abuffer=time_base=1/44100:sample_rate=44100:sample_fmt=fltp:channel_layout=stereo'

    The clock is that of the samples. Arguments and errors are those of `get_buffer_desc`.
    """
    if not isinstance(codec, AudioCodec):
        raise TypeError(f"`codec` must be AudioCodec, not {type(codec).__name__}.")
    layout = codec.channel_layout
    if layout.endswith(" channels") and codec.num_channels <= 8:
        # Which ones is unknown; decoding takes the usual ones, and so must what follows it.
        layout = f"{codec.num_channels}c"
    options = [
        f"time_base=1/{codec.sample_rate}",
        f"sample_rate={codec.sample_rate}",
        f"sample_fmt={_format(sample_fmt, codec.sample_fmt, 'sample_fmt')}",
        f"channel_layout={layout}",
    ]
    return f"abuffer{_suffix(label)}={':'.join(options)}"


def _format(given: str | None, known: str, name: str) -> str:
    if given is not None and not isinstance(given, str):
        raise TypeError(f"`{name}` must be a str, not {type(given).__name__}.")
    if not (given or known):
        raise ValueError(f"The headers do not say the format; give it as `{name}`.")
    return given or known


def _suffix(label: str | None) -> str:
    if label is None:
        return ""
    if not isinstance(label, str):
        raise TypeError(f"`label` must be a str, not {type(label).__name__}.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", label):
        raise ValueError(f"`label` must be of letters, digits, '_', '-' and '.', not {label!r}.")
    return f"@{label}"
