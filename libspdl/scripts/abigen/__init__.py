# SPDX-License-Identifier: BSD-2-Clause
"""Reads the public headers and writes what is derived from them: see `gen_abi.py`."""
