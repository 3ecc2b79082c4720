# SPDX-License-Identifier: BSD-2-Clause
"""WAV: values against the CLI and Python's own `wave`, windows, places in memory, damage."""

from __future__ import annotations

import asyncio
import gc
import io
import math
import struct
import wave
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import tools
from numpy.typing import NDArray

import spdl.io

GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
TYPES = {("u1", 8): 1, ("<i2", 16): 1, ("<i4", 32): 1, ("<f4", 32): 3, ("<f8", 64): 3}


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def fmt(audio_format: int, channels: int, rate: int, bits: int) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", audio_format, channels, rate, rate * block, block, bits)


def make(samples: bytes, *chunks: bytes, form: bytes = b"RIFF", **parts: int) -> bytes:
    given = {"audio_format": 1, "channels": 1, "rate": 8000, "bits": 16, **parts}
    body = b"".join(chunks or [chunk(b"fmt ", fmt(**given))]) + chunk(b"data", samples)
    return form + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def load(data: Any, *args: Any, **options: Any) -> NDArray[Any]:
    return np.asarray(spdl.io.load_wav(data, *args, **options))


@pytest.mark.parametrize("channels", [1, 2, 7])
@pytest.mark.parametrize(("typestr", "bits"), TYPES)
def test_values(typestr: str, bits: int, channels: int) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (100 * channels * bits // 8), np.uint8).view(typestr)
    values = values.reshape(100, channels)
    audio_format = TYPES[typestr, bits]
    data = make(values.tobytes(), audio_format=audio_format, channels=channels, bits=bits)
    array = load(data)
    assert array.dtype == np.dtype(typestr)
    assert array.shape == (100, channels)
    assert array.tobytes() == values.tobytes()
    assert np.shares_memory(array, np.frombuffer(data, np.uint8))


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_files_of_python(width: int) -> None:
    samples = np.random.default_rng(width).bytes(50 * 2 * width)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(width)
        out.setframerate(22050)
        out.writeframes(samples)
    data = file.getvalue()
    header = spdl.io.parse_wav(data)
    assert header == spdl.io.WAVHeader(
        audio_format=1,
        num_channels=2,
        sample_rate=22050,
        byte_rate=22050 * 2 * width,
        block_align=2 * width,
        bits_per_sample=8 * width,
        data_size=len(samples),
        sub_format=1,
        data_offset=len(data) - len(samples),
    )
    array = load(data)
    if width == 3:
        wide = np.zeros((50, 2, 4), np.uint8)
        wide[..., 1:] = np.frombuffer(samples, np.uint8).reshape(50, 2, 3)
        assert array.tobytes() == wide.tobytes()
    else:
        assert array.tobytes() == samples
    assert spdl.io.load_wav(data).sample_rate == 22050


CODECS = {
    "pcm_u8": ("u8", "u1"),
    "pcm_s16le": ("s16le", "<i2"),
    "pcm_s24le": ("s32le", "<i4"),
    "pcm_s32le": ("s32le", "<i4"),
    "pcm_f32le": ("f32le", "<f4"),
    "pcm_f64le": ("f64le", "<f8"),
    "pcm_alaw": ("s16le", "<i2"),
    "pcm_mulaw": ("s16le", "<i2"),
}


@pytest.mark.parametrize("muxer", [[], ["-rf64", "always"]], ids=["riff", "rf64"])
@pytest.mark.parametrize("channels", [1, 6])
@pytest.mark.parametrize("codec", CODECS)
def test_files_of_the_cli(
    codec: str, channels: int, muxer: list[str], tmp_path: Path, media_path: Callable[[str], Path]
) -> None:
    """Five channels and more make WAVE_EXTENSIBLE."""
    path = tmp_path / "a.wav"
    run = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(media_path("s16_51.wav"))]
    tools.run([*run, "-c:a", codec, "-ac", str(channels), *muxer, str(path)])
    raw, typestr = CODECS[codec]
    reference = tools.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", raw, "-"])
    data = path.read_bytes()
    array = load(data)
    assert array.shape[1] == channels
    assert array.dtype == np.dtype(typestr)
    assert len(array) > 30000
    assert array.tobytes() == reference
    assert data[:4] == (b"RF64" if muxer else b"RIFF")
    in_place = codec not in ("pcm_s24le", "pcm_alaw", "pcm_mulaw")
    assert np.shares_memory(array, np.frombuffer(data, np.uint8)) == in_place


def test_a_file_written_to_a_pipe(media_path: Callable[[str], Path]) -> None:
    run = ["ffmpeg", "-v", "error", "-i", str(media_path("s16.wav")), "-f", "wav", "-"]
    piped = tools.run(run)
    assert b"data\xff\xff\xff\xff" in piped
    whole = load(media_path("s16.wav").read_bytes())
    assert np.array_equal(load(piped), whole)
    assert np.array_equal(load(piped[:-3]), whole[:-1])
    # Only the marker is taken for an unknown size.
    with pytest.raises(spdl.io.CorruptWAVError, match="cut short"):
        spdl.io.load_wav(b"RIFF\0\0\0\0" + piped[8:])


