# SPDX-License-Identifier: BSD-2-Clause
"""Graphs as machines: their end, limits, cancelling, threads and forks."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import sanitizer

import spdl.io

Media = Callable[[str], Path]

SOURCE = "buffer=video_size=8x6:pix_fmt=rgb24:time_base=1/25"
SOUND = "abuffer=sample_rate=8000:sample_fmt=s16:channel_layout=mono:time_base=1/8000"
ASK = "tell them apart by labels"


def _pictures(count: int = 2, size: tuple[int, int] = (6, 8), pts: int = 0) -> Any:
    array = np.random.default_rng(pts).integers(0, 255, (count, *size, 3), np.uint8)
    return spdl.io.create_reference_video_frame(array, "rgb24", (25, 1), pts)


def _samples() -> Any:
    return spdl.io.create_reference_audio_frame(np.zeros((80, 1), np.int16), "s16", 8000, 0)


def test_the_end() -> None:
    graph = spdl.io.FilterGraph(f"{SOURCE},reverse,buffersink")
    assert graph.get_frames() is None
    graph.add_frames(_pictures(5))
    assert graph.get_frames() is None
    graph.flush()
    graph.flush()
    assert len(graph.get_frames()) == 5  # type: ignore[arg-type]
    assert graph.get_frames() is None
    with pytest.raises(spdl.io.InvalidError, match="was flushed and takes no more frames"):
        graph.add_frames(_pictures())
    # One that wants no more, before anybody said that it is over.
    graph = spdl.io.FilterGraph(f"{SOURCE},trim=end_frame=1,buffersink")
    for expected in (1, 0, 0):
        graph.add_frames(_pictures())
        got = graph.get_frames()
        assert (len(got) if got else 0) == expected
    for nothing_was_added in (SOURCE, f"{SOURCE},fps=50", f"{SOURCE},reverse"):
        graph = spdl.io.FilterGraph(f"{nothing_was_added},buffersink")
        graph.flush()
        assert graph.get_frames() is None


def test_closed() -> None:
    graph = spdl.io.FilterGraph(f"{SOURCE},buffersink")
    with graph as entered:
        assert entered is graph
        graph.add_frames(_pictures())
        frames = graph.get_frames()
    assert repr(graph) == "FilterGraph<closed>"
    for use in (graph.get_frames, graph.flush, graph.dump, graph.__enter__):
        with pytest.raises(ValueError, match="closed"):
            use()
    with pytest.raises(ValueError, match="closed"):
        graph.add_frames(_pictures())
    del graph, entered
    gc.collect()
    assert np.array_equal(
        spdl.io.to_numpy(spdl.io.convert_frames(frames)),  # type: ignore[arg-type]
        spdl.io.to_numpy(spdl.io.convert_frames(_pictures())),
    )


def test_limits() -> None:
    graph = spdl.io.FilterGraph(
        f"{SOURCE},scale=100:100,split[a][b];[a]buffersink@a;[b]buffersink@b"
    )
    with spdl.io.limits(max_frames=3):
        graph.add_frames(_pictures(3))
        with pytest.raises(spdl.io.LimitError, match="max_frames=3"):
            graph.add_frames(_pictures(1))
    graph.add_frames(_pictures(7, pts=3))
    for options in ({"max_frames": 5}, {"max_bytes": 100_000}, {"max_pixels": 9_000}):
        for key in ("buffersink@a", "buffersink@b"):
            with spdl.io.limits(**options), pytest.raises(spdl.io.LimitError):  # type: ignore[arg-type]
                graph.get_frames(key=key)
    # Nothing was lost.
    for key in ("buffersink@a", "buffersink@b"):
        frames: Any = graph.get_frames(key=key)
        assert frames.get_pts() == list(range(10))
    with spdl.io.limits(max_pixels=9_000), pytest.raises(spdl.io.LimitError, match="100x100"):
        spdl.io.FilterGraph(f"{SOURCE},scale=100:100,scale=8:6,buffersink")


@pytest.mark.parametrize("options", [{"max_frames": 50}, {"max_bytes": 10**6}, {"seconds": 0.1}])
@pytest.mark.parametrize("desc", ["testsrc=s=64x48", f"{SOURCE},loop=-1:2,scale=64:48"])
def test_graphs_without_an_end(desc: str, options: Any) -> None:
    graph = spdl.io.FilterGraph(f"{desc},buffersink")
    if desc.startswith("buffer"):
        graph.add_frames(_pictures())
        graph.flush()
    with spdl.io.limits(**options), pytest.raises((spdl.io.LimitError, spdl.io.DeadlineError)):
        graph.get_frames()


def test_cancelling_loses_nothing() -> None:
    frames = _pictures(300, size=(120, 160))
    desc = SOURCE.replace("8x6", "160x120") + ",avgblur=sizeX=20,scale=320:240,buffersink"
    whole = spdl.io.FilterGraph(desc)
    whole.add_frames(frames)
    expected: Any = whole.get_frames()

    async def run() -> Any:
        graph = spdl.io.FilterGraph(desc)
        await graph.async_add_frames(frames)
        for _ in range(3):
            task = asyncio.create_task(graph.async_get_frames())
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        task = asyncio.create_task(graph.async_add_frames(_pictures(1, (120, 160), pts=300)))
        task.cancel()  # Before it begins: it does not wait, so it is not cancelled later.
        with pytest.raises(asyncio.CancelledError):
            await task
        return await graph.async_get_frames()

    got = asyncio.run(run())
    assert got.get_pts()[:300] == expected.get_pts()
    arrays = [spdl.io.to_numpy(spdl.io.convert_frames(each[:300])) for each in (got, expected)]
    assert np.array_equal(*arrays)


def test_two_threads() -> None:
    graph = spdl.io.FilterGraph(SOURCE.replace("8x6", "160x120") + ",avgblur=sizeX=20,buffersink")
    total, busy = [0], [0]
    frames = _pictures(20, size=(120, 160))

    def work() -> None:
        until = time.monotonic() + 1
        while time.monotonic() < until:
            for operation in (lambda: graph.add_frames(frames), graph.get_frames):
                try:
                    got: Any = operation()
                    total[0] += len(got) if got else 0
                except spdl.io.BusyError:
                    busy[0] += 1

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total[0] > 0
    assert busy[0] > 0


@pytest.mark.skipif(bool(sanitizer.NO_FORK), reason=sanitizer.NO_FORK)
def test_a_forked_child() -> None:
    graph = spdl.io.FilterGraph(f"{SOURCE},hflip,buffersink")
    graph.add_frames(_pictures())
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        answers = []
        for use in (graph.get_frames, graph.flush, lambda: graph.add_frames(_pictures())):
            try:
                use()
                answers.append("fine")
            except spdl.io.ForkedError:
                answers.append("forked")
        own = spdl.io.FilterGraph(f"{SOURCE},hflip,buffersink")
        own.add_frames(_pictures())
        answers.append(str(len(own.get_frames() or [])))
        del graph
        os.write(writer, " ".join(answers).encode())
        os._exit(0)
    os.close(writer)
    assert os.read(reader, 100) == b"forked forked forked 2"
    assert os.waitpid(pid, 0)[1] == 0
    os.close(reader)
    assert len(graph.get_frames() or []) == 2


def test_a_filter_that_fails_ends_the_graph(media_path: Media) -> None:
    # Of no lent memory: FFmpeg 5.1 never frees the picture at which its scale fails.
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    source = spdl.io.get_buffer_desc(packets.codec)
    graph = spdl.io.FilterGraph(f"{source},scale=w='if(gt(n,2),1e8,8)':h=6:eval=frame,buffersink")
    graph.add_frames(spdl.io.decode_packets(packets, filter_desc=None))
    with pytest.raises(spdl.io.FilterError, match=r"h264\.mp4 could not be filtered by"):
        graph.get_frames()
    for use in (graph.get_frames, graph.flush, lambda: graph.add_frames(_pictures())):
        with pytest.raises(spdl.io.InvalidError, match="failed in an earlier operation"):
            use()


def test_nothing_leaks() -> None:
    with leaks.nothing_leaks():
        for _ in range(20):
            graph = spdl.io.FilterGraph(f"{SOURCE},tpad=stop=3,reverse,buffersink")
            graph.add_frames(_pictures())
            frames = graph.get_frames()
            del graph, frames
        gc.collect()
