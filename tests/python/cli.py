# SPDX-License-Identifier: BSD-2-Clause
"""The ``ffmpeg`` CLI as the reference for pixels and samples.

What goes through a filter description must equal, byte for byte, what this command gives::

    ffmpeg -copyts -noautorotate -i F -map 0:K -vf|-af DESC -fps_mode passthrough -f rawvideo|…

A window is ``trim``/``atrim`` in front of the description. That promise holds for the library's own
version of FFmpeg only, so `check_versions` compares the two.
"""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import tools
from numpy.typing import NDArray

Window = tuple[Fraction | None, Fraction | None]

RGB24 = "format=pix_fmts=rgb24"
FLTP = "aformat=sample_fmts=fltp"

# Packed form of a sample format → element type and encoder.
_SAMPLES: dict[str, tuple[str, str]] = {
    "u8": ("u1", "pcm_u8"),
    "s16": ("<i2", "pcm_s16le"),
    "s32": ("<i4", "pcm_s32le"),
    "s64": ("<i8", "pcm_s64le"),
    "flt": ("<f4", "pcm_f32le"),
    "dbl": ("<f8", "pcm_f64le"),
}
# Big-endian pixel formats with their component size; the library gives native-endian values.
_BIG_ENDIAN = re.compile(r"(gray|rgb|rgba|bgr|yuv4\d\dp)(9|1[0-6]|48|64)be$")


