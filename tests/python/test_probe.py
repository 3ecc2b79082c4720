# SPDX-License-Identifier: BSD-2-Clause
"""What probing says, against ffprobe."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import pickle
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import media
import pytest
import tools

import spdl.io

Media = Callable[[str], Path]


def _ffprobe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(tools.run(command))
    return found


def _ratio(text: str | None, separator: str = "/") -> Fraction | None:
    num, _, den = (text or "0/1").replace(separator, "/").partition("/")
    return Fraction(int(num), int(den)) if int(num) and int(den) else None


def _number(found: dict[str, Any], name: str) -> float | None:
    return float(found[name]) if name in found else None


def _check_stream(ours: spdl.io.StreamInfo, found: dict[str, Any]) -> None:
    assert ours.index == found["index"]
    assert ours.media == found["codec_type"]
    assert ours.codec == found["codec_name"]
    assert ours.is_default == bool(found["disposition"]["default"])
    assert ours.is_attached_picture == bool(found["disposition"]["attached_pic"])
    assert ours.time_base == _ratio(found["time_base"])
    assert ours.start_time == pytest.approx(_number(found, "start_time"), abs=1e-6)
    assert ours.duration == pytest.approx(_number(found, "duration"), abs=1e-6)
    assert ours.bit_rate == _number(found, "bit_rate")
    assert ours.num_frames == _number(found, "nb_frames")
    assert ours.sample_fmt == found.get("sample_fmt")
    assert ours.sample_rate == _number(found, "sample_rate")
    assert ours.num_channels == found.get("channels")
    assert ours.pix_fmt == found.get("pix_fmt")
    assert (ours.width, ours.height) == (found.get("width"), found.get("height"))
    assert ours.color_range == found.get("color_range")
    assert ours.color_space == found.get("color_space")
    assert ours.color_primaries == found.get("color_primaries")
    assert ours.color_transfer == found.get("color_transfer")
    assert ours.metadata == found.get("tags", {})
    if ours.media == "video":
        assert ours.sample_aspect_ratio == _ratio(found.get("sample_aspect_ratio"), ":")
        assert ours.frame_rate in (_ratio(found["r_frame_rate"]), _ratio(found["avg_frame_rate"]))
        assert ours.rotation == 0
    else:
        assert ours.rotation is ours.frame_rate is ours.width is None


@pytest.mark.parametrize("name", [*media.VIDEOS, *media.AUDIO])
def test_against_ffprobe(name: str, media_path: Media) -> None:
    path = media_path(name)
    found = _ffprobe(path)
    info = spdl.io.probe(path)
    assert (info.source, info.format) == (str(path), found["format"]["format_name"])
    assert info.description == found["format"]["format_long_name"]
    assert info.start_time == pytest.approx(_number(found["format"], "start_time"), abs=1e-6)
    assert info.duration == pytest.approx(_number(found["format"], "duration"), abs=1e-6)
    assert info.bit_rate == _number(found["format"], "bit_rate")
    assert info.metadata == found["format"].get("tags", {})
    assert len(info.streams) == len(found["streams"])
    for ours, theirs in zip(info.streams, found["streams"], strict=True):
        _check_stream(ours, theirs)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("jpeg_420.jpg", "mjpeg", "yuvj420p"), ("png_rgb48.png", "png", "rgb48be")],
)
def test_images(name: str, codec: str, pix_fmt: str, media_path: Media) -> None:
    (stream,) = spdl.io.probe(media_path(name)).streams
    assert (stream.media, stream.codec, stream.pix_fmt) == ("video", codec, pix_fmt)
    assert (stream.width, stream.height) == (160, 120)


def test_what_is_loaded(media_path: Media) -> None:
    info = spdl.io.probe(media_path("both.mp4"))
    assert info.audio_stream is not None
    assert info.video_stream is not None
    assert info.streams[info.audio_stream].channel_layout == "stereo"
    assert info.streams[info.video_stream].media == "video"
    info = spdl.io.probe(media_path("s16.wav"))
    assert (info.audio_stream, info.video_stream) == (0, None)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotation(degrees: int, media_path: Media, tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    source = str(media_path("h264.mp4"))
    # The option turns against the clock.
    turn = ["-metadata:s:v:0", f"rotate={(360 - degrees) % 360}"]
    tools.run(["ffmpeg", "-v", "error", "-i", source, "-c", "copy", *turn, str(path)])
    (stream,) = spdl.io.probe(path).streams
    matrix = _ffprobe(path)["streams"][0].get("side_data_list", [{"rotation": 0}])
    assert stream.rotation == -matrix[0]["rotation"] % 360
    assert {stream.rotation, (360 - stream.rotation) % 360} >= {float(degrees)}
    assert (stream.width, stream.height) == (160, 120)


def test_colours_and_tags(media_path: Media, tmp_path: Path) -> None:
    path = tmp_path / "tagged.mkv"
    colors = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709"]
    tags = ["-metadata", "title=Größe", "-metadata:s:v:0", "language=deu"]
    source = ["-i", str(media_path("h264.mp4")), "-c:v", "libx264", "-color_trc", "bt709"]
    tools.run(["ffmpeg", "-v", "error", *source, *colors, *tags, str(path)])
    info = spdl.io.probe(path.read_bytes(), name="mine")
    (stream,) = info.streams
    assert (info.source, info.metadata["title"], stream.metadata["language"]) == (
        "mine",
        "Größe",
        "deu",
    )
    assert (stream.color_range, stream.color_space) == ("tv", "bt709")
    assert (stream.color_primaries, stream.color_transfer) == ("bt709", "bt709")


def test_values(media_path: Media) -> None:
    info = spdl.io.probe(media_path("both.mp4"))
    assert asyncio.run(spdl.io.async_probe(media_path("both.mp4"))) == info
    assert pickle.loads(pickle.dumps(info)) == info
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.format = "other"  # type: ignore[misc]


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spdl.io.probe(tmp_path / "missing.mp4")
    with pytest.raises(spdl.io.CorruptError):
        spdl.io.probe(b"nothing that anybody knows")
    with pytest.raises(spdl.io.UnsupportedError):
        spdl.io.probe(b"1234", demux_config=spdl.io.demux_config("no such format"))


def test_metadata_of_pictures(media_path: Media) -> None:
    def metadata(name: str) -> dict[str, str]:
        frames = spdl.io.decode_packets(spdl.io.demux_image(media_path(name)))
        return frames.metadata

    turned = metadata("jpeg_exif.jpg")
    assert turned["Orientation"].strip() == "6"
    assert "Orientation" not in metadata("jpeg_420.jpg")
    video = spdl.io.decode_packets(spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0, 0.1)))
    assert video[0].metadata == {}
    one = spdl.io.decode_packets(
        spdl.io.demux_image(media_path("png_rgb24.png")), filter_desc="metadata=add:key=k:value=v"
    )
    assert one.metadata["k"] == "v"
