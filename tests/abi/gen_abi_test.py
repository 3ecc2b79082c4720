# SPDX-License-Identifier: BSD-2-Clause
"""gen_abi.py refuses bad headers, and derives the right things from good ones.

usage: gen_abi_test.py SOURCE_ROOT
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv.pop(1)) / "libspdl/scripts"))

import gen_abi

ABI_H = """\
/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPDL_ABI_H
#define SPDL_ABI_H
#define SPDL_ABI_VERSION 7
#define SPDL_API
#define SPDL_NOEXCEPT
#define SPDL_BEGIN_DECLS
#define SPDL_END_DECLS
#endif
"""

NOISE_H = """\
/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPDL_NOISE_H
#define SPDL_NOISE_H

#include <stdint.h>

#include "abi.h"

SPDL_BEGIN_DECLS

typedef int32_t spdl_status;
typedef struct spdl_queue spdl_queue;
typedef struct spdl_noise spdl_noise; /* A handle; */

enum {
  SPDL_NOISE_LOUD = 1 << 3, /**< With a shift. */
  SPDL_KIND_NOISE = -2
};

typedef struct spdl_error {
  uint32_t struct_size;
  char message[10];
} spdl_error;

typedef struct spdl_noise_options {
  uint32_t struct_size;
  const char *name;
  double level;
} spdl_noise_options;

/** Make noise.
 * @param size in bytes.
 * @return SPDL_OK.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_noise_make(const void *data, uint64_t size,
                                     const spdl_noise_options *options, spdl_noise **out_noise,
                                     spdl_error *err) SPDL_NOEXCEPT;
/** spdl_noise_make() on a queue: completes with SPDL_KIND_NOISE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_noise_make_submit(spdl_queue *queue, uint64_t tag, const void *data,
                                            uint64_t size, const spdl_noise_options *options,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** @return its level.
 * @threads safe. @since 0.1 */
