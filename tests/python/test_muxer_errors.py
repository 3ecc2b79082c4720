# SPDX-License-Identifier: BSD-2-Clause
"""Files that cannot be written, and muxers used in the wrong order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_muxer import RATE, Media, _encode_in_file, _encoded, _pictures, _png, _write

import spdl.io


def test_misuse(media_path: Media, tmp_path: Path) -> None:
    invalid = spdl.io.InvalidError
    muxer = spdl.io.Muxer(tmp_path / "a.nut")
    with pytest.raises(invalid, match="at least one stream"):
        muxer.open()
    packets = _encoded(muxer)
    for operation in (lambda: muxer.write(0, packets), muxer.flush):
        with pytest.raises(invalid, match=r"a\.nut: .* needs an open muxer; call open\(\) first"):
            operation()
    with muxer.open():
        muxer.write(0, packets)
        with pytest.raises(invalid, match="once the muxer is open"):
            muxer.open()
        with pytest.raises(invalid, match="once the muxer is open"):
            _png(muxer)
        with pytest.raises(invalid, match="there is no stream 1 among 1"):
            muxer.write(1, packets)
        with pytest.raises(ValueError, match="stream_index"):
            muxer.write(-1, packets)
        audio = spdl.io.demux_audio(media_path("both.mp4"))
        with pytest.raises(spdl.io.MismatchError, match=r"stream 0 is png, 32x24, .* aac"):
            muxer.write(0, audio)
        with pytest.raises(TypeError, match="must be packets"):
            muxer.write(0, b"packets")  # type: ignore[arg-type]
    muxer.close()
    for operation in (lambda: muxer.write(0, packets), muxer.flush, muxer.open):
        with pytest.raises(invalid, match="the muxer is closed"):
            operation()
    assert len(spdl.io.demux_video(tmp_path / "a.nut")) == 3


def test_encoders_end_with_their_file(tmp_path: Path) -> None:
    muxer = spdl.io.Muxer(tmp_path / "a.nut")
    encoder = _png(muxer)
    with muxer.open():
        pass
    with pytest.raises(spdl.io.InvalidError, match="is closed, as its file is"):
        encoder.encode(_pictures())
    with pytest.raises(spdl.io.InvalidError, match="is closed"):
        encoder.flush()


def test_streams_that_were_not_flushed(tmp_path: Path) -> None:
    muxer = spdl.io.Muxer(tmp_path / "a.flac")
    config = spdl.io.audio_encode_config(num_channels=1, sample_rate=8000, sample_fmt="s16")
    encoder = muxer.add_encode_stream(config)
    few = spdl.io.create_reference_audio_frame(np.zeros((10, 1), np.int16), "s16", 8000, 0)
    with pytest.raises(spdl.io.InvalidError, match="encoder of stream 0 was not flushed"):
        _encode_in_file(muxer, encoder, few)
    with pytest.raises(spdl.io.InvalidError, match="never opened"), spdl.io.Muxer("b.flac"):
        pass
    # More important than what is missing:
    with pytest.raises(KeyError), spdl.io.Muxer("b.flac"):
        raise KeyError


@pytest.mark.parametrize("encoder", ["png", "rawvideo"])
def test_full_disk(encoder: str) -> None:
    muxer = spdl.io.Muxer("/dev/full", format="nut")
    config = spdl.io.video_encode_config(width=32, height=24, frame_rate=RATE)
    stream = muxer.add_encode_stream(config, encoder=encoder)
    packets = stream.encode(_pictures(50))
    assert packets is not None
    with pytest.raises(spdl.io.SPDLIOError, match=r"^/dev/full: writing failed \(No sp") as caught:
        _write(muxer, packets)
    error = caught.value
    assert (error.origin, error.errno, error.filename) == ("mux", 28, "/dev/full")


def test_a_failed_file_is_left_alone() -> None:
    muxer = spdl.io.Muxer("/dev/full", format="nut")
    packets = _encoded(muxer, 300)  # FFmpeg's buffer has 256 KiB
    muxer.open()
    with pytest.raises(spdl.io.SPDLIOError):
        muxer.write(0, packets)
    with pytest.raises(spdl.io.InvalidError, match="an earlier operation failed"):
        muxer.write(0, packets)
    with pytest.raises(spdl.io.SPDLIOError, match="not complete"):
        muxer.close()
    muxer.close()


def test_full_disk_for_a_picture() -> None:
    """The container of pictures opens and closes its files itself, and hides their errors."""
    muxer = spdl.io.Muxer("/dev/full", format="image2")
    packets = _encoded(muxer, 1)
    with pytest.raises(spdl.io.SPDLIOError, match="No space left"), muxer.open():
        muxer.write(0, packets)


@pytest.mark.parametrize("name", ["a.nut", "a.png"])
def test_files_that_cannot_be_made(name: str, tmp_path: Path) -> None:
    for path, error in (
        (tmp_path / "missing" / name, FileNotFoundError),
        (tmp_path / "folder" / name, OSError),
    ):
        (tmp_path / "folder" / name).mkdir(parents=True, exist_ok=True)
        muxer = spdl.io.Muxer(path)
        packets = _encoded(muxer, 1)
        with pytest.raises(error, match=str(path)) as caught, muxer.open():
            muxer.write(0, packets)
        assert caught.value.filename == str(path)
        assert isinstance(caught.value, spdl.io.SPDLError)


def test_destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = "pipe:1.nut"  # a str without :// is a local file, whatever it looks like
    for destination in (odd, Path("a.nut"), f"file://{tmp_path}/url.nut"):
        muxer = spdl.io.Muxer(destination)
        packets = _encoded(muxer)
        with muxer.open():
            muxer.write(0, packets)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.nut", odd, "url.nut"]
    with pytest.raises(spdl.io.UnsupportedError, match="no container is known"):
        spdl.io.Muxer("a.nothing")
    with pytest.raises(spdl.io.UnsupportedError, match="Unsupported device/format: no such"):
        spdl.io.Muxer("a.nut", format="no such")
    with pytest.raises(ValueError, match="null character"):
        spdl.io.Muxer("a\0.nut")
    with pytest.raises(TypeError, match="must be a path or a URL"):
        spdl.io.Muxer(3)  # type: ignore[arg-type]
    muxer = spdl.io.Muxer("nosuch://a.nut")
    _png(muxer)
    with pytest.raises(spdl.io.UnsupportedError, match="Failed to open the output: nosuch://"):
        muxer.open()


def test_containers_that_refuse(media_path: Media, tmp_path: Path) -> None:
    codec = spdl.io.demux_video(media_path("h264.mp4")).codec
    with pytest.raises(spdl.io.UnsupportedError, match="wav cannot hold h264"):
        spdl.io.Muxer(tmp_path / "a.wav").add_remux_stream(codec)
    muxer = spdl.io.Muxer(tmp_path / "a.mp4")
    with pytest.raises(TypeError, match="must be a codec"):
        muxer.add_remux_stream("h264")  # type: ignore[arg-type]
    muxer.add_remux_stream(codec)
    with pytest.raises(spdl.io.OptionError, match="Unexpected options: no_such"):
        muxer.open({"no_such": "1"})
