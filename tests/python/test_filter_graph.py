# SPDX-License-Identifier: BSD-2-Clause
"""Whole graphs of filters give what decoding with a filter gives, and what the CLI gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]

PICTURES = [
    "hflip",
    "fps=50",
    "fps=1000",
    "fps=7",
    "scale=80:60:flags=area,format=rgb24",
    "reverse",
    "tpad=stop=3:stop_mode=clone",
    "setpts=2*PTS",
    "trim=end_frame=5",
    "select='not(mod(n,3))'",
    "framerate=fps=60",
]
SAMPLES = [
    "aformat=sample_fmts=fltp",
    "aresample=16000",
    "areverse",
    "atempo=1.3",
    "apad=pad_len=1000",
    "asetnsamples=1000",
    "atrim=start=0.2:end=0.4",
]


def _decode(path: Path, kind: str = "video") -> tuple[Any, Any]:
    """The packets, and the frames as the decoder gives them."""
    packets = getattr(spdl.io, f"demux_{kind}")(path)
    return packets, spdl.io.decode_packets(packets, filter_desc=None)


def _source(packets: Any, label: str | None = None) -> str:
    is_audio = isinstance(packets, spdl.io.AudioPackets)
    describe: Any = spdl.io.get_abuffer_desc if is_audio else spdl.io.get_buffer_desc
    text: str = describe(packets.codec, label=label)
    return text


def _got(graph: Any, key: str | None = None) -> list[Any]:
    """All that comes out, in as many pieces as it does."""
    return list(iter(lambda: graph.get_frames(key=key), None))


def _bytes(pieces: list[Any]) -> bytes:
    """As raw video, and as interleaved samples."""
    arrays = [spdl.io.to_numpy(spdl.io.convert_frames(piece)) for piece in pieces]
    planar = isinstance(pieces[0], spdl.io.AudioFrames) and pieces[0].sample_fmt.endswith("p")
    return b"".join((array.T if planar else array).tobytes() for array in arrays)


def _times(pieces: list[Any]) -> list[float]:
    return [seconds for piece in pieces for seconds in piece._seconds()]


def _check_like_decoding(path: Path, kind: str, desc: str) -> None:
    packets, frames = _decode(path, kind)
    expected = spdl.io.decode_packets(packets, filter_desc=desc)
    sink = "abuffersink" if kind == "audio" else "buffersink"
    graph = spdl.io.FilterGraph(f"{_source(packets)},{desc},{sink}")
    graph.add_frames(frames)
    pieces = _got(graph)
    graph.flush()
    pieces += _got(graph)
    assert _bytes(pieces) == _bytes([expected])
    assert _times(pieces) == _times([expected])
    assert pieces[0]._get_ratio("time_base") == expected._get_ratio("time_base")
    assert type(pieces[0]) is type(expected)


@pytest.mark.parametrize("desc", PICTURES)
@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "vfr.mp4", "raw_rgb24.nut"])
def test_pictures_are_as_decoding_filters_them(name: str, desc: str, media_path: Media) -> None:
    _check_like_decoding(media_path(name), "video", desc)


@pytest.mark.parametrize("desc", SAMPLES)
@pytest.mark.parametrize("name", ["s16.wav", "stereo.m4a", "opus.webm", "surround.ogg"])
def test_samples_are_as_decoding_filters_them(name: str, desc: str, media_path: Media) -> None:
    _check_like_decoding(media_path(name), "audio", desc)


def test_unknown_channels(media_path: Media) -> None:
    """A file that does not say which channels it has."""
    _check_like_decoding(media_path("s16_9ch.wav"), "audio", "volume=0.5")


TWO_INPUTS = [
    ("[0:v][1:v]hstack[out]", "h264.mp4", "hevc.mp4"),
    ("[0:v]scale=80:60[small];[1:v][small]overlay=10:20,format=rgb24[out]", "h264.mp4", "vfr.mp4"),
    ("[0:v]fps=50[a];[1:v]fps=50[b];[a][b]blend=all_mode=average[out]", "vfr.mp4", "h264.mkv"),
    ("[0:v][1:v]concat=n=2[out]", "h264.mp4", "vfr.mp4"),
    ("[0:v][1:v]interleave[out]", "h264.mp4", "hevc.mp4"),
    ("[0:v]trim=end_frame=7[a];[a][1:v]hstack=shortest=1[out]", "h264.mp4", "hevc.mp4"),
    ("[0:v]reverse[a];[a][1:v]xfade=duration=0.4:offset=0.5[out]", "h264.mp4", "hevc.mp4"),
    ("[0:v]nullsink;[1:v]null[out]", "h264.mp4", "hevc.mp4"),
]


@pytest.mark.parametrize(("desc", "first", "second"), TWO_INPUTS)
@pytest.mark.parametrize("is_stepwise", [False, True])
def test_two_inputs(
    desc: str, first: str, second: str, is_stepwise: bool, media_path: Media, reference: ModuleType
) -> None:
    paths = [media_path(first), media_path(second)]
    (a, frames_a), (b, frames_b) = map(_decode, paths)
    ends = f"{_source(a, 'a')}[0:v];{_source(b, 'b')}[1:v];"
    graph = spdl.io.FilterGraph(f"{ends}{desc};[out]buffersink")
    pieces: list[Any] = []
    if is_stepwise:
        for i in range(max(len(frames_a), len(frames_b))):
            graph.add_frames(frames_a[i : i + 1], key="buffer@a")
            graph.add_frames(frames_b[i : i + 1], key="buffer@b")
            pieces += _got(graph)
    else:
        graph.add_frames(frames_b, key="buffer@b")
        pieces += _got(graph)
        graph.add_frames(frames_a, key="buffer@a")
    graph.flush()
    pieces += _got(graph)
    (expected,) = reference.graph(paths, desc, {"out": None})
    assert _bytes(pieces) == expected


def test_frames_come_as_soon_as_they_can(media_path: Media) -> None:
    packets, frames = _decode(media_path("h264.mp4"))
    ends = [f"{_source(packets, label)}[{label}]" for label in "ab"]
    graph = spdl.io.FilterGraph(f"{';'.join(ends)};[a][b]hstack,buffersink")
    graph.add_frames(frames[:5], key="buffer@a")
    assert graph.get_frames() is None
    for i in range(5):
        graph.add_frames(frames[i], key="buffer@b")
        (got,) = _got(graph)
        assert (got.width, got.get_pts()) == (320, frames[i : i + 1].get_pts())


def test_two_inputs_of_samples(media_path: Media, reference: ModuleType) -> None:
    paths = [media_path("s16.wav"), media_path("f32.wav")]
    (a, frames_a), (b, frames_b) = (_decode(path, "audio") for path in paths)
    desc = "[0:a]volume=0.5[x];[x][1:a]amix,aformat=sample_fmts=flt[out]"
    ends = f"{_source(a, 'a')}[0:a];{_source(b, 'b')}[1:a];"
    graph = spdl.io.FilterGraph(f"{ends}{desc};[out]abuffersink@mix")
    graph.add_frames(frames_a, key="abuffer@a")
    graph.add_frames(frames_b, key="abuffer@b")
    graph.flush()
    (mixed,) = _got(graph, "abuffersink@mix")
    assert (mixed.sample_fmt, mixed.sample_rate, mixed.num_channels) == ("flt", 48000, 2)
    (expected,) = reference.graph(paths, desc, {"out": "pcm_f32le"})
    assert _bytes([mixed]) == expected


def test_two_outputs(media_path: Media, reference: ModuleType) -> None:
    path = media_path("both.mp4")
    video, frames = _decode(path)
    audio, samples = _decode(path, "audio")
    desc = (
        "[0:v]split[a][b];[b]fps=50,vflip[slow];[a]scale=40:30[small];"
        "[0:a]asplit[x][y];[x]aformat=sample_fmts=s16[sound];[y]showwaves=s=64x32:rate=25[waves]"
    )
    ends = {"slow": None, "small": None, "sound": "pcm_s16le", "waves": None}
    sinks = ["buffersink@slow", "buffersink@small", "abuffersink@sound", "buffersink@waves"]
    graph = spdl.io.FilterGraph(
        f"{_source(video, 'v')}[0:v];{_source(audio, 'a')}[0:a];{desc};"
        + ";".join(f"[{sink.partition('@')[2]}]{sink}" for sink in sinks)
    )
    assert repr(graph) == f"FilterGraph<sources=['buffer@v', 'abuffer@a'], sinks={sinks}>"
    graph.add_frames(frames, key="buffer@v")
    graph.add_frames(samples, key="abuffer@a")
    pieces: dict[str, list[Any]] = {sink: _got(graph, sink) for sink in reversed(sinks)}
    graph.flush()
    for sink in sinks:
        pieces[sink] += _got(graph, sink)
    kinds = [type(pieces[sink][0]) for sink in sinks]
    pictures = spdl.io.VideoFrames
    assert kinds == [pictures, pictures, spdl.io.AudioFrames, pictures]
    assert _times(pieces["buffersink@slow"])[:3] == [0.0, 0.02, 0.04]
    assert _times(pieces["buffersink@small"]) == frames.get_timestamps()
    for sink, expected in zip(sinks, reference.graph([path], desc, ends), strict=True):
        assert _bytes(pieces[sink]) == expected, sink


def test_every_form_and_any_division(media_path: Media) -> None:
    packets, frames = _decode(media_path("h264.mp4"))
    desc = f"{_source(packets)},framerate=fps=60,buffersink"
    results = set()
    for step in (1, 7, len(frames)):
        with spdl.io.FilterGraph(desc) as graph:
            pieces = []
            for first in range(0, len(frames), step):
                graph.add_frames(frames[first : first + step])
                pieces += _got(graph)
            graph.flush()
            results.add(_bytes(pieces + _got(graph)))

    async def run() -> bytes:
        async with spdl.io.FilterGraph(desc) as graph:
            pieces = []
            await graph.async_add_frames(frames[:11])
            pieces += [await graph.async_get_frames()]
            for image in frames[11:]:
                await graph.async_add_frames(image)
            await graph.async_flush()
            pieces += [await graph.async_get_frames()]
            assert await graph.async_get_frames() is None
        return _bytes(pieces)

    results.add(asyncio.run(run()))
    assert len(results) == 1


def test_times_are_put_on_the_clock_of_the_source() -> None:
    array = np.zeros((4, 8, 8, 3), np.uint8)
    frames = spdl.io.create_reference_video_frame(array, "rgb24", (30000, 1001), pts=3)
    source = "buffer=video_size=8x8:pix_fmt=rgb24:time_base={}:pixel_aspect=1/1"
    graph = spdl.io.FilterGraph(f"{source.format('1/1000')},null,buffersink")
    graph.add_frames(frames)
    (got,) = _got(graph)
    assert got.time_base == (1, 1000)
    assert got.get_pts() == [100, 133, 167, 200]
    # Where a source ends is known by how long its last frame lasts.
    graph = spdl.io.FilterGraph(f"{source.format('1/90000')},fps=120000/1001,buffersink")
    graph.add_frames(frames)
    graph.flush()
    assert sum(map(len, _got(graph))) == 16


def test_frames_without_times_follow_the_frame_before() -> None:
    graph = spdl.io.FilterGraph("testsrc=d=0.2:s=8x8:r=10,setpts=NAN,format=rgb24,buffersink")
    (frames,) = _got(graph)
    assert len(frames) == 2
    source = "buffer=video_size=8x8:pix_fmt=rgb24:time_base=1/10:frame_rate=10"
    graph = spdl.io.FilterGraph(f"{source},null,buffersink")
    for _ in range(2):
        graph.add_frames(frames)
    (got,) = _got(graph)
    assert got.get_timestamps() == [0.0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("desc", ["negate", "drawbox=t=fill", "hflip,negate"])
def test_frames_that_go_in_stay_as_they_are(desc: str, media_path: Media) -> None:
    """Filters that write in place."""
    packets, frames = _decode(media_path("h264.mp4"))
    array = np.arange(2 * 16 * 16 * 3, dtype=np.uint8).reshape(2, 16, 16, 3)
    lent = spdl.io.create_reference_video_frame(array, "rgb24", (25, 1), pts=0)
    lent_source = "buffer=video_size=16x16:pix_fmt=rgb24:time_base=1/25"
    for source, given in ((_source(packets), frames), (lent_source, lent)):
        before, original = _bytes([given]), array.copy()
        graph = spdl.io.FilterGraph(f"{source},{desc},buffersink")
        graph.add_frames(given)
        once = _bytes(_got(graph))
        assert once != before
        graph.add_frames(given)
        assert _bytes(_got(graph)) == once
        assert _bytes([given]) == before
        assert np.array_equal(array, original)


def test_descriptions_of_sources(media_path: Media) -> None:
    video = spdl.io.demux_video(media_path("h264.mp4")).codec
    audio = spdl.io.demux_audio(media_path("surround.m4a")).codec
    image = spdl.io.demux_image(media_path("png_rgba.png")).codec
    rest = "time_base=1/12800:pixel_aspect=1/1:frame_rate=25/1"
    assert spdl.io.get_buffer_desc(video) == f"buffer=video_size=160x120:pix_fmt=yuv420p:{rest}"
    assert spdl.io.get_buffer_desc(video, "a", "gray") == (
        f"buffer@a=video_size=160x120:pix_fmt=gray:{rest}"
    )
    assert spdl.io.get_buffer_desc(image, pix_fmt="rgb24").startswith(
        "buffer=video_size=160x120:pix_fmt=rgb24:time_base=1/25:pixel_aspect="
    )
    layout = audio.channel_layout
    assert spdl.io.get_abuffer_desc(audio, label="x-1", sample_fmt="s16") == (
        f"abuffer@x-1=time_base=1/48000:sample_rate=48000:sample_fmt=s16:channel_layout={layout}"
    )
