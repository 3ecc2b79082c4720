# SPDX-License-Identifier: BSD-2-Clause
"""What batches of images, videos and audio have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from spdl._native.arguments import Arguments
from spdl._native.errors import BatchError, Failure, check, from_struct, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import CData, ffi, lib
from spdl._native.operation import Operation

from ._window import Window, window_struct
from .buffer import CPUBuffer
from .source import Source, SourceLike, open_source

Windows: TypeAlias = Window | Sequence[Window | None]
"""One window for all sources, or one for each."""

_NUM_NAMED = 3
"""How many failures a message tells of."""

_ITEMS = {
    lib.SPDL_MEDIA_IMAGE: "images",
    lib.SPDL_MEDIA_VIDEO: "videos",
    lib.SPDL_MEDIA_AUDIO: "audio clips",
}


class _Batch(Handle):
    __slots__ = ()

    _noun = "spdl_batch"

    def failures(self, srcs: Sequence[object], sources: Sequence[Source]) -> list[Failure]:
        """(index, source as given, error) of each item that is missing."""
        found: list[Failure] = []
        for nth in range(self._get_info().num_failed):
            failure, error = new_error(), new_error()
            check(lib.spdl_batch_get_failure(self._pointer, nth, failure, error), error)
            source = sources[failure.item]
            reason = from_struct(failure, source._source_name, source._filename)
            for feeder in source._feeders:
                reason.__cause__ = feeder.take_error()
            found.append((failure.item, srcs[failure.item], reason))
        return found

    def buffer(self) -> CPUBuffer:
        """The items that were loaded; there must be one."""
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


def plan_batch(
    media: int,
    srcs: Sequence[SourceLike],
    strict: bool,
    set_options: Callable[[CData, Arguments], None],
    timestamp: Windows | None = None,
) -> Operation[CPUBuffer]:
    """Load sources into one buffer. `set_options` fills the `spdl_batch_options`."""
    given = _check_srcs(srcs)
    arguments = Arguments()
    options = arguments.struct("spdl_batch_options")
    options.media = media
    set_options(options, arguments)
    # The library always skips, so that all failures can be told, not the first alone.
    options.flags |= lib.SPDL_BATCH_SKIP_ERRORS
    windows = _window_structs(timestamp, len(given), arguments)
    options.num_windows = len(windows)
    options.windows = arguments.keep(ffi.new("const spdl_window *[]", windows))
    sources = _open_all(given)

    def finish(owned: Owned) -> CPUBuffer:
        batch = _Batch._wrap(owned)
        failures = batch.failures(given, sources)
        sources.clear()  # The traceback of an error keeps this frame.
        if failures and (strict or len(failures) == len(given)):
            owned.drop()  # And so the memory of `out`.
            raise batch_error(failures, len(given), "load", _ITEMS[media])
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


def _check_srcs(srcs: Sequence[SourceLike]) -> list[SourceLike]:
    if isinstance(srcs, (str, bytes, bytearray, memoryview)) or not isinstance(srcs, Iterable):
        raise TypeError(f"`srcs` must be a sequence of sources, not one {type(srcs).__name__}.")
    listed = list(srcs)
    if not listed:
        raise ValueError("`srcs` must not be empty.")
    return listed


def _open_all(srcs: list[SourceLike]) -> list[Source]:
    sources: list[Source] = []
    opened: dict[int, Source] = {}  # By the identity of what was given.
    for index, src in enumerate(srcs):
        before = opened.get(id(src))
        if before is None or before._feeder is not None:
            try:
                if before is not None:
                    _check_again(before)
                source = open_source(src)
            except (TypeError, ValueError) as error:
                raise type(error)(f"`srcs[{index}]`: {error}") from None
            opened.setdefault(id(src), source)
        else:
            source = before
        sources.append(source)
    return sources


def _check_again(source: Source) -> None:
    """Refuse what can be given only once."""
    if any(feeder.size < 0 for feeder in source._feeders):
        name = source._source_name
        raise ValueError(
            f"{name} cannot seek, so it can be a source only once; give its bytes instead."
        )


def _window_structs(timestamp: Windows | None, count: int, arguments: Arguments) -> list[CData]:
    """The `spdl_window` of each source, or one for all, or none."""
    if timestamp is None:
        return []
    if not _is_sequence(timestamp):
        kind = type(timestamp).__name__
        raise TypeError(
            f"`timestamp` must be (start, end) or a sequence of one such pair for each source, "
            f"not {kind}."
        )
    if len(timestamp) == 2 and not any(_is_sequence(bound) for bound in timestamp):
        one: Any = timestamp
        return [window_struct(one, arguments)]
    if len(timestamp) != count:
        raise ValueError(f"`timestamp` has {len(timestamp)} windows for {count} sources.")
    structs = []
    for index, window in enumerate(timestamp):
        each: Any = window
        try:
            structs.append(window_struct(each, arguments))
        except (TypeError, ValueError) as error:
            raise type(error)(f"`timestamp[{index}]`: {error}") from None
    return structs


def _is_sequence(thing: object) -> bool:
    return isinstance(thing, Sequence) and not isinstance(thing, (str, bytes))
