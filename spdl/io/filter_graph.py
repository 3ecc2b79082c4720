# SPDX-License-Identifier: BSD-2-Clause
"""Filter graphs with sources and sinks of their own: frames to frames."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from spdl._native.arguments import Arguments
from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, made_by
from spdl._native.library import ffi, lib, text, texts
from spdl._native.limits import current
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .codec import AudioCodec, ImageCodec
from .frames import AudioFrames, ImageFrames, VideoFrames

G = TypeVar("G", bound="FilterGraph")

Frames: TypeAlias = AudioFrames | VideoFrames | ImageFrames


def _is_short() -> bool:
    return True


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

    __slots__ = ("_sinks", "_sources")

    _noun = "spdl_filter_graph"

    _sources: dict[str, str]
    """Key to "audio" or "video"."""
    _sinks: dict[str, str]

    def __init__(self, desc: str) -> None:
        if not isinstance(desc, str):
            raise TypeError(f"`desc` must be a str, not {type(desc).__name__}.")
        arguments = Arguments()
        inputs = arguments.text(desc, "`desc`"), current()
        self._owned = made_by(lib.spdl_filter_graph_open, self._noun, *inputs)
        self._sources = self._keys(lib.SPDL_GRAPH_SOURCES)
        self._sinks = self._keys(lib.SPDL_GRAPH_SINKS)

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
        return Operation("spdl_filter_graph_add_frames", inputs, keep=keep, is_short=_is_short)

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
        return Operation("spdl_filter_graph_get_frames", inputs, kind._wrap, keep=(arguments,))

    def _plan_flush(self) -> Operation[None]:
        """Say that no more frames come, so that `get_frames` gives what filters hold back.

        Raises
        ------
        InvalidError, BusyError, ForkedError
        """
        return Operation("spdl_filter_graph_flush", (self._pointer,), is_short=_is_short)

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

    >>> spdl.io.get_abuffer_desc(spdl.io.demux_audio("sample.wav").codec)
    'abuffer=time_base=1/48000:sample_rate=48000:sample_fmt=s16:channel_layout=stereo'

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
