# SPDX-License-Identifier: BSD-2-Clause
"""Filter graphs with sources and sinks of their own: frames to frames."""

from __future__ import annotations

from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from spdl._native.arguments import Arguments
from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import ffi, lib, text, texts
from spdl._native.limits import current
from spdl._native.operation import Done, Operation
from spdl._native.plan import awaitable, blocking

from .frames import AudioFrames, ImageFrames, VideoFrames

G = TypeVar("G", bound="FilterGraph")

Frames: TypeAlias = AudioFrames | VideoFrames | ImageFrames


class FilterGraph(Handle):
    """A graph of FFmpeg's filters: frames are added to its sources, and got from its sinks.

    >>> packets = spdl.io.demux_video("sample.mp4")
    >>> frames = spdl.io.decode_packets(packets, filter_desc=None)
    >>> source = spdl.io.get_buffer_desc(packets.codec)
    >>> graph = spdl.io.FilterGraph(f"{source},split[a][b];[b]vflip[c];[a][c]hstack,buffersink")
    >>> graph.add_frames(frames)
    >>> graph.flush()
    >>> graph.get_frames()
    VideoFrames<num_frames=30, pixel_format="yuv420p", num_planes=3, width=320, height=120, timestamp=[0.000, 1.160]>
    >>> graph.get_frames() is None  # That was all.
    True

    A machine: one operation at a time; a second one, on another thread, raises `BusyError`. Frames
    wait in the graph until they are asked for: `get_frames` is what takes time. If it is cancelled,
    or runs into a limit, nothing is lost: the next call goes on from there.

    Parameters
    ----------
    desc : str
        The whole graph, sources and sinks included, as FFmpeg describes it. Sources are "buffer"
        and "abuffer" (`get_buffer_desc`, `get_abuffer_desc`), sinks "buffersink" and
        "abuffersink". Several of a name have labels: "buffer@left".

    Raises
    ------
    TypeError
        If `desc` is no str.
    FilterError
        If FFmpeg does not understand it, or a graph cannot be made of it.
    LimitError
        If pictures on their way from filter to filter are over `limits(max_pixels=…)`.
    """  # noqa: E501 (a repr is one line)

    __slots__ = ("_sinks", "_sources", "_unclaimed")

    _noun = "spdl_filter_graph"

    _sources: dict[str, str]
    """Key to "audio" or "video"."""
    _sinks: dict[str, str]
    _unclaimed: dict[str, AudioFrames | VideoFrames]
    """Of sinks, what came out for callers that were interrupted at that moment."""

    def __init__(self, desc: str) -> None:
        if not isinstance(desc, str):
            raise TypeError(f"`desc` must be a str, not {type(desc).__name__}.")
        arguments = Arguments()
        inputs = arguments.text(desc, "`desc`"), current()
        self._owned = made_by(lib.spdl_filter_graph_open, self._noun, *inputs)
        self._sources = self._keys(lib.SPDL_GRAPH_SOURCES)
        self._sinks = self._keys(lib.SPDL_GRAPH_SINKS)
        self._unclaimed = {}

    def _plan_add_frames(self, frames: Frames, *, key: str | None = None) -> Operation[None]:
        """Add frames to a source, after those before. They stay usable, and as they are.

        Parameters
        ----------
        frames : AudioFrames, VideoFrames or ImageFrames
            In the format that the description of the source says. Their times, in seconds, are put
            on its clock.
        key : str, optional
            Which source: "buffer@left". Not needed if there is one only.

        Raises
        ------
        TypeError
            If `frames` is of another type.
        IndexError
            If there is no such source, or a key is needed.
        FilterError
            If the frames are not what the description of the source says.
        InvalidError
            After `flush`, or after an operation that failed.
        LimitError
            If more would wait than `limits(max_frames=…, max_bytes=…)`.
        BusyError, ForkedError
        """
        if not isinstance(frames, (AudioFrames, VideoFrames, ImageFrames)):
            raise TypeError(f"`frames` must be frames, not {type(frames).__name__}.")
        pointer = self._pointer
        arguments = Arguments()
        chosen = arguments.text(_find(key, self._sources, "source"), "`key`")
        inputs = (pointer, chosen, frames._pointer)
        keep = (arguments,)
        return Operation("spdl_filter_graph_add_frames", inputs, keep=keep, is_instant=True)

    def _plan_get_frames(
        self, *, key: str | None = None
    ) -> Operation[AudioFrames | VideoFrames | None]:
        """Filter, and get all that comes out of a sink so far.

        Parameters
        ----------
        key : str, optional
            Which sink: "buffersink@small". Not needed if there is one only.

        Returns
        -------
        AudioFrames, VideoFrames or None
            Of "buffersink", pictures; of "abuffersink", samples. None if nothing comes out before
            more is added, or nothing more will.

        Raises
        ------
        IndexError
            If there is no such sink, or a key is needed.
        FilterError
            If a filter fails. The graph takes and gives no more then.
        LimitError, DeadlineError, InvalidError, BusyError, ForkedError
        """
        pointer = self._pointer
        arguments = Arguments()
        chosen = _find(key, self._sinks, "sink")
        kind: type[Any] = AudioFrames if self._sinks[chosen] == "audio" else VideoFrames
        inputs = (pointer, arguments.text(chosen, "`key`"))
        if chosen in self._unclaimed:
            return Done(self._unclaimed.pop(chosen))

        def keep(frames: Owned | None) -> None:
            if frames is not None:
                self._unclaimed[chosen] = kind._wrap(frames)

        function, wrap = "spdl_filter_graph_get_frames", kind._wrap
        return Operation(function, inputs, wrap, keep=(arguments,), on_unclaimed=keep)

    def _plan_flush(self) -> Operation[None]:
        """Say that no more frames come, so that `get_frames` gives what filters hold back.

        Raises
        ------
        InvalidError, BusyError, ForkedError
        """
        return Operation("spdl_filter_graph_flush", (self._pointer,), is_instant=True)

    add_frames = blocking(_plan_add_frames)
    async_add_frames = awaitable(_plan_add_frames)
    get_frames = blocking(_plan_get_frames)
    async_get_frames = awaitable(_plan_get_frames)
    flush = blocking(_plan_flush)
    async_flush = awaitable(_plan_flush)

    def dump(self) -> str:
        """FFmpeg's drawing of the graph, with the filters that it put in itself."""
        info = self._get_info()
        return text(info.dump)

    def close(self) -> None:
        """End the graph. Frames that came out of it stay valid. Closing again does nothing."""
        self._close()

    def __enter__(self: G) -> G:
        self._pointer  # noqa: B018 (raises if closed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: G) -> G:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._owned is None:
            return "FilterGraph<closed>"
        return f"FilterGraph<sources={[*self._sources]}, sinks={[*self._sinks]}>"

    def _keys(self, which: int) -> dict[str, str]:
        info, count, error = self._get_info(), ffi.new("size_t *"), new_error()
        room = info.num_sources if which == lib.SPDL_GRAPH_SOURCES else info.num_sinks
        entries = ffi.new("spdl_entry[]", max(1, room))
        get = lib.spdl_filter_graph_get_keys
        check(get(self._pointer, which, entries, room, count, error), error)
        return texts(entries, room)


def _find(key: str | None, keys: dict[str, str], what: str) -> str:
    """The key that is meant. Raises IndexError if that is none."""
    if key is not None and not isinstance(key, str):
        raise TypeError(f"`key` must be a str, not {type(key).__name__}.")
    if key is None and len(keys) == 1:
        return next(iter(keys))
    if key is None or key not in keys:
        wrong = f"There is no {key!r}" if key is not None and keys else "A key is needed"
        wrong = wrong if keys else f"There is no {what}"
        raise IndexError(f"{wrong}: the {what}s of the graph are {', '.join(keys) or 'none'}.")
    return key
