# SPDX-License-Identifier: BSD-2-Clause
"""Modules that annotations name, without the time that importing them takes."""

from __future__ import annotations

import importlib
from typing import Any


class ImportedLater:
    """Stands for a module, which is imported when one of its names is looked up.

    Annotations are strings, so only `typing.get_type_hints` and its like look them up. What is not
    installed, or has no such name, is `Any`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return getattr(importlib.import_module(self._name), name)
        except (ImportError, AttributeError):
            return Any
