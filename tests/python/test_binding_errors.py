# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions: one class for each status, also Python's own where there is one; they pickle."""

from __future__ import annotations

import copy
import math
import pickle
from pathlib import Path
from typing import Any

import pytest

import spdl.io
from spdl._native import errors
from spdl._native.arguments import struct
from spdl._native.library import constants

STATUSES = constants("SPDL_E_")
ALSO = {
    "INVALID": ValueError,
    "NOT_FOUND": FileNotFoundError,
    "IO": OSError,
    "DEADLINE": TimeoutError,
    "MEMORY": MemoryError,
}


def _filled(status: int, **fields: Any) -> Any:
    cdata = struct("spdl_error")
    cdata.status = status
    cdata.item = cdata.byte_offset = -1
    cdata.pts = math.nan
    for name, value in fields.items():
        setattr(cdata, name, value)
    return cdata


@pytest.mark.parametrize("constant", STATUSES)
def test_each_status_has_a_public_class(constant: str) -> None:
    cls = errors.ERRORS[STATUSES[constant]]
    assert getattr(spdl.io, cls.__name__) is cls
    assert cls.__name__ in spdl.io.__all__
    assert cls.__doc__
    assert issubclass(cls, spdl.io.SPDLError)
    assert issubclass(cls, RuntimeError)
    assert issubclass(cls, ALSO.get(constant, RuntimeError))
    error = errors.from_struct(_filled(STATUSES[constant], message=b"why"))
    assert type(error) is cls
    assert str(error) == "why"
    assert error.status == STATUSES[constant]
    assert cls("made in Python").status == STATUSES[constant]


def test_a_status_without_a_class_gets_one() -> None:
    cls = errors._class_for("NO_SUCH_THING")
    try:
        assert cls.__name__ == "NoSuchThingError"
        assert cls.__bases__ == (spdl.io.SPDLError,)
        assert pickle.loads(pickle.dumps(cls("why"))).args == ("why",)
    finally:
        del errors.NoSuchThingError  # type: ignore[attr-defined]


def test_fields() -> None:
    cdata = _filled(
        STATUSES["CORRUPT"],
        origin=constants("SPDL_ORIGIN_")["DECODE"],
        item=3,
        pts=1.5,
        byte_offset=70,
        native_code=-9,
        message="Sörce is \udc80 broken".encode("utf-8", "surrogateescape"),
    )
    error = errors.from_struct(cdata, "name")
    assert isinstance(error, spdl.io.CorruptError)
    assert (error.origin, error.source, error.item) == ("decode", "name", 3)
    assert (error.pts, error.byte_offset, error.native_code) == (1.5, 70, -9)
    assert str(error) == "Sörce is \\x80 broken"
    unknown = errors.from_struct(_filled(STATUSES["CORRUPT"], message=b"x"))
    assert (unknown.item, unknown.pts, unknown.byte_offset) == (None, None, None)
    assert (unknown.origin, unknown.source, unknown.native_code) == ("none", None, 0)


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("constant", STATUSES)
def test_errors_pickle(constant: str, again: Any) -> None:
    cdata = _filled(STATUSES[constant], item=3, pts=2.5, native_code=-2, message=b"why")
    error: Any = errors.from_struct(cdata, "the name", "the/path")
    copied = again(error)
    assert type(copied) is type(error)
    assert copied.args == ("why",)
    assert str(copied) == "why"
    assert vars(copied) == vars(error)
    if isinstance(error, OSError):
        assert (copied.errno, copied.filename) == (2, "the/path")
        assert copied.strerror == "No such file or directory"


def test_ffmpeg_codes_are_no_errno() -> None:
    error = errors.from_struct(_filled(STATUSES["IO"], native_code=-541478725, message=b"eof"))
    assert isinstance(error, OSError)
    assert error.errno is None
    assert error.native_code == -541478725


def test_failures_pickle_without_the_data() -> None:
    inner = spdl.io.CorruptError("broken", source="<Bytes: 0x10>")
    path = Path("a.jpg")
    failures: list[errors.Failure] = [(0, path, inner), (2, memoryview(b"data"), inner)]
    error = spdl.io.BatchError("Failed to load some images.", failures=failures)
    copied = pickle.loads(pickle.dumps(error))
    assert isinstance(copied, spdl.io.BatchError)
    assert [(index, source) for index, source, _ in copied.failures] == [
        (0, path),
        (2, "<Bytes: 0x10>"),
    ]
    assert all(isinstance(reason, spdl.io.CorruptError) for _, _, reason in copied.failures)
    assert error.failures == failures


def test_the_text_names_the_first_failures(tmp_path: Path) -> None:
    missing = [tmp_path / f"{index}.jpg" for index in range(5)]
    with pytest.raises(spdl.io.BatchError) as caught:
        spdl.io.load_image_batch(missing, width=8, height=8)
    text = str(caught.value)
    assert text.startswith("Failed to load all the images. 5 of 5: [0] Failed to open the input: ")
    assert all(str(path) in text for path in missing[:3])
    assert text.endswith("; and 2 more")
    assert [index for index, _, _ in caught.value.failures] == [0, 1, 2, 3, 4]
