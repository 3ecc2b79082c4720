# SPDX-License-Identifier: BSD-2-Clause
"""What the library says in a trace: stages, jobs, counters."""

from __future__ import annotations

import asyncio
import itertools
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import traces

import spdl.io
from spdl.io.utils import tracing

Media = Callable[[str], Path]


def test_stages_of_a_video(media_path: Media, tmp_path: Path) -> None:
    path = media_path("h264.mp4")
    with tracing(tmp_path / "t.json", process_name='the "test"\n') as trace:
        start = time.monotonic_ns() / 1000
        reference = spdl.io.decode_config(backend="ffmpeg")
        spdl.io.load_video(path, width=64, height=48, decode_config=reference)
        end = time.monotonic_ns() / 1000
    events = traces.read(tmp_path / "t.json")
    assert events[0]["args"]["name"] == 'the "test"\n'
    load = traces.one(events, "load")
    assert load["cat"] == "stage"
    assert load["args"] == {"detail": str(path)}
    assert start <= load["ts"] <= load["ts"] + load["dur"] <= end
    stages = [traces.one(events, name) for name in ("open", "demux", "decode", "convert")]
    for stage in stages:
        assert traces.contains(load, stage)
        assert stage["args"] == {"detail": str(path)}
    for before, after in itertools.pairwise(stages):
        assert before["ts"] + before["dur"] <= after["ts"]
    # What is left of it is the way from one to the next.
    assert sum(stage["dur"] for stage in stages) > load["dur"] / 2
    decode = stages[2]
    for name in ("decode packet", "receive frame", "filter", "open decoder", "open filter"):
        parts = traces.named(events, name)
        assert parts
        assert all(traces.contains(decode, part) for part in parts)
    num_frames = 30
    assert len(traces.named(events, "filter")) == num_frames + 1  # and one for the end
    assert "scale" in traces.one(events, "open filter")["args"]["detail"]
    assert not traces.crossing(events)
    counted = {"num_events": trace.num_events, "num_dropped": 0}
    assert events[-1]["args"] == counted
    assert trace.num_events >= 3 * num_frames


def test_threads_have_names(media_path: Media, tmp_path: Path) -> None:
    with tracing(tmp_path / "t.json"):
        asyncio.run(spdl.io.async_load_video(media_path("h264.mp4")))
    events = traces.read(tmp_path / "t.json")
    names = {
        event["tid"]: event["args"]["name"] for event in traces.named(events, "thread_name", "M")
    }
    assert names[traces.one(events, "load")["tid"]] == "spdl-worker"
    assert {event["tid"] for event in events if "tid" in event} == set(names)


def _media_walk(media_path: Media, tmp_path: Path) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0.5, 1))
    frames = spdl.io.decode_packets(packets, filter_desc=None)
    spdl.io.sample_decode_video(packets, [1, 3])
    spdl.io.apply_bsf(packets, "h264_mp4toannexb")
    muxer = spdl.io.Muxer(tmp_path / "copy.avi")
    video = spdl.io.video_encode_config(
        width=frames.width, height=frames.height, pix_fmt="yuv420p", frame_rate=(25, 1)
    )
    with muxer:
        encoder = muxer.add_encode_stream(video, encoder="mpeg4")
        muxer.open()
        for encoded in (encoder.encode(frames), encoder.flush()):
            if encoded is not None:
                muxer.write(0, encoded)
    with open(media_path("jpeg_420.jpg"), "rb") as file:
        spdl.io.load_image(file)
    spdl.io.load_image_batch([media_path("jpeg_420.jpg")] * 4)
    spdl.io.load_wav(media_path("s16.wav").read_bytes())


def test_stages_of_everything(media_path: Media, tmp_path: Path) -> None:
    with tracing(tmp_path / "t.json"):
        _media_walk(media_path, tmp_path)
    events = traces.read(tmp_path / "t.json")
    found = {event["name"] for event in events if event["ph"] == "X" and event["cat"] == "stage"}
    assert found >= {
        "open",
        "demux",
        "seek",
        "decode",
        "sample",
        "bsf",
        "open encoder",
        "encode",
        "mux",
        "wait for input",
        "batch item",
        "wav",
    }
    assert len(traces.named(events, "batch item")) == 4
    assert not traces.crossing(events)


def test_stages_of_a_graph(media_path: Media, tmp_path: Path) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    frames = spdl.io.decode_packets(packets, filter_desc=None)
    desc = f"{spdl.io.get_buffer_desc(packets.codec)},hflip,buffersink"
    with tracing(tmp_path / "t.json"):
        graph = spdl.io.FilterGraph(desc)
        graph.add_frames(frames)
        graph.flush()
        assert graph.get_frames() is not None
    events = traces.read(tmp_path / "t.json")
    assert traces.one(events, "open filter")["args"]["detail"].startswith("buffer=")
    assert traces.one(events, "filter")["dur"] > 0


def test_jobs(media_path: Media, tmp_path: Path, one_worker: None) -> None:
    async def load() -> None:
        path = media_path("h264.mp4")
        await asyncio.gather(*(spdl.io.async_load_video(path) for _ in range(3)))

    with tracing(tmp_path / "t.json"):
        asyncio.run(load())
    events = traces.read(tmp_path / "t.json")
    jobs = {}
    for name in ("queue wait", "job"):
        for phase in "be":
            for event in traces.named(events, name, phase):
                assert event["cat"] == "job"
                jobs.setdefault(event["id"], {})[name, phase] = event["ts"]
    assert len(jobs) == 3
    for job in jobs.values():
        waited, began = job["queue wait", "e"], job["job", "b"]
        assert job["queue wait", "b"] <= waited <= began <= job["job", "e"]
    # One worker: the last one waits for the whole of the second.
    waits = sorted(job["queue wait", "e"] - job["queue wait", "b"] for job in jobs.values())
    spent = sorted(job["job", "e"] - job["job", "b"] for job in jobs.values())
    assert waits[-1] >= spent[0]
    running = [event["args"]["value"] for event in traces.named(events, "jobs running", "C")]
    assert running == [1, 0] * 3
    waiting = [event["args"]["value"] for event in traces.named(events, "jobs waiting", "C")]
    assert max(waiting) >= 2
    assert waiting[-1] == 0


def test_bytes_of_buffers(media_path: Media, tmp_path: Path) -> None:
    with tracing(tmp_path / "t.json"):
        buffer = spdl.io.load_image(media_path("jpeg_420.jpg"))
        size = math.prod(buffer.shape)
        del buffer
    events = traces.named(traces.read(tmp_path / "t.json"), "buffer bytes", "C")
    with_it, without = (event["args"]["value"] for event in events)
    assert with_it - without >= size


def test_import_does_not_trace() -> None:
    """Nothing of it runs until it is asked for: no thread, no file."""
    code = "import spdl.io.utils, threading, os; print(len(os.listdir('/proc/self/task')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert shown.stdout.strip() == b"1"
