# SPDX-License-Identifier: BSD-2-Clause
"""Batches: many images into one buffer in one operation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spdl._native.arguments import Arguments, integer
from spdl._native.errors import BatchError, Failure, check, from_struct, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import ffi, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .buffer import CPUBuffer
from .decode import DecodeConfig, decode_struct
from .demux import DemuxConfig, demux_struct
from .filter import DEFAULT
from .source import Source, SourceLike, open_source
from .storage import CPUStorage, output_memory

_NUM_NAMED = 3
"""How many failures a message tells of."""


class _Batch(Handle):
    __slots__ = ()

    _noun = "spdl_batch"

    def failures(self, srcs: Sequence[object], sources: Sequence[Source]) -> list[Failure]:
        """(index, source as given, error) of each image that is missing."""
        found: list[Failure] = []
        for nth in range(self._get_info().num_failed):
            failure, error = new_error(), new_error()
            check(lib.spdl_batch_get_failure(self._pointer, nth, failure, error), error)
            source = sources[failure.item]
            reason = from_struct(failure, source._source_name, source._filename)
            for feeder in source._feeders:
                reason.__cause__ = feeder.error
            found.append((failure.item, srcs[failure.item], reason))
        return found

    def buffer(self) -> CPUBuffer:
        """The images that were loaded; there must be one."""
        buffer = CPUBuffer._wrap(made_by(lib.spdl_batch_get_buffer, "spdl_buffer", self._pointer))
        info = self._get_info()
        buffer.indices = ffi.unpack(info.indices, info.num_loaded)
        return buffer


def batch_error(failures: list[Failure], num_items: int, work: str, items: str) -> BatchError:
    """What a strict operation raises for its failures: "Failed to {work} some {items}." """
    all_failed = len(failures) == num_items
    head = f"Failed to {work} {'all the' if all_failed else 'some'} {items}."
    named = [f"[{index}] {error}" for index, _, error in failures[:_NUM_NAMED]]
    rest = len(failures) - len(named)
    more = [f"and {rest} more"] if rest else []
    message = f"{head} {len(failures)} of {num_items}: {'; '.join(named + more)}"
    first = failures[0][2]
    return BatchError(message, failures=failures, origin=first.origin, source=first.source)


def _check_srcs(srcs: Sequence[SourceLike]) -> list[SourceLike]:
    if isinstance(srcs, (str, bytes, bytearray, memoryview)) or not isinstance(srcs, Iterable):
        raise TypeError(f"`srcs` must be a sequence of sources, not one {type(srcs).__name__}.")
    listed = list(srcs)
    if not listed:
        raise ValueError("`srcs` must not be empty.")
    return listed


def _open_item(index: int, src: SourceLike) -> Source:
    try:
        return open_source(src)
    except (TypeError, ValueError) as error:
        raise type(error)(f"`srcs[{index}]`: {error}") from None


def _check_size(name: str, value: int | None) -> int:
    return 0 if value is None else integer(value, f"`{name}`", 1, 2**31 - 1)


def _plan_load_image_batch(
    srcs: Sequence[SourceLike],
    *,
    width: int | None = None,
    height: int | None = None,
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
    srcs : sequence of paths, URLs or buffers of uint8
        As in `load_image`.
    width, height : int or None
        Each image is scaled to fit into this size, in pixels, and padded with black; None keeps its
        own.
    pix_fmt : str or None
        Pixel format of the result; None keeps that of the files.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    decode_config : DecodeConfig, optional
        From `decode_config`.
    filter_desc : str or None
        A chain of filters that replaces what `width`, `height` and `pix_fmt` ask for; None: no
        filter. All results must have one size and format.
    storage : CPUStorage, optional
        From `cpu_storage`: memory of at least the size that all sources need.
    strict : bool
        Whether one image that fails makes the batch fail. If not, it is left out, and the result's
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
        If an image failed, or with `strict=False` all of them. Its `failures` lists
        (index, source, error).
    MismatchError
        If `out` has another shape, dtype or size, or the storage is too small.
    BusyError
        If a buffer that is alive lies in the storage.
    UnsupportedError
        If `pix_fmt` makes no array, or `pin_memory` is asked for without CUDA.
    DeadlineError
        If the batch took longer than `spdl.io.limits` allows.
    """
    given = _check_srcs(srcs)
    arguments = Arguments()
    options = arguments.struct("spdl_batch_options")
    # The library always skips, so that all failures can be told, not the first alone.
    options.flags = lib.SPDL_BATCH_SKIP_ERRORS
    size = _check_size("width", width), _check_size("height", height)
    if filter_desc == DEFAULT:
        options.width, options.height = size
        options.pix_fmt = arguments.text(pix_fmt, "`pix_fmt`")
    options.demux = demux_struct(demux_config, arguments)
    options.decode = decode_struct(decode_config, filter_desc, arguments)
    options.flags |= lib.SPDL_BATCH_PINNED if pin_memory else 0
    options.out = output_memory(arguments, out, storage, pin_memory)
    sources = [_open_item(index, src) for index, src in enumerate(given)]

    def finish(owned: Owned) -> CPUBuffer:
        batch = _Batch._wrap(owned)
        failures = batch.failures(given, sources)
        if failures and (strict or len(failures) == len(given)):
            owned.drop()  # The traceback keeps this frame, and so the memory of `out`.
            raise batch_error(failures, len(given), "load", "images")
        buffer = batch.buffer()
        buffer.errors = failures
        return buffer

    return Operation(
        "spdl_batch_load",
        (arguments.handles("spdl_source", sources), len(given), options),
        finish,
        keep=(arguments,),
        feeders=tuple(feeder for source in sources for feeder in source._feeders),
    )


load_image_batch = blocking(_plan_load_image_batch)
async_load_image_batch = awaitable(_plan_load_image_batch)