SPDL_API double spdl_noise_get_level(const spdl_noise *noise, const char *name) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_noise_free(spdl_noise *noise) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_queue_free(spdl_queue *queue) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_NOISE_H */
"""

SPDL_H = """\
/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPDL_SPDL_H
#define SPDL_SPDL_H
#include "noise.h"
#endif
"""

# What to change in noise.h, and what gen_abi.py must say.
BAD = [
    ("uint64_t size,\n", "bool size,\n", "type bool is not allowed"),
    ("uint64_t size,\n", "long size,\n", "type long is not allowed"),
    ("uint64_t size,\n", "int size,\n", "type int is not allowed"),
    ("uint64_t size,\n", "unsigned long size,\n", "needs a type of one word"),
    ("uint64_t size,\n", "enum spdl_kind size,\n", "needs a type of one word"),
    ("uint64_t size,\n", "spdl_error size,\n", "type spdl_error is not allowed"),
    ("SPDL_API double", "SPDL_API const char *", "type const char * is not allowed"),
    ("  double level;", "  bool level;", "spdl_noise_options.level: type bool is not allowed"),
    ("  uint32_t struct_size;\n  const", "  const", "must begin with `uint32_t struct_size`"),
    ("1 << 3", "", "SPDL_NOISE_LOUD needs an explicit value"),
    ("  SPDL_KIND_NOISE = -2", "  SPDL_KIND_NOISE", "SPDL_KIND_NOISE needs an explicit value"),
    ("SPDL_NOISE_LOUD", "NOISE_LOUD", "NOISE_LOUD must be named SPDL_UPPER_CASE"),
    ("spdl_noise_get_level", "noise_get_level", "must be named spdl_lower_case"),
    ("spdl_noise_get_level", "spdl_noise_getLevel", "must be named spdl_lower_case"),
    (" * @return SPDL_OK.\n", "", "spdl_noise_make: doc comment lacks @return"),
    ("/** @return its level.\n * @threads safe. @since 0.1 */\n", "", "needs a doc comment"),
    ("its level.\n * @threads safe. ", "its level.\n * ", "doc comment lacks @threads"),
    ("its level.\n * @threads safe. @since 0.1", "its level.\n * @threads safe.", "lacks @since"),
    ("@param size", "@param length", "describes length, which is not a parameter"),
    ("spdl_noise **out_noise,", "spdl_noise **out_noise, uint32_t flags,", "inputs come before"),
    ("const char *name) ", "spdl_error *err, const char *name) ", "err must be the last parameter"),
    ("SPDL_API double", "SPDL_API spdl_status", "takes `spdl_error *err` last"),
    ("queue, uint64_t tag, const void", "queue, const void", "must be those of spdl_noise_make"),
    ("uint64_t size, const spdl", "const spdl", "must be those of spdl_noise_make"),
    ("on a queue: completes with SPDL_KIND_NOISE", "on a queue", "must say `completes with"),
    ("completes with SPDL_KIND_NOISE", "completes with SPDL_KIND_X", "must say `completes with"),
    ("spdl_noise_make_submit", "spdl_noise_do_submit", "has no blocking form"),
    ("void spdl_noise_free", "void spdl_noise_end", "spdl_noise has no spdl_noise_free()"),
    ("SPDL_BEGIN_DECLS\n", "SPDL_BEGIN_DECLS\n#if 1\n#endif\n", "only abi.h may hold"),
    ("SPDL_BEGIN_DECLS\n", "SPDL_BEGIN_DECLS\n#define X 1\n", "only abi.h may hold"),
    ("SPDL_BEGIN_DECLS\n", "", "must stand between SPDL_BEGIN_DECLS and SPDL_END_DECLS"),
    ("SPDL_BEGIN_DECLS\n", "SPDL_BEGIN_DECLS\nstatic int x;\n", "not in the subset of C"),
    ("SPDL_BEGIN_DECLS\n", "SPDL_BEGIN_DECLS\ntypedef struct spdl_a spdl_b;\n", "differ in name"),
    ("SPDL_BEGIN_DECLS\n", "SPDL_BEGIN_DECLS\n" + "\n" * 250, "a header has at most 250"),
    ("<stdint.h>", "<stdbool.h>", "includes stdbool.h"),
    ("SPDL_NOISE_H\n", "NOISE_H\n", "the include guard must be SPDL_NOISE_H"),
    ("/* SPDX", "/* Copyright", "the first line must be the SPDX line"),
]


def generate(noise: str, folder: Path, umbrella: str = SPDL_H) -> tuple[int, str]:
    """The exit code and what was said."""
    headers = {"abi.h": ABI_H, "noise.h": noise, "spdl.h": umbrella}
    for name, text in headers.items():
        (folder / name).write_text(text, encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = gen_abi.main(["--out", str(folder), *(str(folder / name) for name in headers)])
    return code, said.getvalue()


class BadHeaders(unittest.TestCase):
    def test_each_is_refused_with_its_reason(self) -> None:
        for old, new, message in BAD:
            with self.subTest(change=(old, new)), tempfile.TemporaryDirectory() as folder:
                self.assertIn(old, NOISE_H)
                code, said = generate(NOISE_H.replace(old, new, 1), Path(folder))
                self.assertEqual(code, 1, said)
                self.assertIn(message, said)
                self.assertFalse((Path(folder) / "_abi.py").exists())

    def test_the_umbrella_includes_every_header(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            code, said = generate(NOISE_H, Path(folder), SPDL_H.replace('#include "noise.h"\n', ""))
        self.assertEqual(code, 1)
        self.assertIn("spdl.h: does not include noise.h", said)

    def test_a_problem_names_its_line(self) -> None:
        line = NOISE_H.split("\n").index("typedef struct spdl_noise spdl_noise; /* A handle; */")
        with tempfile.TemporaryDirectory() as folder:
            _, said = generate(NOISE_H.replace("spdl_noise_free", "spdl_noise_end"), Path(folder))
        self.assertIn(f"noise.h:{line + 1}: ", said)


class GoodHeaders(unittest.TestCase):
    results: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        with tempfile.TemporaryDirectory() as folder:
            code, said = generate(NOISE_H, Path(folder))
            assert code == 0, said
            names = ["_abi.py", "_abi.pyi", "spdl.map", "abi_layout.h", "abi.json"]
            cls.results = {name: (Path(folder) / name).read_text() for name in names}

    def test_the_module_needs_no_parser(self) -> None:
        code = f"{self.results['_abi.py']}\nimport sys\nassert 'pycparser' not in sys.modules\n"
        code += "assert 'cffi' not in sys.modules and SPDL_ABI_VERSION == 7\n"
        code += "assert ffi.sizeof('spdl_noise_options') == 24\n"
        code += "assert ffi.integer_const('SPDL_NOISE_LOUD') == 8\n"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_the_stub_has_types(self) -> None:
        stub = self.results["_abi.pyi"]
        self.assertIn("SPDL_ABI_VERSION: Final = 7", stub)
        self.assertIn("SPDL_NOISE_LOUD: Final[int]", stub)
        level = "def spdl_noise_get_level(self, noise: CData, name: CData | bytes, /) -> float: ..."
        self.assertIn(level, stub)
        self.assertIn("def spdl_noise_free(self, noise: CData, /) -> None: ...", stub)

    def test_the_version_script_names_each_function(self) -> None:
        script = self.results["spdl.map"].split()
        names = [name for name in script if name.startswith("spdl_")]
        self.assertEqual(script[0], "SPDL_7")
        self.assertEqual(script[-3:], ["local:", "*;", "};"])
        self.assertEqual(
            names,
            [
                "spdl_noise_make;",
                "spdl_noise_make_submit;",
                "spdl_noise_get_level;",
                "spdl_noise_free;",
                "spdl_queue_free;",
            ],
        )

    def test_the_layout_has_sizes_offsets_and_values(self) -> None:
        rows = self.results["abi_layout.h"].split("\n")
        for row in (
            "SIZE(spdl_noise_options, 24)",
            "FIELD(spdl_noise_options, level, 16, 8)",
            "FIELD(spdl_error, message, 4, 10)",
            "CONSTANT(SPDL_NOISE_LOUD, 8)",
            "CONSTANT(SPDL_KIND_NOISE, -2)",
            "CONSTANT(SPDL_ABI_VERSION, 7)",
        ):
            self.assertIn(row, rows)

    def test_the_names_are_listed_by_header(self) -> None:
        names = json.loads(self.results["abi.json"])
        self.assertEqual(names["abi_version"], 7)
        self.assertEqual(names["headers"]["noise.h"]["handles"], ["spdl_queue", "spdl_noise"])


if __name__ == "__main__":
    unittest.main()
