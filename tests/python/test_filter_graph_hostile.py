# SPDX-License-Identifier: BSD-2-Clause
"""Graphs that are described wrongly, and frames that do not fit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

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


@pytest.mark.parametrize(
    ("desc", "reason"),
    [
        ("", "the text is empty"),
        (" \n", "the text is empty"),
        ("\x01\x02", "no such filter: \x01\x02"),
        ("hflip", "an input of hflip is not connected"),
        (f"{SOURCE}", "an output of buffer is not connected"),
        (f"{SOURCE},hflip", "an output of hflip is not connected"),
        (f"{SOURCE}[x];[y]buffersink", "the input [y] is not connected"),
        (f"{SOURCE},nullsink", "it has no sink: buffersink or abuffersink"),
        ("buffersink", "an input of buffersink is not connected"),
        ("buffer,buffersink", "the filter buffer needs options"),
        (f"{SOURCE},nope,buffersink", "no such filter: nope"),
        (f"{SOURCE},nope@a=1,buffersink", "no such filter: nope"),
        (f"{SOURCE},hflip,,buffersink", "a filter has no name"),
        (f"{SOURCE},hflip,buffersink;", "a filter has no name"),
        (f"{SOURCE},hflip]buffersink", "no such filter: hflip]buffersink"),
        (f"{SOURCE},fps=5]buffersink", "there is text that belongs to no filter: ]buffersink"),
        (f"{SOURCE},[a", "a label is not closed: [a"),
        (f"{SOURCE},[]hflip,buffersink", "a label is empty: []"),
        (f"{SOURCE},scale=wdth=3,buffersink", "the filter scale has no option wdth"),
        (f"{SOURCE},fps=fps=25:x=1,buffersink", "the filter fps has no option x"),
        (f"{SOURCE},fps=25:0:up:pass:1,buffersink", "the filter fps does not take 1"),
        (f"{SOURCE},trim=end_frame=-9,buffersink", "the filter trim does not take end_frame=-9"),
        (f"{SOURCE},hflip=1,buffersink", "the filter hflip does not take 1"),
        (f"{SOURCE},crop=w=100,buffersink", "the filter crop does not suit these frames"),
        (f"{SOURCE},split,buffersink", f"has 2 outputs, but buffersink takes 1; {ASK}"),
        (f"{SOURCE},anull,buffersink", "the filter buffer gives pictures, but anull takes samples"),
        (f"{SOURCE},buffersink;{SOURCE},buffersink", f"have the same name; {ASK}"),
        (",".join([SOURCE, *["null"] * 1000, "buffersink"]), "more than 1000 filters"),
    ],
)
def test_wrong_descriptions(desc: str, reason: str) -> None:
    with leaks.nothing_leaks():
        with pytest.raises(spdl.io.FilterError) as caught:
            spdl.io.FilterGraph(desc)
        text = str(caught.value)
        assert text.startswith(f"Failed to parse the filter description: {desc[:100]}")
        assert reason in text[-len(reason) - 60 :]
        assert caught.value.origin == "filter"


@pytest.mark.parametrize(
    ("desc", "reason"),
    [
        ("hflip,nope=1", "no such filter: nope"),
        ("scale=w=", "the filter scale does not take w="),
        ("hflip,crop=w=500", "the filter crop does not suit these frames"),
        ("split", "an output of split is not connected"),
        ("[x]hflip", "the input [x] is not connected"),
        ("anull", "the filter buffer gives pictures, but anull takes samples"),
        (",".join(["null"] * 1001), "more than 1000 filters"),
    ],
)
def test_decoding_says_what_is_wrong(desc: str, reason: str, media_path: Media) -> None:
    path = media_path("h264.mp4")
    packets = spdl.io.demux_video(path)
    for call in (
        lambda: spdl.io.load_video(path, filter_desc=desc),
        lambda: spdl.io.decode_packets(packets, desc),
        lambda: asyncio.run(spdl.io.async_load_image(path, filter_desc=desc)),
        lambda: list(spdl.io.streaming_decode_packets(packets, 1, filter_desc=desc)),
    ):
        with pytest.raises(spdl.io.FilterError) as caught:
            call()
        text = str(caught.value)
        assert text.startswith(f"Failed to parse the filter description: {desc[:50]}")
        assert text.endswith(f"({reason}) for {path}")


def test_long_texts() -> None:
    label = "x" * 10**6
    with pytest.raises(spdl.io.FilterError):
        spdl.io.FilterGraph(f"[{label}")
    many = ",".join([SOURCE, *["null"] * 998, "buffersink"])
    graph = spdl.io.FilterGraph(many)
    graph.add_frames(_pictures())
    assert len(graph.get_frames()) == 2  # type: ignore[arg-type]
    # Commas that are quoted separate no filters.
    select = "select='" + "+".join(f"between(t,{i},{i})" for i in range(90)) + "'"
    assert select.count(",") * 8 > 1000
    spdl.io.FilterGraph(",".join([SOURCE, *[select] * 8, "buffersink"]))


@pytest.mark.parametrize(
    ("frames", "got"),
    [
        (lambda: _pictures(size=(6, 10)), "pictures (rgb24, 10x6)"),
        (_samples, "samples (s16, 8000 Hz, mono)"),
    ],
)
def test_frames_of_another_format(frames: Callable[[], Any], got: str) -> None:
    graph = spdl.io.FilterGraph(f"{SOURCE},hflip,buffersink")
    with pytest.raises(spdl.io.FilterError) as caught:
        graph.add_frames(frames())
    expected = (
        f"source buffer of the filter graph takes pictures (rgb24, 8x6), but the frames are {got}"
    )
    assert expected in str(caught.value)
    graph.add_frames(_pictures())  # Nothing was taken.
    assert len(graph.get_frames()) == 2  # type: ignore[arg-type]


def test_samples_of_another_format() -> None:
    for options in ("sample_rate=16000", "sample_fmt=flt", "channel_layout=stereo"):
        graph = spdl.io.FilterGraph(f"{SOUND}:{options},abuffersink")
        for frames in (_samples(), _pictures()):
            with pytest.raises(spdl.io.FilterError, match=r"abuffer .* takes samples .* but the"):
                graph.add_frames(frames)


def test_keys() -> None:
    options = SOURCE.removeprefix("buffer")
    sources = f"buffer@a{options}[a];buffer@b{options}[b]"
    sinks = "[x]buffersink@x;[y]buffersink@y"
    graph = spdl.io.FilterGraph(f"{sources};[a][b]hstack,split[x][y];{sinks}")
    for key in (None, "buffer", "buffer@c", "buffersink@x", ""):
        with pytest.raises(IndexError, match=r"the sources of the graph are buffer@a, buffer@b\."):
            graph.add_frames(_pictures(), key=key)
        if key != "buffersink@x":
            with pytest.raises(IndexError, match=r"the sinks of the graph are buffersink@x, b"):
                graph.get_frames(key=key)
    with pytest.raises(TypeError, match="`key` must be a str"):
        graph.get_frames(key=1)  # type: ignore[arg-type]
    alone = spdl.io.FilterGraph(f"{SOURCE},buffersink")
    alone.add_frames(_pictures(), key="buffer")
    assert alone.get_frames(key="buffersink") is not None
    with pytest.raises(IndexError, match=r"There is no source"):
        spdl.io.FilterGraph("testsrc,buffersink").add_frames(_pictures())


@pytest.mark.parametrize("wrong", [None, 1, b"null"], ids=repr)
def test_wrong_types(wrong: Any, media_path: Media) -> None:
    graph = spdl.io.FilterGraph(f"{SOURCE},buffersink")
    codec = spdl.io.demux_video(media_path("h264.mp4")).codec
    for call in (
        lambda: spdl.io.FilterGraph(wrong),
        lambda: graph.add_frames(wrong),
        lambda: spdl.io.get_buffer_desc(wrong),
        lambda: spdl.io.get_abuffer_desc(codec),  # type: ignore[arg-type]
        lambda: spdl.io.get_buffer_desc(codec, label=wrong or 2),
        lambda: spdl.io.get_buffer_desc(codec, pix_fmt=wrong or 2),
    ):
        with pytest.raises(TypeError):
            call()
    for label in ("", "a b", "a,b", "a=b", "a@b", "a\n"):
        with pytest.raises(ValueError, match="`label` must be"):
            spdl.io.get_buffer_desc(codec, label=label)
