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
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import makers
import numpy as np
import PIL
import simplejpeg
from makers import Maker

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "test-media"

_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12", "-threads", "1")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1")
_X265_PARAMS = ("-x265-params", "log-level=error:keyint=12:bframes=3:open-gop=1:pools=1")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "15")
_AV1 = ("-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "15")
_VFR = ("-vf", r"select=not(mod(n\,3))+not(mod(n\,7))", "-fps_mode", "vfr")
_PALETTE = ("-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse")
_RAW = ("-c:v", "rawvideo")

IMAGES: dict[str, Maker] = {
    "jpeg_444.jpg": makers.jpeg("444"),
    "jpeg_422.jpg": makers.jpeg("422"),
    "jpeg_420.jpg": makers.jpeg("420"),
    "jpeg_440.jpg": makers.jpeg("440"),
    "jpeg_411.jpg": makers.jpeg("411"),
    "jpeg_gray.jpg": makers.jpeg("Gray"),
    "jpeg_progressive.jpg": makers.pillow(progressive=True, quality=85, subsampling=2),
    "jpeg_progressive_444.jpg": makers.pillow(progressive=True, quality=85, subsampling=0),
    "jpeg_progressive_gray.jpg": makers.pillow(mode="L", progressive=True, quality=85),
    "jpeg_restart.jpg": makers.pillow(quality=85, restart_marker_blocks=4),
    "jpeg_rgb.jpg": makers.adobe_jpeg("RGB"),
    "jpeg_cmyk.jpg": makers.adobe_jpeg("CMYK"),
    "jpeg_exif.jpg": makers.rotated,
    "jpeg_mjpeg.jpg": makers.still("-q:v", "3", "-pix_fmt", "yuvj420p"),
    "jpeg_odd_420.jpg": makers.jpeg("420", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "jpeg_odd_422.jpg": makers.jpeg("422", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "jpeg_odd_440.jpg": makers.jpeg("440", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "jpeg_odd_411.jpg": makers.jpeg("411", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "jpeg_odd_444.jpg": makers.jpeg("444", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "jpeg_odd_gray.jpg": makers.jpeg("Gray", (makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "png_rgb24.png": makers.pillow(),
    "png_rgba.png": makers.with_alpha,
    "png_gray.png": makers.pillow(mode="L"),
    "png_pal8.png": makers.pillow(mode="P"),
    "png_mono.png": makers.pillow(mode="1"),
    "png_rgb48.png": makers.still("-pix_fmt", "rgb48be"),
    "png_gray16.png": makers.still("-pix_fmt", "gray16be"),
    "png_interlaced.png": makers.still("-flags", "+ildct"),
    "png_odd.png": makers.pillow((makers.ODD_WIDTH, makers.ODD_HEIGHT)),
    "webp_lossy.webp": makers.pillow(quality=80),
    "webp_lossless.webp": makers.pillow(lossless=True),
    "webp_odd.webp": makers.pillow((makers.ODD_WIDTH, makers.ODD_HEIGHT), quality=80),
    "gif_still.gif": makers.pillow(mode="P"),
    "gif_animated.gif": makers.video(*_PALETTE, rate="5", seconds=1.0),
    "bmp_rgb24.bmp": makers.pillow(),
    "bmp_odd.bmp": makers.pillow((makers.ODD_WIDTH, makers.ODD_HEIGHT)),
}

VIDEOS: dict[str, Maker] = {
    "h264.mp4": makers.video(*_X264, "-pix_fmt", "yuv420p"),
    "h264.mkv": makers.video(*_X264, "-pix_fmt", "yuv420p"),
    "h264_422.mp4": makers.video(*_X264, "-pix_fmt", "yuv422p"),
    "h264_444.mkv": makers.video(*_X264, "-pix_fmt", "yuv444p", "-s", "127x95"),
    "hevc.mp4": makers.video(*_X265, *_X265_PARAMS, "-pix_fmt", "yuv420p"),
    "vp9.webm": makers.video(*_VP9, "-pix_fmt", "yuv420p"),
    "av1.mp4": makers.video(*_AV1, "-pix_fmt", "yuv420p"),
    "mpeg4.avi": makers.video("-c:v", "mpeg4", "-bf", "2", "-g", "12", "-q:v", "4"),
    "mjpeg.avi": makers.video("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj422p", seconds=0.6),
    "vfr.mp4": makers.video(*_VFR, *_X264, "-pix_fmt", "yuv420p", seconds=2),
    "vfr.mkv": makers.video(*_VFR, *_X264, "-pix_fmt", "yuv420p", seconds=2),
    "late.ts": makers.video(
        *_X264, "-output_ts_offset", "10", "-muxdelay", "0", "-muxpreload", "0"
    ),
    "mpeg2.ts": makers.video("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "4"),
    "h264.h264": makers.video(*_X264, "-pix_fmt", "yuv420p"),
    "mjpeg.mjpeg": makers.video("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj422p"),
    "raw_yuv420p.nut": makers.video(*_RAW, "-pix_fmt", "yuv420p", seconds=0.2),
    "raw_yuv422p.nut": makers.video(*_RAW, "-pix_fmt", "yuv422p", seconds=0.2),
    "raw_yuv444p.nut": makers.video(*_RAW, "-pix_fmt", "yuv444p", seconds=0.2),
    "raw_nv12.nut": makers.video(*_RAW, "-pix_fmt", "nv12", seconds=0.2),
    "raw_gray.nut": makers.video(*_RAW, "-pix_fmt", "gray", seconds=0.2),
    "raw_rgb24.nut": makers.video(*_RAW, "-pix_fmt", "rgb24", seconds=0.2),
    "raw_rgba.nut": makers.video(*_RAW, "-pix_fmt", "rgba", seconds=0.2),
    "raw_odd_yuv420p.nut": makers.video(*_RAW, "-pix_fmt", "yuv420p", "-s", "127x95", seconds=0.2),
    "both.mp4": makers.audio_and_video,
}

AUDIO: dict[str, Maker] = {
    "s16.wav": makers.audio("-c:a", "pcm_s16le"),
    "s24.wav": makers.audio("-c:a", "pcm_s24le", rate=44100),
    "s32.wav": makers.audio("-c:a", "pcm_s32le", channels=1),
    "f32.wav": makers.audio("-c:a", "pcm_f32le"),
    "f64.wav": makers.audio("-c:a", "pcm_f64le", channels=1, rate=16000),
    "u8.wav": makers.audio("-c:a", "pcm_u8", channels=1, rate=8000),
    "s16_51.wav": makers.audio("-c:a", "pcm_s16le", channels=6),
    "s16_9ch.wav": makers.plain_wav(9),
    "s16.flac": makers.audio("-c:a", "flac", "-sample_fmt", "s16", rate=44100),
    "s24.flac": makers.audio("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"),
    "mono.mp3": makers.audio("-c:a", "libmp3lame", "-b:a", "64k", channels=1, rate=44100),
    "stereo.mp3": makers.audio("-c:a", "libmp3lame", "-b:a", "128k", rate=44100),
    "stereo.m4a": makers.audio("-c:a", "aac", "-b:a", "128k", rate=44100),
    "surround.m4a": makers.audio("-c:a", "aac", "-b:a", "256k", channels=6),
    "mono.opus": makers.audio("-c:a", "libopus", channels=1),
    "stereo.opus": makers.audio("-c:a", "libopus", "-b:a", "96k"),
    "stereo.ogg": makers.audio("-c:a", "libvorbis", "-q:a", "4", rate=44100),
    "surround.ogg": makers.audio("-c:a", "libvorbis", "-q:a", "4", channels=6),
    "opus.webm": makers.audio("-c:a", "libopus", "-b:a", "96k"),
}

# One small file per demuxer and decoder, for the sweeps over damaged input.
_S = "64x64"
# Ogg drops a damaged page whole, so a file of one page would never load.
_PAGES = ("-page_duration", "40000")
TINY_IMAGES: dict[str, Maker] = {
    "tiny_baseline.jpg": makers.pillow((64, 48), quality=80),
    "tiny_progressive.jpg": makers.pillow((64, 48), quality=80, progressive=True),
    "tiny.png": makers.commented_png,
    "tiny_lossy.webp": makers.pillow((64, 48), quality=80),
    "tiny_lossless.webp": makers.pillow((64, 48), lossless=True),
    "tiny.gif": makers.video(*_PALETTE, size=_S, rate="5", seconds=0.6),
    "tiny.bmp": makers.pillow((64, 48)),
}
TINY_VIDEOS: dict[str, Maker] = {
    "tiny_h264.mp4": makers.video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_h264.mkv": makers.video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_h264.ts": makers.video(*_X264, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_hevc.mp4": makers.video(
        *_X265, *_X265_PARAMS, "-pix_fmt", "yuv420p", size=_S, seconds=0.32
    ),
    "tiny_vp9.webm": makers.video(*_VP9, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_av1.mp4": makers.video(*_AV1, "-pix_fmt", "yuv420p", size=_S, seconds=0.32),
    "tiny_mpeg4.avi": makers.video("-c:v", "mpeg4", "-bf", "2", "-q:v", "4", size=_S, seconds=0.32),
}
TINY_AUDIO: dict[str, Maker] = {
    "tiny.wav": makers.audio("-c:a", "pcm_s16le", channels=1, rate=8000, seconds=0.25),
    "tiny.flac": makers.audio("-c:a", "flac", channels=1, rate=16000, seconds=0.25),
    "tiny.mp3": makers.audio("-c:a", "libmp3lame", channels=1, rate=16000, seconds=0.3),
    "tiny.m4a": makers.audio("-c:a", "aac", channels=1, rate=16000, seconds=0.3),
    "tiny.opus": makers.audio("-c:a", "libopus", *_PAGES, channels=1, seconds=0.3),
    "tiny.ogg": makers.audio("-c:a", "libvorbis", *_PAGES, channels=1, rate=16000, seconds=0.3),
}

# A minute each, with a key frame every two seconds, to look for windows in.
_GOP = ("-bf", "3", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-threads", "1")
_LONG_X264 = ("-c:v", "libx264", "-preset", "veryfast", *_GOP, "-pix_fmt", "yuv420p")
_OPEN_X264 = (*_LONG_X264, "-x264-params", "open-gop=1")
# No key frames but the first: pictures are renewed column by column.
_REFRESH_X264 = (*_LONG_X264, "-bf", "0", "-x264-params", "intra-refresh=1")
_LONG_X265_PARAMS = (
    *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params"),
    "log-level=error:keyint=50:min-keyint=50:scenecut=0:bframes=3:open-gop=1:pools=1",
)
_LONG_X265 = ("-c:v", "libx265", *_LONG_X265_PARAMS)
_LONG_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "50")
_LONG_AV1 = ("-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "50")
_LONG_MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-g", "50", "-sc_threshold", "0", "-q:v", "4")
_LONG_MPEG4 = ("-c:v", "mpeg4", "-bf", "2", "-g", "50", "-sc_threshold", "0", "-q:v", "4")
_AT_TEN = ("-output_ts_offset", "10", "-muxdelay", "0", "-muxpreload", "0")


def _minute(*args: str, size: str = _S) -> Maker:
    return makers.video(*args, size=size, seconds=60)


def _minute_of_sound(*args: str, channels: int = 2, rate: int = 44100) -> Maker:
    return makers.audio(*args, channels=channels, rate=rate, seconds=60)


LONG_VIDEOS: dict[str, Maker] = {
    "long_h264.mp4": _minute(*_LONG_X264),
    "long_h264.mkv": _minute(*_LONG_X264),
    "long_h264.flv": _minute(*_LONG_X264),
    # Copied from the middle of a group of pictures: an edit list hides its first ones.
    "long_cut.mp4": makers.cut_from(_minute(*_LONG_X264), "2.56"),
    "long_open_gop.mp4": _minute(*_OPEN_X264),
    "long_open_gop.mkv": _minute(*_OPEN_X264),
    "long_refresh.mp4": _minute(*_REFRESH_X264, size="320x64"),
    "long_refresh.ts": _minute(*_REFRESH_X264, size="320x64"),
    "long_hevc.mp4": _minute(*_LONG_X265, "-tag:v", "hvc1"),
    "long_hevc.mkv": _minute(*_LONG_X265),
    "long_late.ts": _minute(*_LONG_X264, *_AT_TEN),
    "long_hevc_late.ts": _minute(*_LONG_X265, *_AT_TEN),
    "long_vp9.webm": _minute(*_LONG_VP9, "-pix_fmt", "yuv420p"),
    "long_av1.mkv": _minute(*_LONG_AV1, "-pix_fmt", "yuv420p"),
    "long_vfr.mp4": _minute(*_VFR, *_LONG_X264),
    "long_mpeg2.mpg": _minute(*_LONG_MPEG2),
    "long_mpeg4.avi": _minute(*_LONG_MPEG4),
}

LONG_AUDIO: dict[str, Maker] = {
    "long_s16.wav": _minute_of_sound("-c:a", "pcm_s16le"),
    "long_s24.mkv": _minute_of_sound("-c:a", "pcm_s24le"),
    "long.flac": _minute_of_sound("-c:a", "flac", "-sample_fmt", "s16"),
    "long_alac.m4a": _minute_of_sound("-c:a", "alac"),
    "long.ogg": _minute_of_sound("-c:a", "libvorbis", "-q:a", "4"),
    "long_vorbis.mka": _minute_of_sound("-c:a", "libvorbis", "-q:a", "4"),
    "long_cbr.mp3": _minute_of_sound("-c:a", "libmp3lame", "-b:a", "96k"),
    "long_vbr.mp3": _minute_of_sound("-c:a", "libmp3lame", "-q:a", "5"),
    "long_no_xing.mp3": _minute_of_sound("-c:a", "libmp3lame", "-q:a", "5", "-write_xing", "0"),
    "long.opus": _minute_of_sound("-c:a", "libopus", "-b:a", "96k", rate=48000),
    "long_opus.webm": _minute_of_sound("-c:a", "libopus", "-b:a", "96k", rate=48000),
    "long_plain.m4a": _minute_of_sound("-c:a", "aac", "-b:a", "96k", "-aac_pns", "0"),
    "long_plain.aac": _minute_of_sound("-c:a", "aac", "-b:a", "96k", "-aac_pns", "0"),
    "long_noise.m4a": _minute_of_sound("-c:a", "aac", "-b:a", "48k", "-aac_pns", "1"),
    "long.ac3": _minute_of_sound("-c:a", "ac3", "-b:a", "128k"),
}

RECIPES = {
    **IMAGES,
    **VIDEOS,
    **AUDIO,
    **TINY_IMAGES,
    **TINY_VIDEOS,
    **TINY_AUDIO,
    **LONG_VIDEOS,
    **LONG_AUDIO,
}


def _key() -> str:
    versions = [makers.ffmpeg_version(), PIL.__version__, simplejpeg.__version__, np.__version__]
    recipes = Path(__file__).read_bytes() + Path(makers.__file__).read_bytes()
    return hashlib.sha256("\n".join(versions).encode() + recipes).hexdigest()[:16]


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
