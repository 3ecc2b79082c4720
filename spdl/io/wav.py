# SPDX-License-Identifier: BSD-2-Clause
"""WAV files in memory, without a decoder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from spdl._native.arguments import Arguments, struct
from spdl._native.errors import ERRORS, CorruptError, UnsupportedError, check, new_error
from spdl._native.handle import lend
from spdl._native.library import CData, ffi, lib
from spdl._native.memory import view_of_bytes
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._window import Bound, exact, window_struct
from .buffer import CPUBuffer
from .source import BytesLike

_SHORT = 1 << 24
"""Bytes whose samples are decoded in a few milliseconds."""


class CorruptWAVError(CorruptError, ValueError):
    """The data is no WAV, damaged or cut short."""


class UnsupportedWAVError(UnsupportedError, ValueError):
    """The samples are of a coding that is not read here. `load_audio` reads more."""


_ERRORS = {
    **ERRORS,
    lib.SPDL_E_CORRUPT: CorruptWAVError,
    lib.SPDL_E_UNSUPPORTED: UnsupportedWAVError,
}


@dataclass(frozen=True)
class WAVHeader:
    """What a WAV file says of itself. Made by `parse_wav`."""

    audio_format: int
    """As it is written: 1 integers, 3 floats, 6 A-law, 7 µ-law, 65534 WAVE_EXTENSIBLE."""
    num_channels: int
    sample_rate: int
    """In Hz."""
    byte_rate: int
    """Bytes per second, as it is written."""
    block_align: int
    """Bytes of one sample of all channels."""
    bits_per_sample: int
    data_size: int
    """Of the samples, in bytes, as it is written; of a file written to a pipe: what there is."""
    sub_format: int
    """Of WAVE_EXTENSIBLE: the format that its GUID says; else `audio_format`."""
    data_offset: int
    """Of the first sample, in bytes."""


def parse_wav(data: BytesLike) -> WAVHeader:
    """Read the header of a WAV file: RIFF, RF64 or BW64.

    >>> with open("sample.wav", "rb") as file:
    ...     header = spdl.io.parse_wav(file.read(4096))
    >>> header.num_channels, header.sample_rate, header.bits_per_sample, header.data_size
    (2, 48000, 16, 153600)

    Parameters
    ----------
    data : bytes, bytearray, memoryview or 1-D array of uint8
        The file, or its beginning up to the first sample.

    Raises
    ------
    TypeError
        If `data` is no buffer.
    ValueError
        If it is no buffer of bytes, or no WAV (`CorruptWAVError`, `UnsupportedWAVError`).
    """
    pinned = ffi.from_buffer("char[]", view_of_bytes(data, "parse_wav"))
    info, error = struct("spdl_wav_info"), new_error()
    check(lib.spdl_wav_parse(pinned, len(pinned), info, error), error, _ERRORS)
    fields = WAVHeader.__dataclass_fields__
    return WAVHeader(**{name: int(getattr(info, name)) for name in fields})


def _plan_load_wav(
    data: BytesLike,
    time_offset_seconds: Bound | None = None,
    duration_seconds: Bound | None = None,
) -> Operation[CPUBuffer]:
    """View the samples of a WAV file as an array. Nothing is copied where the file holds the values
    as they are.

    | samples                     | dtype            |                                           |
    |-----------------------------|------------------|-------------------------------------------|
    | 8-bit                       | uint8            | in place                                  |
    | 16, 32-bit                  | int16, int32     | in place                                  |
    | 32, 64-bit float            | float32, float64 | in place                                  |
    | 24-bit                      | int32            | copied, the value times 256, as in FFmpeg |
    | A-law, µ-law                | int16            | decoded                                   |

    >>> with open("sample.wav", "rb") as file:
    ...     data = file.read()
    >>> buffer = spdl.io.load_wav(data, time_offset_seconds=0.5, duration_seconds=0.1)
    >>> buffer.shape, buffer.dtype, buffer.sample_rate, buffer.pts
    ((4800, 2), dtype('int16'), 48000, [0.5])

    Parameters
    ----------
    data : bytes, bytearray, memoryview or 1-D array of uint8
        The whole file.
    time_offset_seconds : float, optional
        Where to begin. Sample k is at k / sample_rate seconds; the first one at or after this time
        is the first of the result.
    duration_seconds : float, optional
        How much to take, as far as there is that much.

    Returns
    -------
    CPUBuffer
        Of shape (samples, channels). In place, it keeps `data` alive, and arrays made of it are
        writable if `data` is.

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    ValueError
        If the data is no WAV or cut short (`CorruptWAVError`), of another coding
        (`UnsupportedWAVError`), or no buffer of bytes; if a time is NaN or negative, or the offset
        is at or after the end.
    LimitError, DeadlineError
    """
    view = view_of_bytes(data, "load_wav")
    is_short = view.nbytes < _SHORT
    arguments = Arguments()
    window = _window_struct(time_offset_seconds, duration_seconds, arguments)
    memory = arguments.keep(lend(view, writable=not view.readonly))
    assert memory.pointer is not None
    return Operation(
        "spdl_wav_load",
        (memory.pointer, window),
        CPUBuffer._wrap,
        keep=(arguments,),
        is_short=lambda: is_short,
        errors=_ERRORS,
    )


def _window_struct(offset: Bound | None, duration: Bound | None, arguments: Arguments) -> CData:
    start = None if offset is None else _seconds(offset, "time_offset_seconds")
    if start == math.inf:
        raise ValueError("`time_offset_seconds` must be before the end of the data, not infinite.")
    end = math.inf if duration is None else _seconds(duration, "duration_seconds")
    if start is not None and end != math.inf:
        end = Fraction(start) + Fraction(end)
    return window_struct((-math.inf if start is None else start, end), arguments)


def _seconds(time: Bound, name: str) -> Fraction | float:
    """A time as a fraction, or infinity."""
    try:
        seconds = exact(time)
    except (TypeError, ValueError) as error:
        raise type(error)(f"`{name}` must be a number of seconds, not {time!r}.") from None
    if seconds < 0:
        raise ValueError(f"`{name}` must not be negative: {time!r}.")
    return seconds


load_wav = blocking(_plan_load_wav)
async_load_wav = awaitable(_plan_load_wav)
