# SPDX-License-Identifier: BSD-2-Clause
"""Makers of test media: each writes one file with the ``ffmpeg`` CLI, Pillow or simplejpeg."""

from __future__ import annotations

import io
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
import tools
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

WIDTH, HEIGHT = 160, 120
ODD_WIDTH, ODD_HEIGHT = 127, 95

Maker = Callable[[Path], None]


def ffmpeg_version() -> str:
    """The first line and the library lines of ``ffmpeg -version``."""
    return tools.run(["ffmpeg", "-version"]).decode()


def animated_webp(num_frames: int = 3) -> bytes:
    """A WebP of several pictures of 64x48, in bytes."""
    out = io.BytesIO()
    first, *others = (Image.fromarray(scene(64, 48, seed)) for seed in range(num_frames))
    first.save(out, "WEBP", save_all=True, append_images=others, duration=40)
    return out.getvalue()


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


def _run(args: list[str], path: Path, stdin: bytes = b"") -> None:
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *args]
    # Muxers draw identifiers by lot; without them a file is the same wherever it is made.
    command += ["-fflags", "+bitexact", str(path)]
    tools.run(command, stdin)


def pillow(size: tuple[int, int] = (WIDTH, HEIGHT), mode: str = "RGB", **save: Any) -> Maker:
    def make(path: Path) -> None:
        Image.fromarray(scene(*size)).convert(mode).save(path, **save)

    return make


def rotated(path: Path) -> None:
    image = Image.fromarray(scene())
    exif = image.getexif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees to show
    image.save(path, exif=exif, quality=90)


def jpeg(subsampling: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Maker:
    def make(path: Path) -> None:
        picture = scene(*size)
        if subsampling == "Gray":
            gray = np.ascontiguousarray(picture[..., :1])
            path.write_bytes(simplejpeg.encode_jpeg(gray, 90, "GRAY", "Gray"))
        else:
            path.write_bytes(simplejpeg.encode_jpeg(picture, 90, "RGB", subsampling))

    return make


def still(*args: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Maker:
    """The scene, encoded by the CLI."""

    def make(path: Path) -> None:
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-i", "-"]
        _run([*raw, "-frames:v", "1", *args], path, scene(*size).tobytes())

    return make


def adobe_jpeg(mode: str) -> Maker:
    """A JPEG that stores RGB or CMYK, as its Adobe marker says."""

    def make(path: Path) -> None:
        Image.fromarray(scene()).convert(mode).save(path, quality=90, keep_rgb=True)

    return make


def with_alpha(path: Path) -> None:
    alpha = scene(seed=3)[..., :1]
    Image.fromarray(np.concatenate([scene(), alpha], axis=-1)).save(path)


def commented_png(path: Path) -> None:
    """A PNG with text before the picture: damage to the picture itself is never survived."""
    info = PngInfo()
    info.add_text("Comment", "text that a decoder may lose " * 20)
    Image.fromarray(scene(64, 48)).save(path, pnginfo=info)


def video(*args: str, size: str = "160x120", rate: str = "25", seconds: float = 1.2) -> Maker:
    def make(path: Path) -> None:
        source = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
        _run(["-f", "lavfi", "-i", source, *args], path)

    return make


def cut_from(whole: Maker, start: str) -> Maker:
    """What another maker makes, copied from `start` seconds on without encoding it again."""

    def make(path: Path) -> None:
        source = path.with_name(f"whole-{path.name}")
        whole(source)
        _run(["-ss", start, "-i", str(source), "-c", "copy"], path)
        source.unlink()

    return make


def _sine(channels: int, rate: int, seconds: float) -> str:
    waves = [
        f"0.5*sin(2*PI*t*({200 + 130 * k}+{90 + 10 * k}*t))+0.02*random({k})"
        for k in range(channels)
    ]
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    return f"aevalsrc=exprs='{'|'.join(waves)}':s={rate}:d={seconds}:c={layout}"


def audio(*args: str, channels: int = 2, rate: int = 48000, seconds: float = 0.8) -> Maker:
    def make(path: Path) -> None:
        _run(["-f", "lavfi", "-i", _sine(channels, rate, seconds), *args], path)

    return make


def plain_wav(channels: int) -> Maker:
    """A WAV of noise that says how many channels it has, but not which."""

    def make(path: Path) -> None:
        samples = np.random.default_rng(0).integers(-9000, 9000, (12000, channels), np.int16)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(48000)
            out.writeframes(samples.tobytes())

    return make


def audio_and_video(path: Path) -> None:
    video = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=1.2"]
    audio = ["-f", "lavfi", "-i", _sine(2, 44100, 1.2)]
    codecs = ["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-shortest"]
    _run([*audio, *video, "-map", "0:a", "-map", "1:v", *codecs], path)


def jpeg_bytes(seed: int, size: tuple[int, int] = (WIDTH, HEIGHT), **save: Any) -> bytes:
    """A JPEG of the scene with another seed, for tests that need many pictures."""
    out = io.BytesIO()
    Image.fromarray(scene(*size, seed=seed)).save(out, "JPEG", **{"quality": 90, **save})
    return out.getvalue()


def png_bytes(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of one bit per pixel that claims a size; `rows` is what it holds of the picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return len(data).to_bytes(4, "big") + name + data + crc.to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