def test_every_code_of_the_laws() -> None:
    codes = bytes(range(256))
    for audio_format, name in ((6, "alaw"), (7, "mulaw")):
        command = f"ffmpeg -v error -f {name} -ar 8000 -ac 1 -i - -f s16le -".split()
        reference = tools.run(command, codes)
        data = make(codes, audio_format=audio_format, bits=8)
        assert load(data).tobytes() == reference


def test_chunks_around() -> None:
    """Odd chunks are padded; what comes after the samples is not looked at."""
    samples = np.arange(10, dtype="<i2").tobytes()
    header = chunk(b"fmt ", fmt(1, 1, 8000, 16))
    data = make(samples, chunk(b"LIST", b"odd"), header, chunk(b"fact", b"1234")) + b"LIST\xff"
    assert load(data).tobytes() == samples


def test_long_sizes() -> None:
    samples = np.arange(10, dtype="<i2").tobytes()
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, len(samples), 10, 0))
    data = make(samples, sizes, chunk(b"fmt ", fmt(1, 1, 8000, 16)), form=b"BW64")
    data = data.replace(b"data" + struct.pack("<I", 20), b"data\xff\xff\xff\xff")
    assert load(data).tobytes() == samples
    huge = data.replace(struct.pack("<Q", 20), struct.pack("<Q", 2**64 - 2))
    assert spdl.io.parse_wav(huge).data_size == 2**64 - 2
    with pytest.raises(spdl.io.CorruptWAVError, match="cut short"):
        spdl.io.load_wav(huge)


RAMP = np.arange(8000, dtype="<i2")[:, None]
ONE_SECOND = make(RAMP.tobytes())


@pytest.mark.parametrize(
    ("offset", "duration", "start", "end"),
    [
        (None, None, 0, 8000),
        (0, None, 0, 8000),
        (0.5, None, 4000, 8000),
        (None, 0.25, 0, 2000),
        (0.1, 0.1, 800, 1600),
        (0.3, 0.6, 2400, 7200),
        (0.9, 5, 7200, 8000),
        (0.9, math.inf, 7200, 8000),
        (0.5, 0, 4000, 4000),
        (Fraction(1, 3), Fraction(1, 3), 2667, 5334),
        (Decimal("0.0001"), "0.0001", 1, 2),
        (np.float32(0.25), np.int64(1), 2000, 8000),
        (0.99999, 1e300, 8000, 8000),
    ],
)
def test_windows(offset: Any, duration: Any, start: int, end: int) -> None:
    if start == 8000:
        with pytest.raises(ValueError, match="8000 samples"):
            spdl.io.load_wav(ONE_SECOND, offset, duration)
        return
    buffer = spdl.io.load_wav(ONE_SECOND, offset, duration)
    assert np.array_equal(np.asarray(buffer), RAMP[start:end])
    assert buffer.pts == [start / 8000]
    awaited = asyncio.run(spdl.io.async_load_wav(ONE_SECOND, offset, duration))
    assert np.array_equal(np.asarray(awaited), RAMP[start:end])


@pytest.mark.parametrize("name", ["time_offset_seconds", "duration_seconds"])
@pytest.mark.parametrize("wrong", [math.nan, -1, -math.inf, "x", -1e-9])
def test_wrong_times(name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=name):
        spdl.io.load_wav(ONE_SECOND, **{name: wrong})


@pytest.mark.parametrize("offset", [1, 1.5, 1e30, math.inf])
def test_offset_past_the_end(offset: float) -> None:
    with pytest.raises(ValueError, match="end of"):
        spdl.io.load_wav(ONE_SECOND, offset)


def test_wrong_types() -> None:
    for wrong in ("a.wav", 5, None, Path("a.wav")):
        for function in (spdl.io.load_wav, spdl.io.parse_wav):
            with pytest.raises(TypeError):
                function(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        spdl.io.load_wav(ONE_SECOND, [1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="uint8"):
        spdl.io.load_wav(np.zeros(100, np.int16))


def test_no_samples() -> None:
    assert load(make(b"", channels=3)).shape == (0, 3)


@pytest.mark.parametrize("give", [bytes, bytearray, memoryview, np.frombuffer])
def test_writability_is_that_of_the_data(give: Callable[..., Any]) -> None:
    data = give(ONE_SECOND) if give is not np.frombuffer else np.frombuffer(ONE_SECOND, np.uint8)
    array = load(data)
    assert array.flags.writeable == (give is bytearray)
    if give is bytearray:
        array[5] = -7
        assert data[44 + 10 : 44 + 12] == struct.pack("<h", -7)
        with pytest.raises(BufferError):
            data.extend(b"x")  # Memory with views does not move.


def test_views_keep_the_data_alive() -> None:
    with leaks.nothing_leaks():
        arrays = [load(bytearray(ONE_SECOND)) for _ in range(20)]
        gc.collect()
        noise = [bytearray(len(ONE_SECOND)) for _ in range(20)]
        assert all(np.array_equal(array, RAMP) for array in arrays)
        del arrays, noise
