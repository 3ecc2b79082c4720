# SPDX-License-Identifier: BSD-2-Clause
"""The annotations of every public name can be evaluated, and cost nothing until they are."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
import typing
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pytest

import spdl.io

SPECIAL = ("__init__", "__call__", "__enter__", "__exit__", "__iter__", "__getitem__", "__len__")


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    yield cls.__name__, cls
    for name, member in vars(cls).items():
        if name.startswith("_") and name not in SPECIAL:
            continue
        if isinstance(member, (classmethod, staticmethod)):
            member = member.__func__
        if isinstance(member, property):
            member = member.fget
        if inspect.isfunction(member):
            yield f"{cls.__name__}.{name}", member


def _found() -> Iterator[Any]:
    modules = [f"spdl.io.{module.name}" for module in pkgutil.iter_modules(spdl.io.__path__)]
    seen = set()
    for module in (importlib.import_module(name) for name in ("spdl.io", *modules)):
        for name, member in vars(module).items():
            owner = str(getattr(member, "__module__", ""))
            if name.startswith("_") or not owner.startswith("spdl.") or id(member) in seen:
                continue
            seen.add(id(member))
            if inspect.isclass(member):
                for full, part in _members(member):
                    yield pytest.param(part, id=f"{module.__name__}.{full}")
            elif inspect.isfunction(member):
                yield pytest.param(member, id=f"{module.__name__}.{name}")


NAMES = list(_found())


def test_every_public_name_is_among_them() -> None:
    found = {str(parameter.id).removeprefix("spdl.io.") for parameter in NAMES}
    wanted = {
        name
        for name in spdl.io.__all__
        if inspect.isfunction(getattr(spdl.io, name)) or inspect.isclass(getattr(spdl.io, name))
    }
    assert wanted <= found
    assert {"Demuxer.streaming_demux", "CPUBuffer.dtype", "trace.tracing.__init__"} <= found


@pytest.mark.parametrize("member", NAMES)
def test_annotations_can_be_evaluated(member: Any) -> None:
    typing.get_type_hints(member)


def test_what_they_are() -> None:
    def result(function: Any) -> Any:
        return typing.get_type_hints(function)["return"]

    assert typing.get_origin(result(spdl.io.to_numpy)) is np.ndarray
    executor = typing.get_type_hints(spdl.io.run_async)["_executor"]
    assert executor == (Executor | None)
    for function, origin in (
        (spdl.io.Demuxer.streaming_demux, Iterator),
        (spdl.io.Demuxer.async_streaming_demux, AsyncIterator),
    ):
        assert typing.get_origin(result(function)) is origin
    assert not isinstance(result(spdl.io.async_streaming_decode_packets), AsyncGenerator)


@pytest.mark.parametrize(
    ("function", "module", "name"),
    [(spdl.io.to_torch, "torch", "Tensor"), (spdl.io.to_jax, "jax", "Array")],
)
def test_of_libraries_that_may_be_missing(function: Any, module: str, name: str) -> None:
    try:
        wanted = getattr(importlib.import_module(module), name)
    except ImportError:
        wanted = Any
    assert typing.get_type_hints(function)["return"] == wanted


def test_import_is_as_quick_as_without_them() -> None:
    slow = ["numpy", "torch", "jax", "numba", "asyncio", "concurrent.futures"]
    code = f"import sys, spdl.io, spdl.io.utils; print([m for m in {slow} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert shown.stdout.strip() == b"[]"
