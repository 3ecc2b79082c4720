# SPDX-License-Identifier: BSD-2-Clause
"""What WAV files say of themselves, rightly or not: all of it comes out as it does from FFmpeg."""

from __future__ import annotations

import struct

import damage
import pytest
import tools
from test_load_wav_native import RATE, check, extensible, load, samples
from test_wav import chunk, fmt, make

import spdl.io

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
    [
        *(("ac3", "ac3"), ("eac3", "eac3"), ("dca", "dts"), ("truehd", "truehd"), ("aac", "adts")),
        *(("libmp3lame", "mp3"), ("mp2", "mp2"), ("ac3", "spdif"), ("aac", "latm")),
    ],
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
