# SPDX-License-Identifier: BSD-2-Clause
"""Everything that can be awaited, on inputs that are made anew each time."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import makers
import media
import slow

import spdl.io

Run = Callable[[Path], Awaitable[Any]]
Walk = Callable[[Path], AsyncGenerator[Any, None]]

RUNS: dict[str, Run] = {}
"""Name → an operation in a folder; it awaits nothing else, and its result is not None."""
WALKS: dict[str, Walk] = {}
"""Name → an asynchronous iterator."""


def run(name: str) -> Callable[[Run], Run]:
    return lambda function: RUNS.setdefault(name, function)


def walk(name: str) -> Callable[[Walk], Walk]:
    return lambda function: WALKS.setdefault(name, function)


def videovideo_packets() -> spdl.io.VideoPackets:
    return spdl.io.demux_video(slow.video(), timestamp=(0, 1))


def video_packets() -> spdl.io.VideoPackets:
    return spdl.io.demux_video(slow.video(), timestamp=(0, 1))


def _frames() -> spdl.io.VideoFrames:
    return spdl.io.decode_packets(video_packets())


@functools.cache
def _jpegs() -> list[bytes]:
    return [makers.jpeg_bytes(seed, (800, 600)) for seed in range(4)]


@run("async_demux_audio")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_demux_audio(media.path("long_s16.wav"))


@run("async_demux_video")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_demux_video(slow.many_packets())


@run("async_demux_image")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_demux_image(_jpegs()[0])


@run("async_decode_packets")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_decode_packets(video_packets())


@run("async_sample_decode_video")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_sample_decode_video(video_packets(), [0, 11, 24])


@run("async_convert_frames")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_convert_frames([_frames()] * 3)


@run("async_apply_bsf")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_apply_bsf(spdl.io.demux_video(slow.many_packets()), "null")


@run("async_load_audio")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_audio(media.path("long.flac"), timestamp=(0, 20))


@run("async_load_video")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_video(slow.video(), timestamp=(0, 2))


@run("async_load_image")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_image(_jpegs()[0])


@run("async_load_image_batch")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_image_batch(_jpegs() * 4, width=224, height=224)


@run("async_load_video_batch")
async def _(_folder: Path) -> Any:
    windows = [(0, 0.5), (0.25, 0.75), None]
    srcs = [media.path("h264.mp4")] * 3
    return await spdl.io.async_load_video_batch(srcs, timestamp=windows, num_frames=20)


@run("async_load_audio_batch")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_audio_batch([media.path("stereo.mp3")] * 3)


@run("async_probe")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_probe(media.path("both.mp4"))


@run("async_save_image")
async def _(folder: Path) -> Any:
    await spdl.io.async_save_image(folder / "a.png", makers.scene(800, 600))
    return (folder / "a.png").read_bytes()


@run("async_encode_image")
async def _(folder: Path) -> Any:
    await spdl.io.async_encode_image(folder / "a.jpg", makers.scene(800, 600))
    return (folder / "a.jpg").read_bytes()


@run("Demuxer.async_open")
async def _(_folder: Path) -> Any:
    return await spdl.io.Demuxer.async_open(slow.many_packets())


@run("Demuxer.async_demux_video")
async def _(_folder: Path) -> Any:
    return await spdl.io.Demuxer(slow.many_packets()).async_demux_video()


@run("Demuxer.async_demux_audio")
async def _(_folder: Path) -> Any:
    return await spdl.io.Demuxer(media.path("long_s16.wav")).async_demux_audio()


@run("Demuxer.async_demux_image")
async def _(_folder: Path) -> Any:
    return await spdl.io.Demuxer(media.path("jpeg_420.jpg")).async_demux_image()


@run("BSF.async_filter")
async def _(_folder: Path) -> Any:
    packets = spdl.io.demux_video(slow.many_packets())
    return await spdl.io.BSF(packets.codec, "null").async_filter(packets)


@run("BSF.async_flush")
async def _(_folder: Path) -> Any:
    packets = video_packets()
    bsf = spdl.io.BSF(packets.codec, "null")
    bsf.filter(packets)
    await bsf.async_flush()
    return bsf


def _graph() -> spdl.io.FilterGraph:
    packets = video_packets()
    source = spdl.io.get_buffer_desc(packets.codec)
    graph = spdl.io.FilterGraph(f"{source},{slow.FILTER},buffersink")
    graph.add_frames(spdl.io.decode_packets(packets, filter_desc=None))
    return graph


@run("FilterGraph.async_add_frames")
async def _(_folder: Path) -> Any:
    packets = video_packets()
    source = spdl.io.get_buffer_desc(packets.codec)
    graph = spdl.io.FilterGraph(f"{source},{slow.FILTER},buffersink")
    await graph.async_add_frames(spdl.io.decode_packets(packets, filter_desc=None))
    return graph.get_frames()


@run("FilterGraph.async_get_frames")
async def _(_folder: Path) -> Any:
    return await _graph().async_get_frames()


@run("FilterGraph.async_flush")
async def _(_folder: Path) -> Any:
    graph = _graph()
    await graph.async_flush()
    return graph.get_frames()


@walk("async_streaming_decode_packets")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    async for item in spdl.io.async_streaming_decode_packets(video_packets(), 3):
        yield item


@walk("Demuxer.async_streaming_demux")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    with spdl.io.Demuxer(slow.many_packets()) as demuxer:
        async for item in demuxer.async_streaming_demux(num_packets=2000):
            yield item


@walk("VideoDecoder.async_streaming_decode_packets")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = video_packets()
    async for item in spdl.io.Decoder(packets.codec).async_streaming_decode_packets(packets):
        yield item


@walk("VideoDecoder.async_flush")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = spdl.io.demux_video(media.path("h264.mp4"))
    decoder = spdl.io.Decoder(packets.codec, filter_desc="reverse,format=rgb24")
    assert not list(decoder.streaming_decode_packets(packets))
    async for item in decoder.async_flush():
        yield item


@walk("AudioDecoder.async_streaming_decode_packets")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = spdl.io.demux_audio(media.path("long.flac"), timestamp=(0, 5))
    async for item in spdl.io.Decoder(packets.codec).async_streaming_decode_packets(packets):
        yield item


@walk("AudioDecoder.async_flush")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = spdl.io.demux_audio(media.path("s16.flac"))
    decoder = spdl.io.Decoder(packets.codec, filter_desc="areverse,aformat=fltp")
    assert not list(decoder.streaming_decode_packets(packets))
    async for item in decoder.async_flush():
        yield item


@walk("ImageDecoder.async_streaming_decode_packets")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = spdl.io.demux_image(_jpegs()[0])
    async for item in spdl.io.Decoder(packets.codec).async_streaming_decode_packets(packets):
        yield item


@walk("ImageDecoder.async_flush")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    packets = spdl.io.demux_image(media.path("png_rgb24.png"))
    decoder = spdl.io.Decoder(packets.codec)
    assert len(list(decoder.streaming_decode_packets(packets))) == 1
    async for item in decoder.async_flush():  # a picture waits for nothing: there are none
        yield item
