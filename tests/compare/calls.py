# SPDX-License-Identifier: BSD-2-Clause
"""Typical calls of ``spdl.io``, as its users write them, run by whichever package is installed.

``python calls.py MEDIA OUT`` runs each of them on the files of a folder and pickles what they give:
plain values and arrays, or the error. It uses nothing that only one of the packages has.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import spdl.io

Call = Callable[[Path], Any]
CALLS: dict[str, Call] = {}


def call(function: Call) -> Call:
    """One typical call: a folder of media → what is compared."""
    assert function.__name__ not in CALLS
    CALLS[function.__name__] = function
    return function


def array(frames: Any) -> Any:
    """Frames, or a list of them, as an array."""
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


def loaded(buffer: Any) -> Any:
    return spdl.io.to_numpy(buffer)


def attributes(thing: Any, *names: str) -> dict[str, Any]:
    return {name: plain(getattr(thing, name)) for name in names}


def plain(value: Any) -> Any:
    """Rationals as pairs, whatever class a package has for them."""
    if hasattr(value, "numerator") and hasattr(value, "denominator") and not isinstance(value, int):
        return (value.numerator, value.denominator)
    return tuple(map(plain, value)) if isinstance(value, (tuple, list)) else value


CATCHABLE = (FileNotFoundError, IndexError, KeyError, RuntimeError, TypeError, ValueError)


def error_of(function: Callable[[], Any], begins: int = 0) -> dict[str, Any]:
    """Which `except` clauses would catch its error, and how the text begins."""
    try:
        result = function()
    except Exception as error:
        caught_by = {kind.__name__ for kind in CATCHABLE if isinstance(error, kind)}
        return {"caught_by": caught_by or {type(error).__name__}, "text": str(error)[:begins]}
    return {"no error": repr(type(result))}


def run(media: Path) -> dict[str, Any]:
    results = {}
    warnings.simplefilter("ignore")
    for name, function in CALLS.items():
        try:
            results[name] = function(media)
        except Exception as error:
            results[name] = {"raised": type(error).__name__, "text": str(error)[:300]}
    return results


def main() -> None:
    # Each of these adds its calls.
    for part in ("demuxing", "decoding", "converting", "loading", "encoding"):
        __import__(f"calls_{part}")
    results = run(Path(sys.argv[1]))
    Path(sys.argv[2]).write_bytes(pickle.dumps(results))


if __name__ == "__main__":
    # The parts import this module by its name: they must find the same one.
    sys.modules["calls"] = sys.modules["__main__"]
    main()
