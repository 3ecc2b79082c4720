# SPDX-License-Identifier: BSD-2-Clause
"""Awaits that are cancelled when the operation has ended, and the loop does not know yet."""

import asyncio
import time

import pytest

import spdl.io


async def cancel_late(awaitable):
    """Cancel a task whose job has ended, although the loop has not looked."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0)
    time.sleep(0.5)  # noqa: ASYNC251 (it blocks the loop)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture(scope="module")
def packets(media_path):
    return spdl.io.demux_video(media_path("h264.mp4"))


@pytest.fixture(scope="module")
def frames(packets):
    return spdl.io.decode_packets(packets, filter_desc=None)


def test_a_decoder_gives_them_next(packets, frames):
    async def decode():
        decoder = spdl.io.Decoder(packets.codec, filter_desc=None)
        await cancel_late(anext(decoder.async_streaming_decode_packets(packets)))
        return [got async for got in decoder.async_flush()]

    got = asyncio.run(decode())
    pts = [p for part in got for p in part.get_pts()]
    assert pts == list(frames.get_pts())


def test_a_filter_graph_gives_them_next(packets, frames):
    source = spdl.io.get_buffer_desc(packets.codec)

    async def filter_frames():
        graph = spdl.io.FilterGraph(f"{source},split[a][b];[a]buffersink@x;[b]buffersink@y")
        graph.add_frames(frames)
        graph.flush()
        await cancel_late(graph.async_get_frames(key="buffersink@x"))
        return [await graph.async_get_frames(key=f"buffersink@{key}") for key in "yxx"]

    other, lost, rest = asyncio.run(filter_frames())
    assert len(lost) == len(other) == len(frames)
    assert rest is None


def test_frames_are_added_once(packets, frames):
    source = spdl.io.get_buffer_desc(packets.codec)

    async def add():
        graph = spdl.io.FilterGraph(f"{source},buffersink")
        task = asyncio.ensure_future(graph.async_add_frames(frames))
        await asyncio.sleep(0)
        assert task.cancel() is False  # Nothing was waited for.
        await task
        graph.flush()
        return graph.get_frames()

    assert len(asyncio.run(add())) == len(frames)


@pytest.mark.parametrize("flush", [False, True])
def test_an_encoder_takes_no_more(frames, tmp_path, flush):
    config = spdl.io.video_encode_config(
        width=frames.width, height=frames.height, pix_fmt=frames.pix_fmt
    )
    muxer = spdl.io.Muxer(tmp_path / "out.mkv")
    encoder = muxer.add_encode_stream(config, encoder="mpeg4", encoder_config={"bf": "2"})
    muxer.open()
    if flush:
        packets = encoder.encode(frames)
        muxer.write(0, packets)
        asyncio.run(cancel_late(encoder.async_flush()))
    else:
        asyncio.run(cancel_late(encoder.async_encode(frames)))
    with pytest.raises(spdl.io.InvalidError, match="failed in the middle"):
        encoder.flush()
    with pytest.raises(spdl.io.SPDLIOError, match="not complete"):
        muxer.close()


def test_a_muxer_has_written_them(packets, tmp_path):
    path = tmp_path / "out.mkv"

    async def write():
        muxer = spdl.io.Muxer(path)
        muxer.add_remux_stream(packets.codec)
        await muxer.async_open()
        await cancel_late(muxer.async_write(0, packets))
        await muxer.async_close()

    asyncio.run(write())
    assert len(spdl.io.demux_video(path)) == len(packets)


def test_a_bitstream_filter_begins_anew(packets):
    whole = spdl.io.apply_bsf(packets, "h264_mp4toannexb")

    async def filter_packets():
        bsf = spdl.io.BSF(packets.codec, "h264_mp4toannexb")
        await cancel_late(bsf.async_filter(packets))
        return await bsf.async_filter(packets, flush=True)

    again = asyncio.run(filter_packets())
    assert again.__getstate__() == whole.__getstate__()
