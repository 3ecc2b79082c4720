# SPDX-License-Identifier: BSD-2-Clause
"""Saving images: as they are, or brought to what the encoder takes, as the ffmpeg command does."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import leaks
import numpy as np
import pytest
import tools
from numpy.typing import NDArray

import spdl.io

RNG = np.random.default_rng(0)


def _picture(*shape: int, dtype: Any = np.uint8) -> NDArray[Any]:
    return RNG.integers(0, np.iinfo(dtype).max, shape, dtype)


def _by_the_cli(path: Path, array: NDArray[Any], pix_fmt: str, *args: str) -> bytes:
    """The file that the ffmpeg command makes of the same picture."""
    height, width = array.shape[:2]
    source = ["-f", "rawvideo", "-pix_fmt", pix_fmt, "-video_size", f"{width}x{height}"]
    command = ["ffmpeg", "-v", "error", *source, "-i", "-", *args, "-threads", "1", "-update", "1"]
    tools.run([*command, str(path)], array.tobytes())
    return path.read_bytes()


@pytest.mark.parametrize("size", [(48, 64), (31, 47), (1, 1)])
@pytest.mark.parametrize(
    ("name", "pix_fmt", "channels"),
    [("a.png", "rgb24", (3,)), ("a.png", "gray", ()), ("a.png", "rgba", (4,)),
     ("a.bmp", "bgr24", (3,)), ("a.tiff", "rgb24", (3,))],
)  # fmt: skip
def test_saved_pictures_come_back(
    name: str,
    pix_fmt: str,
    channels: tuple[int, ...],
    size: tuple[int, int],
    tmp_path: Path,
    reference: ModuleType,
) -> None:
    array = _picture(*size, *channels)
    path = tmp_path / name
    spdl.io.save_image(path, array, pix_fmt)
    assert reference.image(path, None) == array.tobytes()
    assert path.read_bytes() == _by_the_cli(tmp_path / f"cli_{name}", array, pix_fmt)


@pytest.mark.parametrize("order", ["=", "<", ">"])
@pytest.mark.parametrize("save", [spdl.io.save_image, spdl.io.encode_image])
def test_16_bits_keep_their_values(
    save: Any, order: str, tmp_path: Path, reference: ModuleType
) -> None:
    array = _picture(20, 30, dtype=np.uint16)
    more = {} if save is spdl.io.save_image else {
        "encode_config": spdl.io.encode_config(format="gray16be")
    }  # fmt: skip
    save(tmp_path / "a.png", array.astype(f"{order}u2"), "gray16be", **more)
    assert reference.image(tmp_path / "a.png", None) == array.astype(">u2").tobytes()


def test_options_are_heard_of(tmp_path: Path) -> None:
    array = np.zeros((100, 100, 3), np.uint8) + np.arange(100, dtype=np.uint8)[:, None]
    sizes = []
    for level in (0, 9):
        spdl.io.save_image(tmp_path / "a.png", array, compression_level=level)
        sizes.append((tmp_path / "a.png").stat().st_size)
    for qscale in (31, 2):
        config = spdl.io.encode_config(qscale=qscale)
        spdl.io.encode_image(tmp_path / "a.jpg", _picture(64, 64, 3), encode_config=config)
        sizes.append((tmp_path / "a.jpg").stat().st_size)
    assert sizes[0] > sizes[1]
    assert sizes[2] < sizes[3]


ENCODED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("a.jpg", {}, ["-vf", "format=yuvj420p"]),
    ("a.jpg", {"format": "yuvj444p"}, ["-vf", "format=yuvj444p"]),
    ("a.jpg", {"qscale": 2}, ["-vf", "format=yuvj420p", "-q:v", "2"]),
    ("a.png", {"width": 33, "height": 17}, ["-vf", "scale=33:17,format=rgb24"]),
    (
        "a.png",
        {"width": 33, "scale_algo": "area", "format": "gray"},
        ["-vf", "scale=33:48:flags=area,format=gray"],
    ),
    (
        "a.png",
        {"filter_desc": "crop=20:10,hflip"},
        ["-vf", "crop=20:10,hflip,scale=64:48,format=rgb24"],
    ),
    ("a.dat", {"muxer": "image2", "encoder": "bmp"}, ["-f", "image2", "-c:v", "bmp"]),
    (
        "a.png",
        {"encoder_options": {"pred": "paeth"}, "compression_level": 3},
        ["-pred", "paeth", "-compression_level", "3"],
    ),
]


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(("name", "config", "args"), ENCODED)
def test_encoded_as_by_the_cli(
    name: str, config: dict[str, Any], args: list[str], tmp_path: Path
) -> None:
    pix_fmt = "bgr24" if "bmp" in args else "rgb24"
    array = _picture(48, 64, 3)
    path = tmp_path / name
    spdl.io.encode_image(path, array, pix_fmt, spdl.io.encode_config(**config))
    if "bmp" in args:  # the encoder's first format is another
        args = [*args, "-pix_fmt", "bgra"]
    assert path.read_bytes() == _by_the_cli(tmp_path / f"cli_{name}", array, pix_fmt, *args)


def test_other_formats_and_tensors(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    planes = _picture(3, 20, 30)
    spdl.io.encode_image(tmp_path / "a.png", torch.from_numpy(planes), "yuv444p")
    assert spdl.io.load_image(tmp_path / "a.png").shape == (20, 30, 3)
    array = _picture(20, 60, 3)[:, ::2]  # not contiguous
    spdl.io.encode_image(tmp_path / "a.png", torch.from_numpy(array))
    assert np.array_equal(spdl.io.to_numpy(spdl.io.load_image(tmp_path / "a.png")), array)
    spdl.io.save_image(tmp_path / "b.png", array)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_lost_bits_are_told(tmp_path: Path) -> None:
    array = _picture(20, 30, dtype=np.uint16)
    with pytest.warns(UserWarning, match="may lose bits"):
        spdl.io.encode_image(tmp_path / "a.png", array, "gray16be")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = spdl.io.encode_config(format="gray16be")
        spdl.io.encode_image(tmp_path / "a.png", array, "gray16be", config)


def test_awaited(tmp_path: Path) -> None:
    array = _picture(48, 64, 3)

    async def save() -> None:
        saves = [spdl.io.async_save_image(tmp_path / f"{i}.png", array) for i in range(8)]
        saves += [spdl.io.async_encode_image(tmp_path / f"{i}.jpg", array) for i in range(8)]
        assert await asyncio.gather(*saves) == [None] * 16
        with pytest.raises(spdl.io.NotFoundError):
            await spdl.io.async_save_image(tmp_path / "missing" / "a.png", array)

    asyncio.run(save())
    spdl.io.encode_image(tmp_path / "a.jpg", array)
    assert (tmp_path / "7.jpg").read_bytes() == (tmp_path / "a.jpg").read_bytes()
    assert np.array_equal(spdl.io.to_numpy(spdl.io.load_image(tmp_path / "0.png")), array)


@pytest.mark.parametrize("save", [spdl.io.save_image, spdl.io.encode_image])
@pytest.mark.filterwarnings("ignore:gray16")
def test_wrong_data(save: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for array, pix_fmt in (
        (_picture(20, 30), "rgb24"),
        (_picture(20, 30, 4), "rgb24"),
        (_picture(20, 30, 3), "gray"),
        (_picture(20, 30, 3), "yuv444p"),
        (_picture(20, 30, 3), "yuv420p"),
        (_picture(20, 30, 3).astype(np.float32), "rgb24"),
        (_picture(20, 30), "gray16"),
        (np.zeros((0, 30, 3), np.uint8), "rgb24"),
    ):
        with pytest.raises(spdl.io.InvalidError) as caught:
            save(path, array, pix_fmt)
        assert isinstance(caught.value, ValueError)
    with pytest.raises(TypeError, match="is no array"):
        save(path, None)
    with pytest.raises(TypeError, match="path or a URL"):
        save(None, _picture(20, 30, 3))
    assert not path.exists()


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    array = _picture(20, 30, 3)
    with pytest.raises(spdl.io.UnsupportedError, match="mjpeg takes yuvj420p, ") as caught:
        spdl.io.save_image(tmp_path / "a.jpg", array)
    assert caught.value.source == str(tmp_path / "a.jpg")
    with pytest.raises(spdl.io.UnsupportedError, match="no container is known"):
        spdl.io.save_image(tmp_path / "a.nothing", array)
    encode, config = spdl.io.encode_image, spdl.io.encode_config
    with pytest.raises(spdl.io.FilterError, match="no_such"):
        encode(tmp_path / "a.jpg", array, encode_config=config(filter_desc="no_such"))
    with pytest.raises(spdl.io.UnsupportedError, match="Unsupported encoder"):
        encode(tmp_path / "a.jpg", array, encode_config=config(encoder="no_such"))
    with pytest.raises(spdl.io.UnsupportedError, match="Unsupported pixel format: no_such"):
        encode(tmp_path / "a.jpg", array, encode_config=config(format="no_such"))
    with pytest.raises(spdl.io.OptionError, match="no_such"):
        encode(tmp_path / "a.jpg", array, encode_config=config(encoder_options={"no_such": "1"}))
    with pytest.raises(spdl.io.LimitError, match="max_pixels"):
        encode(tmp_path / "a.png", array, encode_config=config(width=100_000, height=100_000))
    with pytest.raises(TypeError, match="encode_config"):
        encode(tmp_path / "a.png", array, encode_config={})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
    with pytest.raises(spdl.io.SPDLIOError, match=r"/dev/full: writing failed \(No space"):
        encode("/dev/full", array, encode_config=config(muxer="image2", encoder="png"))


def test_nothing_leaks(tmp_path: Path) -> None:
    with leaks.nothing_leaks():
        for name in ("a.png", "a.jpg", "missing/a.png"):
            with contextlib.suppress(spdl.io.NotFoundError, spdl.io.UnsupportedError):
                spdl.io.save_image(tmp_path / name, _picture(20, 30, 3))
        gc.collect()
