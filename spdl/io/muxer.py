# SPDX-License-Identifier: BSD-2-Clause
"""Muxing: packets to a file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TypeVar, overload

from spdl._native.arguments import Arguments, encode, integer
from spdl._native.errors import SPDLError, from_struct, new_error
from spdl._native.handle import Handle, Owned, made_by
from spdl._native.library import CData, lib
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .codec import AudioCodec, Codec, ImageCodec, VideoCodec
from .encode import AudioEncodeConfig, VideoEncodeConfig, encode_struct
from .encoder import AudioEncoder, VideoEncoder
from .packets import AudioPackets, ImagePackets, Packets, VideoPackets

M = TypeVar("M", bound="Muxer")


def destination(
    dst: str | os.PathLike[str], format_name: str | None, arguments: Arguments
) -> tuple[bytes, CData, str | None]:
    """Of a path or URL: its bytes, the `spdl_muxer_options`, and the path if it is one."""
    options = arguments.struct("spdl_muxer_options")
    options.format = arguments.text(format_name, "`format`")
    if isinstance(dst, str) and "://" in dst:
        options.flags = lib.SPDL_MUXER_URL
        return encode(dst, "A URL"), options, None
    if not isinstance(dst, (str, os.PathLike)):
        raise TypeError(f"A destination must be a path or a URL, not {type(dst).__name__}.")
    path = os.fsdecode(dst)
    if "\0" in path:
        raise ValueError(f"A path must not contain a null character: {path!r}")
    return os.fsencode(path), options, path


class Muxer(Handle):
    """Writes packets to a file or URL.

    Streams are added first, and numbered from 0; then the muxer is opened, written to, and closed.

    >>> import numpy as np
    >>> pictures = np.zeros((50, 120, 160, 3), np.uint8)
    >>> frames = spdl.io.create_reference_video_frame(pictures, "rgb24", (25, 1), pts=0)
    >>> muxer = spdl.io.Muxer("lossless.mkv")
    >>> config = spdl.io.video_encode_config(width=160, height=120, frame_rate=(25, 1))
    >>> encoder = muxer.add_encode_stream(config, encoder="png")
    >>> with muxer.open():
    ...     for packets in (encoder.encode(frames), encoder.flush()):
    ...         if packets is not None:
    ...             muxer.write(0, packets)
    >>> spdl.io.load_video("lossless.mkv").shape
    (50, 120, 160, 3)

    Leaving the `with` block, or `async with`, closes the file. One operation at a time: a second
    one, on another thread, raises `BusyError`. After an operation that failed halfway the file is
    not complete; nothing more is written to it, and `close` raises.

    Parameters
    ----------
    dst : path or URL
        A str with "://" is a URL, any other str a local file. A file that exists is replaced.
    format : str, optional
        FFmpeg's name of the container, instead of the one of the extension.

    Raises
    ------
    UnsupportedError
        If the container is unknown.
    """

    __slots__ = ("_file",)

    _noun = "spdl_muxer"

    _file: tuple[str, str | None]
    """Name, and path if it is a local file."""

    def __init__(
        self,
        dst: str | os.PathLike[str],
        /,
        *,
        format: str | None = None,  # noqa: A002 (FFmpeg's word)
    ) -> None:
        arguments = Arguments()
        name, options, filename = destination(dst, format, arguments)
        self._owned = made_by(lib.spdl_muxer_create, "spdl_muxer", name, options)
        self._file = (os.fspath(dst), filename)

    @overload
    def add_encode_stream(
        self,
        config: VideoEncodeConfig,
        *,
        encoder: str | None = None,
        encoder_config: Mapping[str, str] | None = None,
    ) -> VideoEncoder: ...
    @overload
    def add_encode_stream(
        self,
        config: AudioEncodeConfig,
        *,
        encoder: str | None = None,
        encoder_config: Mapping[str, str] | None = None,
    ) -> AudioEncoder: ...

    def add_encode_stream(
        self,
        config: VideoEncodeConfig | AudioEncodeConfig,
        *,
        encoder: str | None = None,
        encoder_config: Mapping[str, str] | None = None,
    ) -> VideoEncoder | AudioEncoder:
        """Add a stream that is encoded, and return its encoder.

        Parameters
        ----------
        config : VideoEncodeConfig or AudioEncodeConfig
            From `video_encode_config` or `audio_encode_config`.
        encoder : str, optional
            FFmpeg's name of the encoder, instead of the container's default.
        encoder_config : dict, optional
            Options of the encoder, as strings. Encoders use one thread unless "threads" is given.

        Raises
        ------
        UnsupportedError
            If the container or FFmpeg lacks the encoder, or the encoder does not take the format,
            rate or channels; the message lists what it takes.
        OptionError
            If an option is unknown or refused.
        InvalidError
            Once the muxer is open.
        """
        if not isinstance(config, (VideoEncodeConfig, AudioEncodeConfig)):
            raise TypeError(
                "`config` must come from video_encode_config() or audio_encode_config(), not "
                f"{config!r}."
            )
        arguments = Arguments()
        options = encode_struct(config, encoder, encoder_config, arguments)
        owned = self._call(lib.spdl_muxer_add_encode_stream, "spdl_encoder", options)
        if isinstance(config, AudioEncodeConfig):
            return AudioEncoder.make(owned, self._file)
        return VideoEncoder.make(owned, self._file)

    def add_remux_stream(self, codec: AudioCodec | VideoCodec | ImageCodec) -> None:
        """Add a stream for packets that were demuxed, or encoded elsewhere, of this codec."""
        if not isinstance(codec, Codec):
            raise TypeError(f"`codec` must be a codec, not {type(codec).__name__}.")
        error = new_error()
        if lib.spdl_muxer_add_remux_stream(self._pointer, codec._pointer, error) < 0:
            raise from_struct(error, *self._file)

    def _plan_open(self: M, muxer_config: Mapping[str, str] | None = None) -> Operation[M]:
        """Create the file and write its header.

        Parameters
        ----------
        muxer_config : dict, optional
            Options of the container, as strings.

        Returns
        -------
        Muxer
            Itself, for a `with` block.

        Raises
        ------
        NotFoundError, SPDLIOError
            If the file cannot be created or written.
        UnsupportedError, OptionError
            If the container refuses a stream or an option.
        InvalidError
            If there is no stream, or the muxer was opened before.
        """
        arguments = Arguments()
        options = arguments.options(muxer_config, "`muxer_config`")
        inputs = (self._pointer, options, len(muxer_config or ()))
        keep = (arguments,)
        return Operation(
            "spdl_muxer_open", inputs, keep=keep, subject=self._named(), otherwise=self
        )

    def _plan_write(
        self, stream_index: int, packets: AudioPackets | VideoPackets | ImagePackets
    ) -> Operation[None]:
        """Write packets to a stream. Their times are kept, as exactly as the container can.

        Raises
        ------
        MismatchError
            If the packets are of another codec than the stream.
        SPDLIOError
            If the file cannot be written: a full disk.
        InvalidError
            If there is no such stream, or the muxer is not open.
        UnsupportedError, DeadlineError, BusyError, ForkedError
        """
        if not isinstance(packets, Packets):
            raise TypeError(f"`packets` must be packets, not {type(packets).__name__}.")
        index = integer(stream_index, "`stream_index`", 0, 2**32 - 1)
        inputs = (self._pointer, index, packets._pointer)
        return Operation("spdl_muxer_write", inputs, subject=self._named())

    def _plan_flush(self) -> Operation[None]:
        """Write what waits for packets of other streams, and what is buffered."""
        return Operation("spdl_muxer_flush", (self._pointer,), subject=self._named())

    def _plan_close(self) -> Operation[None]:
        """Write the rest and close the file. Closing again does nothing.

        Raises
        ------
        SPDLIOError
            If the file cannot be written, or could not before: it is not complete.
        InvalidError
            If the muxer was never opened, or an encoder was not flushed.
        """
        return Operation("spdl_muxer_close", (self._pointer,), subject=self._named())

    open = blocking(_plan_open)
    async_open = awaitable(_plan_open)
    write = blocking(_plan_write)
    async_write = awaitable(_plan_write)
    flush = blocking(_plan_flush)
    async_flush = awaitable(_plan_flush)
    close = blocking(_plan_close)
    async_close = awaitable(_plan_close)

    def __enter__(self: M) -> M:
        self._pointer  # noqa: B018 (raises if there is none)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What went wrong inside the block matters more than what the file lacks for it.
        with contextlib.suppress(SPDLError) if error is not None else contextlib.nullcontext():
            self.close()

    async def __aenter__(self: M) -> M:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(SPDLError) if error is not None else contextlib.nullcontext():
            await self.async_close()

    def __repr__(self) -> str:
        self._pointer  # noqa: B018 (raises if there is none)
        return f'Muxer<dst="{self._file[0]}">'

    @property
    def _source_name(self) -> str:
        return self._file[0]

    @property
    def _filename(self) -> str | None:
        return self._file[1]

    def _named(self: M) -> M:
        """Another owner, which tells the name in errors."""
        shared = self._share()
        shared._file = self._file
        return shared

    def _call(self, function: object, noun: str, *inputs: CData) -> Owned:
        try:
            return made_by(function, noun, self._pointer, *inputs)  # type: ignore[arg-type]
        except SPDLError as error:
            error.source = self._file[0]
            raise
