# SPDX-License-Identifier: BSD-2-Clause
"""Sources that are no media, or not what they seem: typed errors that name source and stage."""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import makers
import numpy as np
import pytest
import ways

import spdl.io

Media = Callable[[str], Path]


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    # The first load of a process makes the pool and its queue, which live on.
    with pytest.raises(spdl.io.SPDLError):
        spdl.io.load_image(b"x")
    with pytest.raises(spdl.io.SPDLError):
        asyncio.run(spdl.io.async_load_image(b"x"))
    with leaks.nothing_leaks():
        yield


def _errors(src: Any, kinds: tuple[str, ...] = ways.KINDS) -> Iterator[spdl.io.SPDLError]:
    """What every way of loading raises for a source."""
    for kind in kinds:
        for call in (ways.load, ways.staged):
            with pytest.raises(spdl.io.SPDLError) as caught:
                call(kind, src)
            yield caught.value
        for coroutine in (ways.async_load, ways.async_staged):
            with pytest.raises(spdl.io.SPDLError) as caught:
                asyncio.run(coroutine(kind, src))
            yield caught.value


@pytest.mark.parametrize("make", [str, Path])
def test_missing_file(make: Callable[[Path], Any], tmp_path: Path) -> None:
    path = tmp_path / "missing.jpg"
    for error in _errors(make(path)):
        assert isinstance(error, FileNotFoundError)
        assert isinstance(error, RuntimeError)
        assert str(error) == f"Failed to open the input: {path} (No such file or directory)"
        assert error.origin in ("source", "demux")
        assert error.errno == 2
        assert error.filename == str(path)
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (str(again), again.errno, again.filename) == (str(error), 2, str(path))


def test_directory(tmp_path: Path) -> None:
    for error in _errors(tmp_path):
        assert isinstance(error, OSError)
        assert not isinstance(error, FileNotFoundError)
        assert str(error).startswith(f"Failed to open the input: {tmp_path} (")
        assert error.origin in ("source", "demux")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    for error in _errors(path):
        assert isinstance(error, OSError)
        assert str(error).startswith(f"Failed to open the input: {path} (Permission denied")


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    for error in _errors(path):
        assert str(error).startswith(f"Failed to open the input: {path} (")
        assert error.origin in ("source", "demux")


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 5000, b"no media at all " * 400])
def test_memory_that_is_no_media(data: bytes) -> None:
    view = np.frombuffer(data, np.uint8)
    for error in _errors(view):
        assert str(error).startswith("Failed to open the input: <Bytes: 0x")
        assert error.origin in ("source", "demux")
    if data:
        with pytest.raises(spdl.io.SPDLError, match=f"<Bytes: {view.ctypes.data:#x}>"):
            spdl.io.load_image(view)


def test_absent_streams(media_path: Media) -> None:
    wav, mp4 = media_path("s16.wav"), media_path("h264.mp4")
    for error in _errors(wav, ("video", "image")):
        assert str(error) == f"No video stream was found in {wav}."
        assert error.origin == "demux"
    for error in _errors(mp4, ("audio",)):
        assert str(error) == f"No audio stream was found in {mp4}."


