# SPDX-License-Identifier: BSD-2-Clause
"""WAV files that are read without FFmpeg give what FFmpeg gives, and all others are left to it."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_wav import GUID_TAIL, chunk, fmt, make

import spdl.io

Media = Callable[[str], Path]

FFMPEG = spdl.io.decode_config(backend="ffmpeg")
# The number of the coding and the bits of a sample.
CODINGS = {
    "u8": (1, 8),
    "s16": (1, 16),
    "s24": (1, 24),
    "s32": (1, 32),
    "f32": (3, 32),
    "f64": (3, 64),
    "alaw": (6, 8),
    "mulaw": (7, 8),
}
RATE = 8000
COUNT = 40_000
WINDOWS: list[Any] = [
    None,
    (0, 1),
    (1.25, 3),
    (-1, 0.5),
    (-3, -1),
    (4.75, math.inf),
    (None, Fraction(1, 3)),
    (Fraction(1, 7), Fraction(22, 7)),
    (Fraction(12345, RATE), Fraction(12346, RATE)),
    (Fraction(24691, 2 * RATE), Fraction(24692, 2 * RATE)),
    (4.9999, 9),
    (5, 6),
    (7, 8),
    (2, 2),
    (3, 2),
]


def samples(coding: str, channels: int, count: int = COUNT) -> bytes:
    """Noise of every level, infinite and no numbers, too."""
    audio_format, bits = CODINGS[coding]
    rng = np.random.default_rng(channels)
    if audio_format != 3:
        return rng.bytes(count * channels * bits // 8)
    values = rng.normal(0, 1, count * channels).astype(f"<f{bits // 8}")
    odd = (math.nan, math.inf, -math.inf, -0.0, 1e-41)
    values[: len(odd)] = odd[: len(values)]
    return values.tobytes()


def wav(coding: str, channels: int = 2, count: int = COUNT) -> bytes:
    audio_format, bits = CODINGS[coding]
    data = samples(coding, channels, count)
    return make(data, audio_format=audio_format, channels=channels, rate=RATE, bits=bits)


def extensible(mask: int, channels: int, valid_bits: int = 16, form: bytes = b"\1\0") -> bytes:
    extension = struct.pack("<HHI", 22, valid_bits, mask) + form + GUID_TAIL
    return chunk(b"fmt ", fmt(0xFFFE, channels, RATE, 16) + extension)


def load(src: Any, *args: Any, **options: Any) -> tuple[Any, ...]:
    """All there is to know of the outcome, but which way it came."""
    try:
        buffer = spdl.io.load_audio(src, *args, **options)
    except Exception as error:
        return type(error), str(error), getattr(error, "origin", None)
    array = np.asarray(buffer)
    about = (buffer.pts, buffer.sample_rate, buffer.num_corrupt, array.shape, array.dtype.str)
    return *about, array.tobytes()


def check(src: Any, *args: Any, **options: Any) -> None:
    found = load(src, *args, name="it", **options)
    assert found == load(src, *args, name="it", decode_config=FFMPEG, **options), (args, options)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("coding", CODINGS)
def test_equal(coding: str, channels: int, tmp_path: Path) -> None:
    data = wav(coding, channels)
    path = tmp_path / "it.wav"
    path.write_bytes(data)
    for src in (data, path):
        assert spdl.io.load_audio(src).backend == "native"
        for filter_desc in (None, "aformat=sample_fmts=fltp"):
            for window in WINDOWS:
                check(src, window, filter_desc=filter_desc)


@pytest.mark.parametrize("channels", [3, 4, 5, 7, 8, 9, 16, 24])
def test_any_number_of_channels(channels: int) -> None:
    check(wav("s16", channels))
    check(wav("s16", channels), (1, 2), filter_desc=None)
    for mask in (0, 3, 0x3F, 0x60F, 0x7FFFFFFF):
        check(make(samples("s16", channels), extensible(mask, channels)))


@pytest.mark.parametrize("count", [1, 2, 3, 100, 70_000])
def test_lengths(count: int) -> None:
    for coding in CODINGS:
        for channels in (1, 3):
            check(wav(coding, channels, count))
            check(wav(coding, channels, count), (0, Fraction(1, RATE)))


@pytest.mark.parametrize("rate", [1, 11025, 44100, 192000, 768000, 768001, 2**31 - 1, 2**31])
def test_rates(rate: int) -> None:
    data = make(samples("u8", 1), bits=8, rate=rate)
    for window in (None, (Fraction(9, rate), Fraction(700, rate)), (Fraction(1, 3), 5000)):
        check(data, window)


def test_times_between_samples() -> None:
    data = make(samples("f32", 1), audio_format=3, bits=32, rate=44100)
    whole = np.asarray(spdl.io.load_audio(data))
    for k in range(1, 300, 7):
        for start in (Fraction(2 * k - 1, 88200), Fraction(k, 44100), Fraction(3 * k - 2, 132300)):
            part = spdl.io.load_audio(data, (start, start + Fraction(1, 100)))
            first = math.ceil(start * 44100)
            assert part.pts == [first / 44100]
            assert np.array_equal(
                np.asarray(part), whole[:, first : first + 441], equal_nan=True
            ), start


def test_quiet_and_loud_samples_are_plain() -> None:
    rng = np.random.default_rng(1)
    for level in (1, 2, 8, 16, 50, 300, 5000, 30000):
        values = rng.normal(0, level, (400_000, 2)).clip(-32768, 32767).astype("<i2")
        data = make(values.tobytes(), channels=2, rate=44100)
        assert spdl.io.load_audio(data).backend == "native", level
        check(data)


def test_out_and_storage() -> None:
    data = wav("s16", 2)
    expected = np.asarray(spdl.io.load_audio(data, decode_config=FFMPEG))
    out = np.empty((2, COUNT), np.float32)
    buffer = spdl.io.load_audio(data, out=out)
    assert buffer.backend == "native"
    assert np.shares_memory(np.asarray(buffer), out)
    assert np.array_equal(out, expected)
    row = bytearray(out.nbytes + 1)
    spdl.io.load_audio(data, out=memoryview(row)[1:])
    assert bytes(row[1:]) == expected.tobytes()
    check(data, out=np.empty((2, COUNT + 1), np.float32))
    storage = spdl.io.cpu_storage(out.nbytes)
    assert np.array_equal(np.asarray(spdl.io.load_audio(data, storage=storage)), expected)


def test_batch(media_path: Media) -> None:
    srcs = [wav("s16", 2), wav("f32", 2), wav("alaw", 2)]
    windows = [(0, 1), (1, 2), (Fraction(1, 3), Fraction(4, 3))]
    expected = spdl.io.load_audio_batch(srcs, timestamp=windows, decode_config=FFMPEG)
    for batch in (
        spdl.io.load_audio_batch(srcs, timestamp=windows),
        asyncio.run(spdl.io.async_load_audio_batch(srcs, timestamp=windows)),
    ):
        assert (batch.backend, expected.backend) == ("native", "ffmpeg")
        assert batch.pts == expected.pts
        assert np.asarray(batch).tobytes() == np.asarray(expected).tobytes()
    two_ways = [media_path("s16.flac"), media_path("s24.wav")]
    mixed = spdl.io.load_audio_batch(two_ways, timestamp=(0, 0.5))
    assert mixed.backend == "mixed"


def test_limits() -> None:
    data = wav("s16", 2)
    for limits in ({"max_frames": COUNT - 1}, {"max_bytes": 1000}, {"max_bytes": 350_000}):
        with spdl.io.limits(**limits):
            check(data)
    with spdl.io.limits(max_frames=COUNT, max_bytes=10**7):
        assert spdl.io.load_audio(data).backend == "native"


@pytest.mark.parametrize(
    "options",
    [
        {"demux_config": spdl.io.demux_config(format="wav")},
        {"demux_config": spdl.io.demux_config(format_options={"ignore_length": "1"})},
        {"decode_config": spdl.io.decode_config("pcm_s16le")},
        {"decode_config": FFMPEG},
        {"sample_rate": 16000},
        {"filter_desc": "volume=0.5"},
    ],
    ids=str,
)
def test_wishes_for_ffmpeg(options: dict[str, Any]) -> None:
    assert spdl.io.load_audio(wav("s16"), **options).backend == "ffmpeg"
