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

import damage
import numpy as np
import pytest
import tools
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


LATER = chunk(b"LIST", b"INFOISFT\4\0\0\0abc\0")
FORMAT = chunk(b"fmt ", fmt(1, 2, RATE, 16))
BODY = samples("s16", 2)
DATA = chunk(b"data", BODY)


def riff(*chunks: bytes, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body)) + body


def sized(size: int, body: bytes = BODY) -> bytes:
    """The chunk of samples, which says that it has another size."""
    return b"data" + struct.pack("<I", size) + body


def long_sizes(data_size: int, count: int = 0) -> bytes:
    return chunk(b"ds64", struct.pack("<QQQI", 0, data_size, count, 0))


CLEAN = {
    "chunks before": riff(chunk(b"JUNK", bytes(28)), LATER, FORMAT, DATA),
    "chunks after": riff(FORMAT, DATA, LATER, chunk(b"bext", bytes(602))),
    "chunks of odd size": riff(FORMAT, chunk(b"fact", bytes(5)), DATA, chunk(b"iXML", b"abc")),
    "a far first sample": riff(FORMAT, chunk(b"PAD ", bytes(9000)), DATA),
    "cue": riff(FORMAT, DATA, chunk(b"cue ", struct.pack("<IIIIIII", 1, 1, 5, 0, 0, 0, 5))),
    "wrong fact": riff(FORMAT, chunk(b"fact", b"\1\0\0\0"), DATA),
    "a rest": riff(FORMAT, DATA) + b"rest",
    "WAVEFORMATEX": riff(chunk(b"fmt ", fmt(1, 2, RATE, 16) + b"\0\0"), DATA),
    "WAVE_EXTENSIBLE": riff(extensible(3, 2), DATA),
    "no speakers": riff(extensible(0, 2, valid_bits=0), DATA),
    "other speakers": riff(extensible(0x600, 2), DATA),
    "speakers of 6 channels": riff(extensible(0x3F, 2), DATA),
    "RF64": riff(long_sizes(len(BODY)), FORMAT, sized(2**32 - 1), form=b"RF64"),
    "short RF64": riff(long_sizes(len(BODY), 7), FORMAT, DATA, LATER, form=b"RF64"),
    "odd number of bytes": make(bytes(range(1, 100)), bits=8),
}
UNCLEAN = {
    "cut short": riff(FORMAT, DATA)[:-1000],
    "cut in a sample": riff(FORMAT, DATA)[:-1],
    "half a sample": riff(FORMAT, chunk(b"data", BODY[:-1])),
    "no samples": riff(FORMAT, chunk(b"data", b"")),
    "size 0": riff(FORMAT, sized(0)),
    "size unknown": riff(FORMAT, sized(2**32 - 1)),
    "size 0 and more": riff(FORMAT, sized(0), LATER),
    "wrong block": riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, 32000, 8, 16)), DATA),
    "no block": riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, 32000, 0, 16)), DATA),
    "wrong rate": riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, 9, 4, 16)), DATA),
    "12 bits": riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, 32000, 4, 12)), DATA),
    "12 valid bits": riff(extensible(3, 2, valid_bits=12), DATA),
    "other GUID": riff(extensible(3, 2, form=b"\1\1"), DATA),
    "half floats": riff(chunk(b"fmt ", fmt(1, 2, RATE, 32) + b"\2\0\1\0"), DATA),
    "two formats": riff(FORMAT, chunk(b"fmt ", fmt(1, 1, RATE, 8)), DATA),
    "samples twice": riff(FORMAT, DATA, chunk(b"data", BODY[:4000])),
    "samples first": riff(DATA, FORMAT),
    "no format": riff(DATA),
    "short LIST": riff(FORMAT, DATA, chunk(b"LIST", b"ab")),
    "LIST past the end": riff(FORMAT, DATA, LATER[:-4]),
    "short bext": riff(FORMAT, DATA, chunk(b"bext", b"abc")),
    "ID3": riff(FORMAT, DATA, chunk(b"id3 ", b"ID3\4\0\0\0\0\0\0")),
    "unknown chunk": riff(FORMAT, DATA, chunk(b"Xyz1", b"abc")),
    "more after an odd number": make(bytes(range(1, 100)), bits=8) + LATER,
    "RF64 without sizes": riff(FORMAT, DATA, form=b"RF64"),
    "RF64 cut short": riff(long_sizes(2**40), FORMAT, sized(2**32 - 1), form=b"RF64"),
    "RF64 of two sizes": riff(long_sizes(4000), FORMAT, DATA, form=b"RF64"),
    "RF64 of size 0": riff(long_sizes(0), FORMAT, sized(2**32 - 1), form=b"RF64"),
    "BW64": riff(long_sizes(len(BODY)), FORMAT, DATA, form=b"BW64"),
    "RIFX": riff(FORMAT, DATA, form=b"RIFX"),
    "ACT": riff(FORMAT, chunk(b"data", bytes(212) + b"\x84" + bytes(999))),
    "ADPCM": riff(chunk(b"fmt ", fmt(2, 1, RATE, 4)), DATA),
}


@pytest.mark.parametrize("name", [*CLEAN, *UNCLEAN])
def test_odd_headers(name: str) -> None:
    data = CLEAN.get(name) or UNCLEAN[name]
    for window in (None, (0.5, 1.5), (4, 6)):
        check(data, window)
        check(data, window, filter_desc=None)
    if name in CLEAN:
        assert spdl.io.load_audio(data).backend == "native"
    elif not isinstance(load(data)[0], type):
        assert spdl.io.load_audio(data).backend == "ffmpeg"


def test_damaged_headers() -> None:
    intact = riff(LATER, extensible(3, 2), chunk(b"data", BODY[:800]), LATER)
    for data in damage.mutations(intact, 600):
        check(data)


@pytest.mark.parametrize(
    ("encoder", "form"),
    [("ac3", "ac3"), ("eac3", "eac3"), ("dca", "dts"), ("truehd", "truehd"), ("aac", "adts")]
    + [("libmp3lame", "mp3"), ("mp2", "mp2"), ("ac3", "spdif"), ("aac", "latm")],
)
def test_other_codings_behind_a_plain_header(encoder: str, form: str) -> None:
    args = ["-f", "lavfi", "-i", "sine=duration=4:sample_rate=48000", "-ac", "2", "-strict", "-2"]
    encoded = tools.run(
        ["ffmpeg", "-v", "error", *args, "-c:a", encoder, "-write_xing", "0", "-f", form, "-"]
        if form == "mp3"
        else ["ffmpeg", "-v", "error", *args, "-c:a", encoder, "-f", form, "-"]
    )
    encoded = encoded[: len(encoded) // 4 * 4]
    data = make(encoded, channels=2, rate=48000)
    assert spdl.io.load_audio(data).backend == "ffmpeg"
    for lead in (b"", bytes(4000), b"\1\2\3\4" * 5000):
        check(make(lead + encoded, channels=2, rate=48000))


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