def _run(args: list[str]) -> bytes:
    return tools.run(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", *args])


def versions() -> dict[str, tuple[int, int, int]]:
    """The libraries of the CLI and their versions."""
    text = tools.run(["ffmpeg", "-version"]).decode()
    found = re.findall(r"^(lib\w+)\s+(\d+)\.\s*(\d+)\.\s*(\d+) /", text, re.MULTILINE)
    return {name: (int(major), int(minor), int(micro)) for name, major, minor, micro in found}


def check_versions(library: Mapping[str, tuple[int, int, int]]) -> None:
    """Fail if the library runs another FFmpeg than the CLI: there is then no reference."""
    reference = versions()
    assert library, "the library names no FFmpeg versions"
    different = {k: (v, reference.get(k)) for k, v in library.items() if reference.get(k) != v}
    assert not different, f"the CLI is no reference, versions (library, CLI): {different}"


@functools.cache
def probe(path: Path, kind: str) -> dict[str, Any]:
    """What ffprobe says of the first stream of a kind ("v" or "a"): pix_fmt, sample_fmt, …"""
    command = ["ffprobe", "-v", "error", "-select_streams", f"{kind}:0", "-show_streams"]
    found = tools.run([*command, "-of", "json", str(path)])
    stream: dict[str, Any] = json.loads(found)["streams"][0]
    return stream


@functools.cache
def blocks(path: Path, kind: str) -> list[tuple[Fraction, int]]:
    """(time in seconds, samples or 1) of each frame that ffprobe decodes of a stream, in order."""
    command = ["ffprobe", "-v", "error", "-select_streams", f"{kind}:0", "-of", "json"]
    entries = ["-show_entries", "frame=best_effort_timestamp,nb_samples"]
    found = json.loads(tools.run([*command, *entries, str(path)]))
    tick = Fraction(probe(path, kind)["time_base"])
    made: list[tuple[Fraction, int]] = []
    for frame in found["frames"]:
        if "best_effort_timestamp" in frame:
            time = tick * frame["best_effort_timestamp"]
        else:  # the last one of some files: as long after the one before as that was
            time = 2 * made[-1][0] - made[-2][0]
        made.append((time, frame.get("nb_samples", 1)))
    return made


def _bound(value: Fraction) -> str:
    # FFmpeg reads times in microseconds; any finer bound would compare two roundings.
    micros = value * 1_000_000
    assert micros.denominator == 1, f"{value} is no whole number of microseconds"
    return f"{int(micros)}us"


def _trim(name: str, window: Window | None) -> list[str]:
    if window is None or window == (None, None):
        return []
    start, end = window
    parts = [f"start={_bound(start)}"] if start is not None else []
    parts += [f"end={_bound(end)}"] if end is not None else []
    return [f"{name}={':'.join(parts)}"]


def _chain(kind: str, name: str, window: Window | None, desc: str | None) -> list[str]:
    filters = _trim(name, window) + ([desc] if desc else [])
    return [f"-{kind}f", ",".join(filters)] if filters else []


def pictures(
    path: Path, desc: str | None = RGB24, window: Window | None = None, count: int | None = None
) -> bytes:
    """Decoded pictures as ``-f rawvideo`` writes them.

    Args:
        desc: the filter description; None: the decoder's own format.
        window: [start, end) in seconds.
        count: stop after so many; 1 for still images.
    """
    args = ["-copyts", "-noautorotate", "-i", f"file:{path}", "-map", "0:v:0"]
    args += _chain("v", "trim", window, desc)
    args += ["-fps_mode", "passthrough"]
    args += ["-frames:v", str(count)] if count is not None else []
    return _run([*args, "-f", "rawvideo", "-"])


def image(path: Path, desc: str | None = RGB24) -> bytes:
    """The first picture of a file."""
    return pictures(path, desc, count=1)


def samples(
    path: Path, fmt: str, channels: int, desc: str | None = FLTP, window: Window | None = None
) -> NDArray[Any]:
    """Decoded samples of shape (N, C).

    Args:
        fmt: FFmpeg's name of the sample format that comes out of `desc`; planar ones are
            interleaved for the comparison, which changes no value.
        channels: number of channels that come out of `desc`.
        desc: the filter description; None: the decoder's own format.
    """
    dtype, encoder = _SAMPLES[fmt.removesuffix("p")]
    args = ["-copyts", "-noautorotate", "-i", f"file:{path}", "-map", "0:a:0"]
    args += _chain("a", "atrim", window, desc)
    raw = _run([*args, "-c:a", encoder, "-f", "data", "-"])
    return np.frombuffer(raw, dtype).reshape(-1, channels)


def graph(paths: list[Path], desc: str, ends: Mapping[str, str | None]) -> list[bytes]:
    """What comes out of a graph: ``-filter_complex``.

    Args:
        paths: the files, whose streams are [0:v], [0:a], [1:v], … in the description.
        ends: labels of what comes out, and the encoder of samples; None: pictures.
    """
    args = ["-copyts", "-noautorotate", "-filter_complex_threads", "1"]
    for path in paths:
        args += ["-i", f"file:{path}"]
    args += ["-filter_complex", desc]
    with tempfile.TemporaryDirectory(prefix="spdl-graph-") as folder:
        files = [Path(folder) / str(index) for index in range(len(ends))]
        for file, (label, encoder) in zip(files, ends.items(), strict=True):
            args += ["-map", f"[{label}]"]
            args += ["-c:a", encoder, "-f", "data"] if encoder else ["-fps_mode", "passthrough"]
            args += [str(file)] if encoder else ["-f", "rawvideo", str(file)]
        _run(args)
        return [file.read_bytes() for file in files]


def native_endian(raw: bytes, pix_fmt: str) -> bytes:
    """Swap the bytes of a big-endian format; others stay as they are."""
    if not _BIG_ENDIAN.match(pix_fmt):
        return raw
    return np.frombuffer(raw, ">u2").astype("=u2").tobytes()


def differences(ours: NDArray[Any], reference: NDArray[Any]) -> str:
    """One line that says how two arrays differ; "" if they are equal, bit for bit."""
    if ours.shape != reference.shape:
        return f"shape {ours.shape}, the CLI gives {reference.shape}"
    if ours.dtype.newbyteorder("=") != reference.dtype.newbyteorder("="):
        return f"dtype {ours.dtype}, the CLI gives {reference.dtype}"
    if ours.tobytes() == reference.tobytes():
        return ""
    wrong = np.flatnonzero(ours.reshape(-1) != reference.reshape(-1))
    largest = np.abs(ours.astype(np.float64) - reference.astype(np.float64)).max()
    return f"{wrong.size} of {ours.size} differ, first at {wrong[:1]}, by at most {largest}"
