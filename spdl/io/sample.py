# SPDX-License-Identifier: BSD-2-Clause
"""Sampling: some frames of a video, without decoding the others."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import SupportsIndex

from spdl._native.arguments import Arguments
from spdl._native.errors import Failure, check, from_struct, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import ffi, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from ._batch import batch_error
from .decode import DecodeConfig, decode_struct
from .filter import DEFAULT
from .frames import ImageFrames
from .packets import VideoPackets


class _Samples(Handle):
    __slots__ = ()

    _noun = "spdl_samples"

    def frames(self) -> list[ImageFrames]:
        count = self._get_info().num_frames
        return [ImageFrames._wrap(self._made(position)) for position in range(count)]

    def _made(self, position: int) -> Owned:
        return made_by(lib.spdl_samples_get_frame, "spdl_frames", self._pointer, position)

    def failures(self, source: str) -> list[Failure]:
        """(frame, source, error) of each frame that is missing."""
        found: list[Failure] = []
        for position in range(self._get_info().num_failed):
            failure, error = new_error(), new_error()
            check(lib.spdl_samples_get_failure(self._pointer, position, failure, error), error)
            found.append((failure.item, source, from_struct(failure, source, None)))
        return found


def _check_indices(indices: Sequence[SupportsIndex], count: int) -> list[int]:
    try:
        listed = [operator.index(index) for index in indices]
    except TypeError:
        raise TypeError("`indices` must be a sequence of integers.") from None
    if not listed:
        raise ValueError("Frame indices must be non-empty.")
    for index in listed:
        if not 0 <= index < count:
            raise IndexError(f"Frame index must be [0, {count}); {index} is not.")
    if len(set(listed)) != len(listed):
        raise ValueError("Frame indices must be unique.")
    if listed != sorted(listed):
        raise ValueError("Frame indices must be sorted in ascending order.")
    return listed


def _plan_sample_decode_video(
    packets: VideoPackets,
    indices: Sequence[SupportsIndex],
    decode_config: DecodeConfig | None = None,
    filter_desc: str | None = DEFAULT,
    strict: bool = True,
) -> Operation[list[ImageFrames]]:
    """Decode some frames of a video, on all workers, and of the others no more than they need.

    >>> packets = spdl.io.demux_video("sample.mp4")
    >>> frames = spdl.io.sample_decode_video(packets, [0, 10, 20])
    >>> [image.pts for image in frames]
    [0.0, 0.4, 0.8]

    Parameters
    ----------
    packets : VideoPackets
    indices : sequence of int
        Which frames: 0 is the first one of the packets' window, as time goes, `len(packets) - 1`
        the last. In ascending order, each once.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    filter_desc : str or None
        A chain of filters, through which each frame goes alone; by default it becomes rgb24. None
        keeps the format of the stream.
    strict : bool
        Whether a frame that cannot be decoded is an error. If not, it is left out.

    Returns
    -------
    list of ImageFrames
        In the order of `indices`.

    Raises
    ------
    TypeError
        If `packets` are of another kind.
    IndexError
        If there is no such frame.
    ValueError
        If `indices` is empty, not ascending, or has an index twice.
    BatchError
        If a frame could not be decoded. Its `failures` lists (index, name of the source, error).
    FilterError, OptionError, UnsupportedError, LimitError, DeadlineError
    """
    if not isinstance(packets, VideoPackets):
        raise TypeError(f"`packets` must be VideoPackets, not {type(packets).__name__}.")
    wanted = _check_indices(indices, len(packets))
    arguments = Arguments()
    options = decode_struct(decode_config, filter_desc, arguments)
    listed = arguments.keep(ffi.new("int64_t[]", wanted))

    def finish(owned: Owned) -> list[ImageFrames]:
        samples = _Samples._wrap(owned)
        failures = samples.failures(packets._source_name)
        if failures and strict:
            raise batch_error(failures, len(wanted), "decode", "frames")
        return samples.frames()

    return Operation(
        "spdl_packets_sample",
        (packets._pointer, listed, len(wanted), options),
        finish,
        keep=(arguments,),
        subject=packets,
    )


sample_decode_video = blocking(_plan_sample_decode_video)
async_sample_decode_video = awaitable(_plan_sample_decode_video)
