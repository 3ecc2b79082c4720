# SPDX-License-Identifier: BSD-2-Clause
"""The examples of the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import spdl.io
from spdl._native import limits

NAMES = [spdl.io.__name__, *(f"spdl.io.{m.name}" for m in pkgutil.iter_modules(spdl.io.__path__))]
SAMPLES = {"sample.jpg": "jpeg_420.jpg", "sample.mp4": "both.mp4", "sample.wav": "s16.wav"}
# Modules of operations; the others hold values, whose docstrings are short.
WITH_EXAMPLES = {
    "batch",
    "buffer",
    "convert",
    "decode",
    "demux",
    "demuxer",
    "filter",
    "filter_graph",
    "graph_source",
    "image",
    "load",
    "npy",
    "npz",
    "muxer",
    "probe",
    "queue",
    "storage",
    "tar",
    "trace",
    "wav",
    "reference",
}


@pytest.fixture
def _samples(
    media_path: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sample, name in SAMPLES.items():
        (tmp_path / sample).write_bytes(media_path(name).read_bytes())
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_samples")
@pytest.mark.parametrize("name", [*NAMES, limits.__name__])
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.DocTestFinder().find(module, extraglobs={"spdl": spdl})
    runner = doctest.DocTestRunner(verbose=False)
    output = io.StringIO()
    for test in found:
        runner.run(test, out=output.write)
    results = runner.summarize(verbose=False)
    assert not results.failed, output.getvalue()
    assert results.attempted or name.rpartition(".")[2] not in WITH_EXAMPLES
