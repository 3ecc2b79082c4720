# SPDX-License-Identifier: BSD-2-Clause
"""`Demuxer`: a source that stays open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator  # noqa: F401 (for public forms)
from types import TracebackType
from typing import Any, TypeVar

from spdl._native import wait
from spdl._native.arguments import Arguments
from spdl._native.errors import NoStreamError
from spdl._native.feed import Feeder
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import ffi, lib, text
from spdl._native.operation import Operation
from spdl._native.plan import Steps, async_iterating, awaitable, blocking, iterating

from ._window import Bound, Window, window_struct
from .chunk import Chunk, chunk_struct, stream_indices
from .codec import AudioCodec, ImageCodec, VideoCodec
from .demux import DemuxConfig, demux_struct
from .packets import AudioPackets, ImagePackets, Packets, VideoPackets
from .source import SourceLike, open_source

C = TypeVar("C", bound=Handle)
D = TypeVar("D", bound="Demuxer")
P = TypeVar("P", bound=Packets[Any])


def _plan_open(
    src: SourceLike, *, demux_config: DemuxConfig | None = None, name: str | None = None
) -> Operation[Demuxer]:
    """Open a source. Arguments and errors: `Demuxer`."""
    arguments = Arguments()
    source = open_source(src, name)

    def wrap(owned: Owned) -> Demuxer:
        demuxer = Demuxer._wrap(owned)
        demuxer._feeders = source._feeders
        return demuxer

    options = demux_struct(demux_config, arguments)
    return source._operation("spdl_demuxer_open", (options,), wrap, arguments)


class Demuxer(Handle):
    """An open source, of which any number of windows can be read.

    One operation at a time: a second one, on another thread, raises `BusyError`.

    >>> with spdl.io.Demuxer("sample.mp4") as demuxer:
    ...     for window in [(0, 0.2), (0.6, 1)]:
    ...         print(len(demuxer.demux_video(window)))
    5
    10

    Parameters
    ----------
    src : path, URL, buffer of uint8 or binary file
        As in `demux_audio`.
    demux_config : DemuxConfig, optional
        From `demux_config`.
    name : str, optional
        What messages call the source.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong; ValueError also from any use after `close`.
    NotFoundError, SPDLIOError, CorruptError, UnsupportedError, OptionError, LimitError
    DeadlineError, BusyError

    Notes
    -----
    Opening reads from the source; in a coroutine use `await Demuxer.async_open(src)`.
    """

    __slots__ = ("_feeders",)

    _noun = "spdl_demuxer"
    _feeders: tuple[Feeder, ...]

    def __init__(
        self,
        src: SourceLike,
        *,
        demux_config: DemuxConfig | None = None,
        name: str | None = None,
    ) -> None:
        opened = wait.run(_plan_open(src, demux_config=demux_config, name=name))
        self._owned, self._feeders = opened._owned, opened._feeders

    async_open = staticmethod(awaitable(_plan_open))

    def _plan_demux_audio(
        self, window: Window | None = None, *, bsf: str | None = None
    ) -> Operation[AudioPackets]:
        """Read the packets of the best audio stream in a window [start, end), in seconds, and put
        them through a bitstream filter, as `apply_bsf` does."""
        return self._demux(AudioPackets, lib.SPDL_MEDIA_AUDIO, window, bsf)

    def _plan_demux_video(
        self, window: Window | None = None, *, bsf: str | None = None
    ) -> Operation[VideoPackets]:
        """Read the packets of the best video stream in a window [start, end), in seconds, and put
        them through a bitstream filter, as `apply_bsf` does."""
        return self._demux(VideoPackets, lib.SPDL_MEDIA_VIDEO, window, bsf)

    def _plan_demux_image(self, *, bsf: str | None = None) -> Operation[ImagePackets]:
        """Read an image, or the first frame of a video or animation. `bsf` as in `demux_video`."""
        return self._demux(ImagePackets, lib.SPDL_MEDIA_IMAGE, None, bsf)

    def _plan_streaming_demux(
        self,
        indices: int | Iterable[int] | None = None,
        *,
        duration: Bound = -1,
        num_packets: int = -1,
    ) -> Steps[Any]:
        """Read the source from its start to its end, a chunk of packets at a time.

        All chunks together are what demuxing without a window gives. Sources without an end work,
        too.

        >>> with spdl.io.Demuxer("sample.mp4") as demuxer:
        ...     stream = demuxer.video_stream_index
        ...     [len(packets) for packets in demuxer.streaming_demux(stream, num_packets=12)]
        [12, 12, 6]

        Parameters
        ----------
        indices : int or iterable of int, optional
            Indices of streams; None: stream 0.
        duration : number
            Seconds from chunk to chunk, by the time of decoding. Floats, fractions, decimals and
            their text are taken as in windows.
        num_packets : int
            Packets in a chunk, of all streams. Give this or `duration`.

        Returns
        -------
        iterator of AudioPackets, VideoPackets or dict
            For several indices, a dict from index to packets, without those of streams that have
            none in the chunk.

        Raises
        ------
        ValueError
            If not exactly one of `duration` and `num_packets` is given and above 0.
        NoStreamError
            From the first step, if there is no such stream of audio or video.
        SPDLIOError, CorruptError, LimitError, DeadlineError
        """
        options = chunk_struct(duration, num_packets)
        wanted, is_single = stream_indices(indices)
        streams = ffi.new("int32_t[]", wanted)
        options.flags = lib.SPDL_READ_FROM_START

        def wrap(owned: Owned) -> Any:
            chunk = Chunk._wrap(owned).by_stream()
            options.flags = 0
            return next(iter(chunk.values())) if is_single else chunk

        def step() -> Operation[Any]:
            inputs = (self._pointer, streams, len(wanted), options)
            return Operation(
                "spdl_demuxer_read",
                inputs,
                wrap,
                keep=(streams, options),
                subject=self._share(),
                feeders=self._feeders,
            )

        return Steps(step)

    streaming_demux = iterating(_plan_streaming_demux)
    async_streaming_demux = async_iterating(_plan_streaming_demux)

    demux_audio = blocking(_plan_demux_audio)
    async_demux_audio = awaitable(_plan_demux_audio)
    demux_video = blocking(_plan_demux_video)
    async_demux_video = awaitable(_plan_demux_video)
    demux_image = blocking(_plan_demux_image)
    async_demux_image = awaitable(_plan_demux_image)

    def has_audio(self) -> bool:
        """Whether there is an audio stream."""
        return bool(self._get_info().audio_stream >= 0)

    @property
    def audio_stream_index(self) -> int:
        """Index of the best audio stream. Raises NoStreamError if there is none."""
        return self._index("audio")

    @property
    def video_stream_index(self) -> int:
        """Index of the best video stream. Raises NoStreamError if there is none."""
        return self._index("video")

    @property
    def audio_codec(self) -> AudioCodec:
        """Codec of the best audio stream. Raises NoStreamError if there is none."""
        return self._codec(AudioCodec, lib.SPDL_MEDIA_AUDIO)

    @property
    def video_codec(self) -> VideoCodec:
        """Codec of the best video stream. Raises NoStreamError if there is none."""
        return self._codec(VideoCodec, lib.SPDL_MEDIA_VIDEO)

    @property
    def image_codec(self) -> ImageCodec:
        """Codec of the image. Raises NoStreamError if there is none."""
        return self._codec(ImageCodec, lib.SPDL_MEDIA_IMAGE)

    @property
    def start_time(self) -> float:
        """Where the source's own clock begins, in seconds: the clock of windows and timestamps."""
        num, den = self._get_ratio("start_time")
        return num / den

    @property
    def duration(self) -> float:
        """Length in seconds, as the source's headers say; 0.0 if they do not."""
        num, den = self._get_ratio("duration")
        return num / den

    def close(self) -> None:
        """Close the source. Packets read from it stay valid. Closing again does nothing."""
        self._close()

    def __enter__(self: D) -> D:
        self._pointer  # noqa: B018 (raises if closed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: D) -> D:
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
            return "Demuxer<closed>"
        info = self._get_info()
        return f'Demuxer<src="{text(info.source)}", format="{text(info.format)}">'

    @property
    def _source_name(self) -> str:
        return text(self._get_info().source)

    @property
    def _filename(self) -> str | None:
        return None

    def _demux(
        self, cls: type[P], media: int, window: Window | None, bsf: str | None
    ) -> Operation[P]:
        arguments = Arguments()
        # Without a filter there is one argument less.
        desc = () if bsf is None else (arguments.text(bsf, "`bsf`"),)
        function = "spdl_demuxer_demux" if bsf is None else "spdl_demuxer_demux_bsf"
        inputs = (self._pointer, media, window_struct(window, arguments), *desc)
        # Errors are told of the source even if this object is closed meanwhile.
        shared = self._share()
        keep, feeders = (arguments,), self._feeders
        return Operation(function, inputs, cls._wrap, keep, shared, feeders=feeders)

    def _index(self, kind: str) -> int:
        info = self._get_info()
        index = int(getattr(info, f"{kind}_stream"))
        if index < 0:
            name = text(info.source)
            message = f"No {kind} stream was found in {name}."
            raise NoStreamError(message, origin="demux", source=name)
        return index

    def _codec(self, cls: type[C], media: int) -> C:
        return cls._wrap(made_by(lib.spdl_demuxer_get_codec, "spdl_codec", self._pointer, media))
