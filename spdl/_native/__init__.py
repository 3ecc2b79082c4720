# SPDX-License-Identifier: BSD-2-Clause
"""The binding: the only part of spdl that knows cffi and the C library.

`library` opens it, `errors` turns statuses into exceptions, `handle` and `memory` own what crosses
the border. An `operation` is planned once; `plan` makes public functions of it, which `wait` for a
`queue` or await it (`aio`).
"""