@pytest.mark.parametrize("name", ["a%d.jpg", "foo:bar.jpg", "-x.jpg", "a b.jpg", "ü*[x]?.jpg"])
def test_odd_names(
    name: str, media_path: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = ways.load("image", media_path("jpeg_420.jpg"))
    for error in _errors(name, ("image",)):
        assert isinstance(error, FileNotFoundError)
        assert name in str(error)
    (tmp_path / name).write_bytes(media_path("jpeg_420.jpg").read_bytes())
    # What the name would mean as a pattern must not be found instead.
    (tmp_path / "a1.jpg").write_bytes(media_path("jpeg_odd_420.jpg").read_bytes())
    for src in (name, Path(name), str(tmp_path / name)):
        for call in (ways.load, ways.staged):
            assert np.array_equal(call("image", src), expected)


def test_name_that_is_not_utf8(media_path: Media, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.jpg"))
    for error in _errors(path, ("image",)):
        assert isinstance(error, FileNotFoundError)
        str(error).encode()  # messages are text that can be printed
    path.write_bytes(media_path("jpeg_420.jpg").read_bytes())
    expected = ways.load("image", media_path("jpeg_420.jpg"))
    assert np.array_equal(ways.load("image", path), expected)
    assert np.array_equal(ways.staged("image", str(path)), expected)


def test_long_name_is_shortened_in_its_middle(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["d" * 200] * 12, "end.jpg")
    for error in _errors(path, ("image",)):
        assert str(tmp_path)[:20] in str(error)
        assert "end.jpg" in str(error)
        assert len(str(error)) < 1000


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\n{file}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile {file}\n"


@pytest.mark.parametrize("extension", ["jpg", "txt", "m3u8"])
@pytest.mark.parametrize("text", [PLAYLIST, CONCAT], ids=["hls", "concat"])
def test_lists_do_not_open_other_files(
    text: str, extension: str, media_path: Media, tmp_path: Path
) -> None:
    (tmp_path / "video.ts").write_bytes(media_path("late.ts").read_bytes())
    path = tmp_path / f"list.{extension}"
    path.write_text(text.format(file="video.ts"))
    for src in (path, path.read_bytes()):
        for error in _errors(src, ("video", "image")):
            assert "list" in str(error) or "<Bytes: 0x" in str(error)
            assert error.origin in ("source", "demux")


def test_lists_are_opened_when_allowed(media_path: Media, tmp_path: Path) -> None:
    (tmp_path / "video.ts").write_bytes(media_path("late.ts").read_bytes())
    path = tmp_path / "list.txt"
    path.write_text(CONCAT.format(file="video.ts"))
    with pytest.raises(spdl.io.SPDLError):
        spdl.io.load_video(path, demux_config=spdl.io.demux_config(format="concat"))
    config = spdl.io.demux_config(format="concat", allow_nested=True)
    assert ways.load("video", path, demux_config=config).shape == (30, 120, 160, 3)


def test_huge_png_header() -> None:
    picture = makers.png_bytes(65535, 65535, bytes(1000))
    for error in _errors(picture, ("image", "video")):
        assert error.origin in ("demux", "decode")
        assert "<Bytes: 0x" in str(error)


class _Unsized:
    pass


@pytest.mark.parametrize("src", [None, 3, 1.5, [], ["a.jpg"], {}, object(), _Unsized(), print])
def test_wrong_types(src: Any) -> None:
    for kind in ways.KINDS:
        with pytest.raises(TypeError):
            ways.load(kind, src)
        with pytest.raises(TypeError):
            ways.staged(kind, src)
        with pytest.raises(TypeError):
            asyncio.run(ways.async_load(kind, src))


@pytest.mark.parametrize(
    "src",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros(16, np.float32),
        np.zeros(16, np.int8),
        np.zeros(16, np.uint8)[::2],
    ],
    ids=["2-D", "float32", "int8", "strided"],
)
def test_arrays_that_are_no_bytes(src: Any) -> None:
    for kind in ways.KINDS:
        with pytest.raises(ValueError, match=r"(?i)uint8|dimension|contiguous"):
            ways.load(kind, src)


def test_tensors_that_are_no_bytes() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    with pytest.raises(ValueError, match="uint8"):
        spdl.io.load_image(torch.zeros(16, requires_grad=True))
    with pytest.raises(TypeError, match="The tensor is neither a path"):
        spdl.io.load_image(torch.zeros(16, dtype=torch.bfloat16))
    with pytest.raises(TypeError, match="The tensor is neither a path"):
        spdl.io.load_image(torch.zeros(16, dtype=torch.uint8).to_sparse())


def test_name_with_a_null_character() -> None:
    with pytest.raises(ValueError, match="null"):
        spdl.io.load_image("a\0b.jpg")


def test_unknown_keywords(media_path: Media) -> None:
    for function in (spdl.io.load_image, spdl.io.demux_image):
        with pytest.raises(TypeError, match=rf"^{function.__name__}\(\) got an unexpected"):
            function(media_path("jpeg_420.jpg"), no_such_option=1)
    with pytest.raises(TypeError):
        asyncio.run(spdl.io.async_load_image(media_path("jpeg_420.jpg"), no_such_option=1))
    with pytest.raises(TypeError):
        spdl.io.load_image(media_path("jpeg_420.jpg"), timestamp=(0, 1))


def test_unknown_names(media_path: Media) -> None:
    image = media_path("jpeg_420.jpg")
    cases: list[tuple[str, dict[str, Any]]] = [
        (
            f"Unsupported device/format: nope for {image}",
            {"demux_config": spdl.io.demux_config(format="nope")},
        ),
        (
            "Unsupported codec: nope",
            {"decode_config": spdl.io.decode_config(decoder="nope")},
        ),
        (
            "Unsupported codec: the decoder h264 decodes h264, not mjpeg",
            {"decode_config": spdl.io.decode_config(decoder="h264")},
        ),
        (
            f"Unexpected options: bar, foo for the decoder mjpeg of {image}",
            {"decode_config": spdl.io.decode_config(decoder_options={"foo": "1", "bar": "2"})},
        ),
        (
            f"Unexpected options: foo for the format jpeg_pipe of {image}",
            {"demux_config": spdl.io.demux_config(format_options={"foo": "1"})},
        ),
        ("Failed to parse the filter description: nope=1 (", {"filter_desc": "nope=1"}),
        ("Failed to parse the filter description: scale=w= (", {"filter_desc": "scale=w="}),
        ("Failed to parse the filter description:  (", {"filter_desc": ""}),
    ]
    for text, options in cases:
        for call in (ways.load, ways.staged):
            with pytest.raises(spdl.io.SPDLError) as caught:
                call("image", image, **options)
            message = str(caught.value).replace("foo, bar", "bar, foo")
            assert message.startswith(text)
            assert caught.value.origin in ("demux", "decode", "filter")


def test_audio_filter_on_pictures(media_path: Media) -> None:
    with pytest.raises(spdl.io.SPDLError, match="aresample"):
        spdl.io.load_image(media_path("jpeg_420.jpg"), filter_desc="aresample=16000")
    with pytest.raises(spdl.io.SPDLError, match="hflip"):
        spdl.io.load_audio(media_path("s16.wav"), filter_desc="hflip")
