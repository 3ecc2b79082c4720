# SPDX-License-Identifier: BSD-2-Clause
"""Finding the library, importing the package, and what the package must not do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tools

import spdl
import spdl.io.library
import spdl.io.utils
from spdl._native import library

SOURCES = Path(__file__).resolve().parents[2] / "spdl"


def _python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_variable_overrides_and_the_error_names_it() -> None:
    run = _python("import spdl.io", SPDL_LIBRARY="/no/such/libspdl.so")
    assert run.returncode == 1
    assert "ImportError: The library of spdl cannot be opened: " in run.stderr
    assert "/no/such/libspdl.so" in run.stderr


def test_a_library_that_is_none_of_ours() -> None:
    run = _python("import spdl.io", SPDL_LIBRARY="libc.so.6")
    assert run.returncode == 1
    assert "ImportError: The library of spdl cannot be opened: " in run.stderr
    assert "spdl_abi_version" in run.stderr


def test_a_copy_elsewhere_is_found_by_the_variable(tmp_path: Path) -> None:
    path = tmp_path / "another.so"
    path.write_bytes(Path(library.path).resolve().read_bytes())
    code = "from spdl._native import library; print(library.path)"
    run = _python(code, SPDL_LIBRARY=str(path))
    assert run.stdout.strip() == str(path)


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the sources of the package are not here")
def test_bare_sources_say_what_to_do() -> None:
    code = f"import sys; sys.path[:] = [{str(SOURCES.parent)!r}, *sys.path[1:]]\n"
    # An editable install has a finder that comes before the path.
    code += "sys.meta_path = [f for f in sys.meta_path if 'mesonpy' not in type(f).__module__]\n"
    code += "sys.meta_path = [f for f in sys.meta_path if 'editable' not in type(f).__module__]\n"
    run = _python(code + "import spdl.io", PYTHONPATH="")
    assert run.returncode == 1
    (message,) = [line for line in run.stderr.splitlines() if line.startswith("ImportError: ")]
    assert str(SOURCES) in message
    assert "pip install" in message
    assert "During handling" not in run.stderr


def test_import_is_lazy() -> None:
    code = "import sys, spdl.io; print(*(m in sys.modules for m in ('numpy', 'torch', 'asyncio')))"
    assert _python(code).stdout.split() == ["False", "False", "False"]


def test_versions() -> None:
    assert spdl.__version__ == spdl.io.__version__ == spdl.io.library.get_version()
    versions = spdl.io.utils.get_ffmpeg_versions()
    assert sorted(versions) == [
        "libavcodec",
        "libavfilter",
        "libavformat",
        "libavutil",
        "libswresample",
        "libswscale",
    ]
    assert versions["libavcodec"] >= (59, 0, 0)
    assert spdl.io.library.get_ffmpeg_release()
    assert "GPL" in spdl.io.library.get_ffmpeg_license()


def test_features() -> None:
    utils = spdl.io.utils
    built_with = [utils.built_with_cuda(), utils.built_with_nvcodec(), utils.built_with_nvjpeg()]
    assert all(isinstance(one, bool) for one in built_with)
    if not built_with[0]:
        assert built_with == [False] * 3
        with pytest.raises(spdl.io.UnsupportedError, match="this build"):
            spdl.io.cpu_storage(1, pin_memory=True)


def test_filters() -> None:
    names = spdl.io.utils.get_ffmpeg_filters()
    text = tools.run(["ffmpeg", "-hide_banner", "-filters"]).decode()
    listed = re.findall(r"^ [T.][S.][C.] (\S+) +\S+->\S+ ", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 100
    assert set(listed) <= set(names)


def test_log_level() -> None:
    assert spdl.io.utils.get_ffmpeg_log_level() == 0
    spdl.io.utils.set_ffmpeg_log_level(16)
    try:
        assert spdl.io.utils.get_ffmpeg_log_level() == 16
    finally:
        spdl.io.utils.set_ffmpeg_log_level(0)


def test_number_of_threads() -> None:
    default = spdl.io.get_num_threads()
    try:
        spdl.io.set_num_threads(3)
        assert spdl.io.get_num_threads() == 3
        for wrong in (-1, 4097, 2**40):
            with pytest.raises(ValueError, match=r"4096|threads"):
                spdl.io.set_num_threads(wrong)
        assert spdl.io.get_num_threads() == 3
    finally:
        spdl.io.set_num_threads(None)
    assert spdl.io.get_num_threads() == default
    run = _python("import spdl.io; print(spdl.io.get_num_threads())", SPDL_NUM_THREADS="5")
    assert run.stdout.strip() == "5"


def test_no_python_runs_on_a_worker() -> None:
    """Only cffi's callbacks and handles could bring it there."""
    package = Path(spdl.__file__).parent
    files = sorted(package.rglob("*.py"))
    assert len(files) > 20
    for file in files:
        text = file.read_text()
        for word in ("callback", "new_handle", "def_extern", "CFUNCTYPE"):
            assert f"ffi.{word}" not in text, file
            assert f"ctypes.{word}" not in text, file


def test_public_names() -> None:
    for name in spdl.io.__all__:
        public = getattr(spdl.io, name)
        assert public.__doc__, name
        assert public.__name__.rpartition(".")[2] == name
    operations = {name.removeprefix("async_") for name in spdl.io.__all__ if "async_" in name}
    operations.discard("run_async")
    assert operations == {
        "apply_bsf",
        "convert_frames",
        "decode_packets",
        "demux_audio",
        "demux_image",
        "demux_video",
        "encode_image",
        "iter_tarfile",
        "load_audio",
        "load_audio_batch",
        "load_image",
        "load_image_batch",
        "load_npy",
        "load_npz",
        "load_video",
        "load_video_batch",
        "load_wav",
        "probe",
        "sample_decode_video",
        "save_image",
        "streaming_decode_packets",
    }
    assert operations <= set(spdl.io.__all__)
