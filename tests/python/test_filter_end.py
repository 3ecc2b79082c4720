# SPDX-License-Identifier: BSD-2-Clause
"""Filters that end before their input does: nothing is decoded or kept for them any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import makers
import numpy as np
import pytest
import traces

import spdl.io
from spdl.io.utils import tracing

Media = Callable[[str], Path]

TRIM = "trim=end_frame=3,format=pix_fmts=rgb24"
SOURCE = "buffer=video_size=8x6:pix_fmt=rgb24:time_base=1/25"


def _batch(path: Path, **options: Any) -> Any:
    return spdl.io.load_video_batch([path], **options)


def _stream(path: Path, **options: Any) -> Any:
    packets = spdl.io.demux_video(path)
    (frames,) = spdl.io.streaming_decode_packets(packets, 8, **options)
    return frames


def _num_decoded(trace: Path, call: Callable[..., Any], path: Path, **options: Any) -> int:
    with tracing(trace):
        call(path, **options)
    return len(traces.named(traces.read(trace), "decode packet"))


@pytest.mark.parametrize(
    ("call", "options"),
    [
        (spdl.io.load_video, {"num_frames": 3}),
        (spdl.io.load_video, {"filter_desc": TRIM}),
        (spdl.io.load_video, {"frame_rate": 5, "num_frames": 2}),
        (spdl.io.load_video, {"timestamp": (0.1, None), "num_frames": 3}),
        (spdl.io.load_video, {"filter_desc": "trim=end=0.2,hflip,format=rgb24"}),
        (spdl.io.load_audio, {"num_frames": 2000}),
        (_batch, {"num_frames": 3}),
        (_stream, {"filter_desc": TRIM}),
    ],
    ids=str,
)
def test_decoding_stops(
    call: Callable[..., Any], options: dict[str, Any], media_path: Media, tmp_path: Path
) -> None:
    path = media_path("stereo.m4a" if call is spdl.io.load_audio else "h264.mp4")
    assert _num_decoded(tmp_path / "t.json", call, path, **options) <= 20
    whole = spdl.io.load_audio if call is spdl.io.load_audio else spdl.io.load_video
    assert _num_decoded(tmp_path / "t.json", whole, path) > 30


@pytest.mark.parametrize("desc", [TRIM, "fps=5,trim=end_frame=2,scale=80:60,format=rgb24"])
def test_same_as_the_command(desc: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path("h264.mp4")
    array = np.asarray(spdl.io.load_video(path, filter_desc=desc))
    expected = np.frombuffer(reference.pictures(path, desc), np.uint8).reshape(array.shape)
    assert not reference.differences(array, expected)


def test_a_size_that_changes_later(tmp_path: Path, reference: ModuleType) -> None:
    """The filter is over for the whole stream; no new graph begins for the pictures that follow."""
    path, parts = tmp_path / "joined.h264", []
    for size in ("160:120", "80:60"):
        part = tmp_path / "part.h264"
        makers.video("-vf", f"scale={size}", "-c:v", "libx264", "-threads", "1", seconds=0.4)(part)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    array = np.asarray(spdl.io.load_video(path, filter_desc=TRIM))
    assert array.shape == (3, 120, 160, 3)
    expected = np.frombuffer(reference.pictures(path, TRIM), np.uint8).reshape(array.shape)
    assert not reference.differences(array, expected)


def _pictures(count: int) -> Any:
    array = np.zeros((count, 6, 8, 3), np.uint8)
    return spdl.io.create_reference_video_frame(array, "rgb24", (25, 1), 0)


def test_one_chain_of_a_graph() -> None:
    """What is added for sinks that have ended is not kept, while another chain goes on."""
    chains = [
        f"{SOURCE},format=rgb24[a]",
        f"{SOURCE.replace('buffer', 'buffer@long')},format=rgb24[b]",
        "[a]trim=end_frame=2,buffersink",
        "[b]buffersink@long",
    ]
    graph = spdl.io.FilterGraph(";".join(chains))
    with spdl.io.limits(max_frames=5):
        graph.add_frames(_pictures(4), key="buffer")
        assert len(graph.get_frames(key="buffersink")) == 2  # type: ignore[arg-type]
        for _ in range(4):
            graph.add_frames(_pictures(4), key="buffer")
            graph.add_frames(_pictures(4), key="buffer@long")
            assert len(graph.get_frames(key="buffersink@long")) == 4  # type: ignore[arg-type]
        assert graph.get_frames(key="buffersink") is None


def test_one_sink_of_a_source() -> None:
    ends = "split[a][b];[a]trim=end_frame=2,buffersink@short;[b]buffersink@long"
    graph = spdl.io.FilterGraph(f"{SOURCE},{ends}")
    counts = []
    with spdl.io.limits(max_frames=5):
        for _ in range(4):
            graph.add_frames(_pictures(4))
            for key in ("buffersink@short", "buffersink@long"):
                frames = graph.get_frames(key=key)
                counts.append(len(frames) if frames else 0)
    assert counts == [2, 4, 0, 4, 0, 4, 0, 4]
