# SPDX-License-Identifier: BSD-2-Clause
"""Both forms of an operation come from one plan and agree in name, signature and errors."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
import typing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import spdl.io
from spdl.io import (
    AudioEncoder,
    CPUBuffer,
    Demuxer,
    FilterGraph,
    Muxer,
    VideoDecoder,
    VideoEncoder,
)

Media = Callable[[str], Path]


def _pairs() -> Iterator[tuple[str, Any, Any]]:
    machines = (Demuxer, VideoDecoder, FilterGraph, Muxer, AudioEncoder, VideoEncoder)
    for scope in (spdl.io, *machines):
        for name in dir(scope):
            # Archives are walked through in Python: its forms are written by hand.
            if name == "async_iter_tarfile":
                continue
            if name.startswith("async_") and hasattr(scope, name.removeprefix("async_")):
                plain = name.removeprefix("async_")
                yield plain, getattr(scope, plain), getattr(scope, name)


PAIRS = list(_pairs())


def test_there_are_pairs() -> None:
    assert len(PAIRS) == 37


def _is_walk(function: Any) -> bool:
    return "Iterator[" in str(inspect.signature(function).return_annotation)


@pytest.mark.parametrize(("name", "blocking", "awaited"), PAIRS)
def test_names_and_signatures(name: str, blocking: Any, awaited: Any) -> None:
    assert blocking.__name__ == name
    assert awaited.__name__ == f"async_{name}"
    scope = blocking.__qualname__.removesuffix(name)
    assert awaited.__qualname__ == f"{scope}async_{name}"
    assert blocking.__module__ == awaited.__module__
    assert inspect.signature(blocking).parameters == inspect.signature(awaited).parameters
    returned = [inspect.signature(form).return_annotation for form in (blocking, awaited)]
    assert returned[1] == (f"Async{returned[0]}" if _is_walk(blocking) else returned[0])
    assert inspect.iscoroutinefunction(awaited) != _is_walk(blocking)
    assert not inspect.iscoroutinefunction(blocking)
    assert blocking.__doc__ in awaited.__doc__
    assert ("Asynchronous" if _is_walk(blocking) else "Awaitable") + " form of" in awaited.__doc__
    for internal in ("Operation", "Steps"):
        assert internal not in str(inspect.signature(blocking))


def test_annotations() -> None:
    for function in (spdl.io.load_image, spdl.io.async_load_image):
        hints = typing.get_type_hints(function)
        assert hints["return"] is CPUBuffer
        assert hints["name"] == str | None
        parameters = inspect.signature(function).parameters
        assert next(iter(parameters)) == "src"
        assert parameters["out"].kind is inspect.Parameter.KEYWORD_ONLY


def test_errors_of_the_arguments_come_with_the_await(media_path: Media) -> None:
    coroutine = spdl.io.async_load_image(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        asyncio.run(coroutine)
    coroutine = spdl.io.async_load_audio(media_path("s16.flac"), (0, float("nan")))
    with pytest.raises(ValueError, match="NaN"):
        asyncio.run(coroutine)


def test_it_needs_a_running_loop(media_path: Media) -> None:
    coroutine = spdl.io.async_load_image(media_path("jpeg_420.jpg"))
    with pytest.raises(RuntimeError, match="no running event loop"):
        coroutine.send(None)


async def test_run_async_prefers_the_awaitable_form(media_path: Media) -> None:
    path = media_path("both.mp4")

    def threads() -> set[str]:
        return {thread.name for thread in threading.enumerate()}

    before = threads()
    buffer = await spdl.io.run_async(spdl.io.load_video, path, (0, 0.2), filter_desc=None)
    assert buffer.shape[0] == 5
    with Demuxer(path) as demuxer:
        packets = await spdl.io.run_async(demuxer.demux_video, window=(0, 0.2))
    assert len(packets) == 5
    with pytest.raises(spdl.io.NotFoundError):
        await spdl.io.run_async(spdl.io.load_image, "missing")
    assert threads() == before


async def test_run_async_of_anything_else(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(7)
    main = threading.get_ident()

    def elsewhere(*args: int, key: str) -> tuple[int, Any, Any]:
        return variable.get(), args, (key, threading.get_ident() != main)

    assert await spdl.io.run_async(elsewhere, 1, 2, key="x") == (7, (1, 2), ("x", True))
    partial = functools.partial(spdl.io.load_image, path)
    assert (await spdl.io.run_async(partial)).shape == (120, 160, 3)
    with pytest.raises(ZeroDivisionError):
        await spdl.io.run_async(divmod, 1, 0)


async def test_run_async_on_a_given_executor(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    with ThreadPoolExecutor(1, thread_name_prefix="given") as executor:
        name = await spdl.io.run_async(lambda: threading.current_thread().name, _executor=executor)
        assert name.startswith("given")
        with spdl.io.limits(max_pixels=1), pytest.raises(spdl.io.LimitError):
            await spdl.io.run_async(spdl.io.load_image, path, _executor=executor)
        buffer = await spdl.io.run_async(spdl.io.load_image, path, _executor=executor)
    assert buffer.shape == (120, 160, 3)


def test_operations_let_go_of_their_arguments(media_path: Media) -> None:
    """A function that is called again and again keeps nothing."""
    import gc

    data = media_path("jpeg_420.jpg").read_bytes()
    spdl.io.load_image(data)
    asyncio.run(spdl.io.async_load_image(data))
    gc.collect()
    before = len(gc.get_objects())
    gc.disable()
    try:
        for _ in range(200):
            spdl.io.load_image(data)
        assert len(gc.get_objects()) - before < 100
    finally:
        gc.enable()
