# SPDX-License-Identifier: BSD-2-Clause
"""The README and the pages of docs/: examples run, links lead somewhere, nothing is missing.

Examples in Python run page by page in a folder with four samples. A block with prompts is a
doctest; in any other, what stands after a `print(...)` as a comment must be printed. Blocks in C
that have a `main` are compiled, linked and run.
"""

from __future__ import annotations

import doctest
import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sanitizer

import spdl.io
from spdl._native import library

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HEADERS = sorted((ROOT / "include/spdl").glob("*.h"))
# Pages of the same name hold for the headers; these two have no stage.
PAGE_OF = {"types": "library", "spdl": None, "abi": None}

SAMPLES = {
    "sample.jpg": "jpeg_420.jpg",
    "sample.png": "png_rgb24.png",
    "sample.mp4": "both.mp4",
    "sample.wav": "s16.wav",
}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """(line number, text) of the fenced blocks in a language."""
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start(1)), match[1]


def has_blocks(language: str) -> list[Any]:
    found = [page for page in PAGES if any(blocks(page, language))]
    return [pytest.param(page, id=name_of(page)) for page in found]


@pytest.fixture
def _samples(
    media_path: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sample, name in SAMPLES.items():
        shutil.copyfile(media_path(name), tmp_path / sample)
    monkeypatch.chdir(tmp_path)


def run_doctest(page: Path, line: int, text: str, names: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(text, names, name_of(page), str(page), line)
    output = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    results = runner.run(test, out=output.write, clear_globs=False)
    names.update(test.globs)
    assert results.attempted
    assert not results.failed, output.getvalue()


def run_program(page: Path, line: int, text: str, printed: Callable[[], str]) -> None:
    padded = "\n" * line + text  # For the line numbers of a traceback.
    exec(compile(padded, str(page), "exec"), {"__name__": "__main__"})
    output = printed()
    for expected in re.findall(r"print\(.*\)  # (.+)", text):
        assert expected in output


@pytest.mark.usefixtures("_samples")
@pytest.mark.parametrize("page", has_blocks("python"))
def test_python(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for line, text in blocks(page, "python"):
        if text.startswith(">>>"):
            run_doctest(page, line, text, names)
        else:
            run_program(page, line, text, lambda: capsys.readouterr().out)


C_OUTPUT = {
    "README.md": r"160 x 120 pixels at 0x[0-9a-f]+\n",
    "docs/abi.md": r"30 packets\n",
    "docs/queue.md": r"(sample\.(jpg|png): 160 x 120\n){2}.*missing\.jpg \(No such file.*\n",
    "docs/trace.md": r"",
}


@pytest.mark.usefixtures("_samples")
@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.skipif(sanitizer.TSAN, reason="the compiler does not run with ThreadSanitizer in it")
@pytest.mark.parametrize("page", has_blocks("c"))
def test_c(page: Path) -> None:
    programs = [text for _, text in blocks(page, "c") if "int main" in text]
    if not programs:
        pytest.skip("no block is a whole program")
    (program,) = programs
    Path("program.c").write_text(program, encoding="utf-8")
    built = Path(library.path)
    warnings = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    # A sanitizer's library lacks symbols that are preloaded, to the program as well.
    link = [str(built), f"-Wl,-rpath,{built.parent}", "-Wl,--allow-shlib-undefined"]
    command = ["cc", *warnings, f"-I{ROOT / 'include'}", "program.c", *link, "-o", "program"]
    subprocess.run(command, check=True)
    done = subprocess.run(["./program"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Jobs complete in any order.
    lines = "".join(sorted(done.stdout.splitlines(True), key=lambda line: "missing" in line))
    assert re.fullmatch(C_OUTPUT[name_of(page)], lines), lines


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        file = page.parent / path if path else page
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [title.lower().replace(" ", "-") for title in titles], target


def test_every_public_name_of_python_is_described() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    described = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    assert not sorted(set(spdl.io.__all__) - described)


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
def test_every_function_of_c_is_on_its_page(header: Path) -> None:
    declared = set(re.findall(r"SPDL_API [^;]*?\b(spdl_\w+)\(", header.read_text(encoding="utf-8")))
    page = PAGE_OF.get(header.stem, header.stem)
    if page is None:
        assert not declared
        return
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert not sorted(declared - set(re.findall(r"`(spdl_\w+)`", text)))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_speaks_of_functions_that_are_gone(page: Path) -> None:
    headers = "".join(header.read_text(encoding="utf-8") for header in HEADERS)
    known = set(re.findall(r"\bspdl_\w+", headers)) | {"spdl_backend"}
    assert not sorted(set(re.findall(r"\bspdl_\w+", page.read_text(encoding="utf-8"))) - known)
