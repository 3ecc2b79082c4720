# SPDX-License-Identifier: BSD-2-Clause
"""Encoding and muxing, as in `awaitables`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from awaitables import run, video_packets

import spdl.io


def _video_encoder(folder: Path) -> tuple[spdl.io.Muxer, spdl.io.VideoEncoder]:
    muxer = spdl.io.Muxer(folder / "a.avi")
    config = spdl.io.video_encode_config(height=240, width=320, pix_fmt="yuv420p")
    return muxer, muxer.add_encode_stream(config, encoder="mpeg4")


def _audio_encoder(folder: Path) -> tuple[spdl.io.Muxer, spdl.io.AudioEncoder]:
    muxer = spdl.io.Muxer(folder / "a.wav")
    config = spdl.io.audio_encode_config(num_channels=2, sample_rate=44100, sample_fmt="s16")
    return muxer, muxer.add_encode_stream(config, encoder="pcm_s16le")


def _samples() -> spdl.io.AudioFrames:
    data = np.zeros((400_000, 2), np.int16)
    return spdl.io.create_reference_audio_frame(data, "s16", 44100, 0)


def _write(muxer: spdl.io.Muxer, *parts: Any) -> None:
    for packets in parts:
        if packets is not None:
            muxer.write(0, packets)


def _native_frames() -> spdl.io.VideoFrames:
    return spdl.io.decode_packets(video_packets(), filter_desc=None)


@run("VideoEncoder.async_encode")
async def _(folder: Path) -> Any:
    muxer, encoder = _video_encoder(folder)
    with muxer.open():
        packets = await encoder.async_encode(_native_frames())
        _write(muxer, packets, encoder.flush())
        return encoder


@run("VideoEncoder.async_flush")
async def _(folder: Path) -> Any:
    muxer, encoder = _video_encoder(folder)
    with muxer.open():
        packets = encoder.encode(_native_frames())
        _write(muxer, packets, await encoder.async_flush())
        return encoder


@run("AudioEncoder.async_encode")
async def _(folder: Path) -> Any:
    muxer, encoder = _audio_encoder(folder)
    with muxer.open():
        packets = await encoder.async_encode(_samples())
        _write(muxer, packets, encoder.flush())
        return encoder


@run("AudioEncoder.async_flush")
async def _(folder: Path) -> Any:
    muxer, encoder = _audio_encoder(folder)
    with muxer.open():
        packets = encoder.encode(_samples())
        _write(muxer, packets, await encoder.async_flush())
        return encoder


def _remuxer(folder: Path) -> tuple[spdl.io.Muxer, spdl.io.VideoPackets]:
    packets = video_packets()
    muxer = spdl.io.Muxer(folder / "a.mkv")
    muxer.add_remux_stream(packets.codec)
    return muxer, packets


@run("Muxer.async_open")
async def _(folder: Path) -> Any:
    muxer, _ = _remuxer(folder)
    with await muxer.async_open():
        return muxer


@run("Muxer.async_write")
async def _(folder: Path) -> Any:
    muxer, packets = _remuxer(folder)
    with muxer.open():
        await muxer.async_write(0, packets)
        return muxer


@run("Muxer.async_flush")
async def _(folder: Path) -> Any:
    muxer, packets = _remuxer(folder)
    with muxer.open():
        muxer.write(0, packets)
        await muxer.async_flush()
        return muxer


@run("Muxer.async_close")
async def _(folder: Path) -> Any:
    muxer, packets = _remuxer(folder)
    muxer.open()
    muxer.write(0, packets)
    await muxer.async_close()
    return muxer
