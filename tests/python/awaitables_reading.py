# SPDX-License-Identifier: BSD-2-Clause
"""Readers of arrays and archives, as in `awaitables`."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import media
import numpy as np
from awaitables import run, walk

import spdl.io


@run("async_load_wav")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_wav(media.path("s24.wav").read_bytes())


@run("async_load_npy")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_npy(_npy(), copy=True)


@run("async_load_npz")
async def _(_folder: Path) -> Any:
    return await spdl.io.async_load_npz(_npz())


@run("NpzFile.async_load")
async def _(_folder: Path) -> Any:
    return await spdl.io.load_npz(_npz()).async_load("a")


def _npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(500_000))
    return out.getvalue()


def _npz() -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, a=np.zeros(500_000))
    return out.getvalue()


@walk("async_iter_tarfile")
async def _(_folder: Path) -> AsyncGenerator[Any, None]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("s16.wav", "jpeg_420.jpg", "u8.wav"):
            archive.add(media.path(name), name)
    async for item in spdl.io.async_iter_tarfile(out.getvalue()):
        yield item
