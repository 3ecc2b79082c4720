# SPDX-License-Identifier: BSD-2-Clause
"""Test media, made by the ``ffmpeg`` CLI, Pillow and simplejpeg when they are first asked for.

Nothing is committed: a file is its recipe. The files lie in ``build/test-media/<key>``, where the
key stands for the recipes and the versions of every encoder, so that a change makes new files and
two test processes never write the same one.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import io
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "test-media"

WIDTH, HEIGHT = 160, 120
ODD_WIDTH, ODD_HEIGHT = 127, 95

Maker = Callable[[Path], None]


def ffmpeg_version() -> str:
    """The first line and the library lines of ``ffmpeg -version``."""
    run = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True)
    return run.stdout


def scene(width: int = WIDTH, height: int = HEIGHT, seed: int = 0) -> NDArray[np.uint8]:
    """A picture (H, W, 3) with smooth parts, edges, saturated colours and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / width, y / height
    waves = [np.sin((5 + 3 * k + seed) * u + (7 - 2 * k) * v + k) for k in range(3)]
    picture = 127.5 + 110 * np.stack(waves, axis=-1)
    disc = (u - 0.6) ** 2 + (v - 0.4) ** 2 < 0.05
    picture[disc] = (230, 20, 60)
    picture[height // 2 :, : width // 3] = (
        255 * ((x + y) // 5 % 2)[height // 2 :, : width // 3, None]
    )
    picture += rng.normal(0, 6, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


# -- makers ---------------------------------------------------------------------------------------


def _run(args: list[str], stdin: bytes | None = None) -> None:
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *args]
    if stdin is not None:
        command.remove("-nostdin")
    run = subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{run.stderr.decode(errors='replace')}")


def _pillow(size: tuple[int, int] = (WIDTH, HEIGHT), mode: str = "RGB", **save: Any) -> Maker:
    def make(path: Path) -> None:
        Image.fromarray(scene(*size)).convert(mode).save(path, **save)

    return make


def _rotated(path: Path) -> None:
    image = Image.fromarray(scene())
    exif = image.getexif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees to show
    image.save(path, exif=exif, quality=90)


def _jpeg(subsampling: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Maker:
    def make(path: Path) -> None:
        picture = scene(*size)
        if subsampling == "Gray":
            gray = np.ascontiguousarray(picture[..., :1])
            path.write_bytes(simplejpeg.encode_jpeg(gray, 90, "GRAY", "Gray"))
        else:
            path.write_bytes(simplejpeg.encode_jpeg(picture, 90, "RGB", subsampling))

    return make


def _still(*args: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Maker:
    """The scene, encoded by the CLI."""

    def make(path: Path) -> None:
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-i", "-"]
        _run([*raw, "-frames:v", "1", *args, str(path)], scene(*size).tobytes())

    return make


def _alpha_png(path: Path) -> None:
    alpha = scene(seed=3)[..., :1]
    Image.fromarray(np.concatenate([scene(), alpha], axis=-1), "RGBA").save(path)


def _video(*args: str, size: str = "160x120", rate: str = "25", seconds: float = 1.2) -> Maker:
    def make(path: Path) -> None:
        source = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
        _run(["-f", "lavfi", "-i", source, *args, str(path)])

    return make


def _sine(channels: int, rate: int, seconds: float) -> str:
    waves = [
        f"0.5*sin(2*PI*t*({200 + 130 * k}+{90 + 10 * k}*t))+0.02*random({k})"
        for k in range(channels)
    ]
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    return f"aevalsrc=exprs='{'|'.join(waves)}':s={rate}:d={seconds}:c={layout}"


def _audio(*args: str, channels: int = 2, rate: int = 48000, seconds: float = 0.8) -> Maker:
    def make(path: Path) -> None:
        _run(["-f", "lavfi", "-i", _sine(channels, rate, seconds), *args, str(path)])

    return make


def _both(path: Path) -> None:
    video = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=1.2"]
    audio = ["-f", "lavfi", "-i", _sine(2, 44100, 1.2)]
    codecs = ["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-shortest"]
    _run([*audio, *video, "-map", "0:a", "-map", "1:v", *codecs, str(path)])


# -- recipes --------------------------------------------------------------------------------------

_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12", "-threads", "1")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1")
_X265_PARAMS = ("-x265-params", "log-level=error:keyint=12:bframes=3:open-gop=1:pools=1")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "15")
_AV1 = ("-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "15")
_VFR = ("-vf", r"select=not(mod(n\,3))+not(mod(n\,7))", "-fps_mode", "vfr")
_PALETTE = ("-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse")
_RAW = ("-c:v", "rawvideo")

IMAGES: dict[str, Maker] = {
    "jpeg_444.jpg": _jpeg("444"),
    "jpeg_422.jpg": _jpeg("422"),
    "jpeg_420.jpg": _jpeg("420"),
    "jpeg_440.jpg": _jpeg("440"),
    "jpeg_411.jpg": _jpeg("411"),
    "jpeg_gray.jpg": _jpeg("Gray"),
    "jpeg_progressive.jpg": _pillow(progressive=True, quality=85, subsampling=2),
    "jpeg_progressive_444.jpg": _pillow(progressive=True, quality=85, subsampling=0),
    "jpeg_progressive_gray.jpg": _pillow(mode="L", progressive=True, quality=85),
    "jpeg_restart.jpg": _pillow(quality=85, restart_marker_blocks=4),
    "jpeg_exif.jpg": _rotated,
    "jpeg_mjpeg.jpg": _still("-q:v", "3", "-pix_fmt", "yuvj420p"),
    "jpeg_odd_420.jpg": _jpeg("420", (ODD_WIDTH, ODD_HEIGHT)),
    "jpeg_odd_422.jpg": _jpeg("422", (ODD_WIDTH, ODD_HEIGHT)),
    "jpeg_odd_440.jpg": _jpeg("440", (ODD_WIDTH, ODD_HEIGHT)),
    "jpeg_odd_411.jpg": _jpeg("411", (ODD_WIDTH, ODD_HEIGHT)),
    "jpeg_odd_444.jpg": _jpeg("444", (ODD_WIDTH, ODD_HEIGHT)),
    "jpeg_odd_gray.jpg": _jpeg("Gray", (ODD_WIDTH, ODD_HEIGHT)),
    "png_rgb24.png": _pillow(),
    "png_rgba.png": _alpha_png,
    "png_gray.png": _pillow(mode="L"),
    "png_pal8.png": _pillow(mode="P"),
    "png_mono.png": _pillow(mode="1"),
    "png_rgb48.png": _still("-pix_fmt", "rgb48be"),
    "png_gray16.png": _still("-pix_fmt", "gray16be"),
    "png_interlaced.png": _still("-flags", "+ildct"),
    "png_odd.png": _pillow((ODD_WIDTH, ODD_HEIGHT)),
    "webp_lossy.webp": _pillow(quality=80),
    "webp_lossless.webp": _pillow(lossless=True),
    "webp_odd.webp": _pillow((ODD_WIDTH, ODD_HEIGHT), quality=80),
    "gif_still.gif": _pillow(mode="P"),
    "gif_animated.gif": _video(*_PALETTE, rate="5", seconds=1.0),
    "bmp_rgb24.bmp": _pillow(),
    "bmp_odd.bmp": _pillow((ODD_WIDTH, ODD_HEIGHT)),
}

VIDEOS: dict[str, Maker] = {
    "h264.mp4": _video(*_X264, "-pix_fmt", "yuv420p"),
    "h264.mkv": _video(*_X264, "-pix_fmt", "yuv420p"),
    "h264_422.mp4": _video(*_X264, "-pix_fmt", "yuv422p"),
    "h264_444.mkv": _video(*_X264, "-pix_fmt", "yuv444p", "-s", "127x95"),
    "hevc.mp4": _video(*_X265, *_X265_PARAMS, "-pix_fmt", "yuv420p"),
    "vp9.webm": _video(*_VP9, "-pix_fmt", "yuv420p"),
    "av1.mp4": _video(*_AV1, "-pix_fmt", "yuv420p"),
    "mpeg4.avi": _video("-c:v", "mpeg4", "-bf", "2", "-g", "12", "-q:v", "4"),
    "mjpeg.avi": _video("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj422p", seconds=0.6),
    "vfr.mp4": _video(*_VFR, *_X264, "-pix_fmt", "yuv420p", seconds=2),
    "vfr.mkv": _video(*_VFR, *_X264, "-pix_fmt", "yuv420p", seconds=2),
    "late.ts": _video(*_X264, "-output_ts_offset", "10", "-muxdelay", "0", "-muxpreload", "0"),
    "mpeg2.ts": _video("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "4"),
    "raw_yuv420p.nut": _video(*_RAW, "-pix_fmt", "yuv420p", seconds=0.2),
    "raw_yuv422p.nut": _video(*_RAW, "-pix_fmt", "yuv422p", seconds=0.2),
    "raw_yuv444p.nut": _video(*_RAW, "-pix_fmt", "yuv444p", seconds=0.2),
    "raw_nv12.nut": _video(*_RAW, "-pix_fmt", "nv12", seconds=0.2),
    "raw_gray.nut": _video(*_RAW, "-pix_fmt", "gray", seconds=0.2),
    "raw_rgb24.nut": _video(*_RAW, "-pix_fmt", "rgb24", seconds=0.2),
    "raw_rgba.nut": _video(*_RAW, "-pix_fmt", "rgba", seconds=0.2),
    "raw_odd_yuv420p.nut": _video(*_RAW, "-pix_fmt", "yuv420p", "-s", "127x95", seconds=0.2),
    "both.mp4": _both,
}

AUDIO: dict[str, Maker] = {
    "s16.wav": _audio("-c:a", "pcm_s16le"),
    "s24.wav": _audio("-c:a", "pcm_s24le", rate=44100),
    "s32.wav": _audio("-c:a", "pcm_s32le", channels=1),
    "f32.wav": _audio("-c:a", "pcm_f32le"),
    "f64.wav": _audio("-c:a", "pcm_f64le", channels=1, rate=16000),
    "u8.wav": _audio("-c:a", "pcm_u8", channels=1, rate=8000),
    "s16_51.wav": _audio("-c:a", "pcm_s16le", channels=6),
    "s16.flac": _audio("-c:a", "flac", "-sample_fmt", "s16", rate=44100),
    "s24.flac": _audio("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"),
    "mono.mp3": _audio("-c:a", "libmp3lame", "-b:a", "64k", channels=1, rate=44100),
    "stereo.mp3": _audio("-c:a", "libmp3lame", "-b:a", "128k", rate=44100),
    "stereo.m4a": _audio("-c:a", "aac", "-b:a", "128k", rate=44100),
    "surround.m4a": _audio("-c:a", "aac", "-b:a", "256k", channels=6),
    "mono.opus": _audio("-c:a", "libopus", channels=1),
    "stereo.opus": _audio("-c:a", "libopus", "-b:a", "96k"),
    "stereo.ogg": _audio("-c:a", "libvorbis", "-q:a", "4", rate=44100),
    "surround.ogg": _audio("-c:a", "libvorbis", "-q:a", "4", channels=6),
    "opus.webm": _audio("-c:a", "libopus", "-b:a", "96k"),
}

# One small file per demuxer and decoder, for the sweeps over damaged input.
_S = "64x64"
TINY_IMAGES: dict[str, Maker] = {
    "tiny_baseline.jpg": _pillow((64, 48), quality=80),
    "tiny_progressive.jpg": _pillow((64, 48), quality=80, progressive=True),
    "tiny.png": _pillow((64, 48)),
    "tiny_lossy.webp": _pillow((64, 48), quality=80),
    "tiny_lossless.webp": _pillow((64, 48), lossless=True),
    "tiny.gif": _video(*_PALETTE, size=_S, rate="5", seconds=0.6),
    "tiny.bmp": _pillow((64, 48)),
}
TINY_VIDEOS: dict[str, Maker] = {
    "tiny_h264.mp4": _video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_h264.mkv": _video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_h264.ts": _video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_hevc.mp4": _video(*_X265, *_X265_PARAMS, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_vp9.webm": _video(*_VP9, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_av1.mp4": _video(*_AV1, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_mpeg4.avi": _video("-c:v", "mpeg4", "-bf", "2", "-q:v", "4", size=_S, seconds=0.32),
}
TINY_AUDIO: dict[str, Maker] = {
    "tiny.wav": _audio("-c:a", "pcm_s16le", channels=1, rate=8000, seconds=0.25),
    "tiny.flac": _audio("-c:a", "flac", channels=1, rate=16000, seconds=0.25),
    "tiny.mp3": _audio("-c:a", "libmp3lame", channels=1, rate=16000, seconds=0.3),
    "tiny.m4a": _audio("-c:a", "aac", channels=1, rate=16000, seconds=0.3),
    "tiny.opus": _audio("-c:a", "libopus", channels=1, seconds=0.3),
    "tiny.ogg": _audio("-c:a", "libvorbis", channels=1, rate=16000, seconds=0.3),
}

RECIPES = {**IMAGES, **VIDEOS, **AUDIO, **TINY_IMAGES, **TINY_VIDEOS, **TINY_AUDIO}


# -- cache ----------------------------------------------------------------------------------------


def jpeg_bytes(seed: int, size: tuple[int, int] = (WIDTH, HEIGHT), **save: Any) -> bytes:
    """A JPEG of the scene with another seed, for tests that need many pictures."""
    out = io.BytesIO()
    Image.fromarray(scene(*size, seed=seed)).save(out, "JPEG", **{"quality": 90, **save})
    return out.getvalue()


def _key() -> str:
    versions = [ffmpeg_version(), PIL.__version__, simplejpeg.__version__, np.__version__]
    recipe = Path(__file__).read_bytes()
    return hashlib.sha256("\n".join(versions).encode() + recipe).hexdigest()[:16]


def _make(folder: Path, name: str) -> None:
    # The extension decides the format, so the unfinished file keeps it.
    unfinished = folder / f"unfinished-{os.getpid()}-{name}"
    RECIPES[name](unfinished)
    unfinished.replace(folder / name)


@functools.cache
def folder() -> Path:
    """The folder that holds every file of `RECIPES`; made on the first call on this machine."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        here = CACHE / _key()
        here.mkdir(exist_ok=True)
        missing = [name for name in RECIPES if not (here / name).exists()]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(functools.partial(_make, here), missing))
    return here


def path(name: str) -> Path:
    """The file made by the recipe of that name."""
    return folder() / name
