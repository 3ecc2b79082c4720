# SPDX-License-Identifier: BSD-2-Clause
"""Media files into arrays. The functions are in `spdl.io`."""

from __future__ import annotations

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from ._native import library

        return library.version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
