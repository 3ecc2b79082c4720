# SPDX-License-Identifier: BSD-2-Clause
"""Chunks: packets of some streams that follow each other in a source."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from fractions import Fraction

from spdl._native.arguments import integer, struct
from spdl._native.handle import Handle, made_by
from spdl._native.library import CData, lib

from ._window import Bound, exact
from .packets import AudioPackets, VideoPackets

_INT32_MAX = 2**31 - 1


class Chunk(Handle):
    """What one read of a demuxer gives."""

    __slots__ = ()

    _noun = "spdl_chunk"

    def by_stream(self) -> dict[int, AudioPackets | VideoPackets]:
        """Packets by the index of their stream."""
        return dict(self._get_packets(i) for i in range(self._get_info().num_streams))

    def _get_packets(self, position: int) -> tuple[int, AudioPackets | VideoPackets]:
        owned = made_by(lib.spdl_chunk_get_packets, "spdl_packets", self._pointer, position)
        packets = AudioPackets._wrap(owned)
        info = packets._get_info()
        if info.media == lib.SPDL_MEDIA_AUDIO:
            return info.stream_index, packets
        return info.stream_index, VideoPackets._wrap(owned)


def chunk_struct(duration: Bound, num_packets: int) -> CData:
    """The `spdl_read_options` of the public arguments. Exactly one of both is above 0."""
    count = integer(num_packets, "`num_packets`", -1, 2**63 - 1)
    seconds = exact(duration, "`duration`")
    if (seconds > 0) == (count > 0):
        raise ValueError("Give either `duration` or `num_packets`, above 0.")
    options = struct("spdl_read_options")
    options.num_packets = max(0, count)
    if seconds > 0:
        # Infinite: longer than any source.
        whole = seconds if isinstance(seconds, Fraction) else Fraction(_INT32_MAX)
        options.duration.num, options.duration.den = whole.numerator, whole.denominator
    return options


def stream_indices(indices: int | Iterable[int] | None) -> tuple[list[int], bool]:
    """Indices of streams, each once, and whether a single one is meant."""
    if indices is None:
        return [0], True
    if isinstance(indices, (str, bytes, Mapping)):
        raise TypeError(f"`indices` must be int, not {type(indices).__name__}.")
    if not isinstance(indices, Iterable):
        return [_index(indices)], True
    wanted = list(dict.fromkeys(_index(index) for index in indices))
    if not wanted:
        raise ValueError("`indices` must not be empty.")
    return wanted, False


def _index(index: int) -> int:
    """Any number: which streams there are, the demuxer knows."""
    return max(-1, min(operator.index(index), _INT32_MAX))
